//! Family `token`: forged bearer tokens, genuine ones whose claims do not fit the address, and sessions that should be dead.
//!
//! Forged tokens name the victim and go to the victim's address: what an attacker would do who can forge. Genuine ones are
//! made only where the description gives the secret, and never to show data that their holder may see: those that name the
//! victim are judged by declared promises alone.

pub(super) mod alg_none;
pub(super) mod before_switch;
pub(super) mod claim_mismatch;
pub(super) mod claim_twice;
pub(super) mod claim_type;
pub(super) mod empty_signature;
pub(super) mod ended_membership;
pub(super) mod expired;
pub(super) mod jku;
pub(super) mod jwk;
pub(super) mod kid;
pub(super) mod not_yet_valid;
pub(super) mod public_key;
pub(super) mod role;
pub(super) mod tampered_payload;
pub(super) mod weak_secret;
pub(super) mod wrong_audience;
pub(super) mod wrong_issuer;

use serde_json::Value as Json;

use super::names::{Holds, holds, is_tenant, json, words};
use super::{Attempt, Facts, Ground};
use crate::model::call::{OwnKey, Signature, TokenTampering};
use crate::model::tenant::Tenant;

/// Claims to set, or to remove.
type Claims = Vec<(String, Option<Json>)>;

/// Claims that say who the user is, beside the names that the target has for one.
const USER_CLAIMS: &[&str] = &["sub", "uid", "user_id", "userId", "user"];

/// Whether the attacker has a token of the kind that can be taken apart.
fn has_token(ground: &Ground<'_>) -> bool {
    ground.has_credentials() && !ground.facts.token_claims.is_empty()
}

/// Whether genuine tokens can be set against an address.
fn can_compare(ground: &Ground<'_>) -> bool {
    has_token(ground) && ground.facts.can_sign && ground.is_addressed()
}

/// The claims that name the tenant: the one found out, and those that are called like one.
fn tenant_claims(facts: &Facts) -> Vec<String> {
    let mut names: Vec<String> = facts.tenant_claim.iter().map(|(n, _)| n.clone()).collect();
    for name in &facts.token_claims {
        if is_tenant(facts, name) && !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// What a tenant's claim of that name holds: as found out, else as the name says.
fn held_by(ground: &Ground<'_>, claim: &str, tenant: &Tenant) -> Json {
    let known = ground.facts.tenant_claim.as_ref();
    let held = match known.filter(|(name, _)| name == claim) {
        Some((_, true)) => Holds::Slug,
        Some((_, false)) => Holds::Key,
        None => holds(claim).first().copied().unwrap_or(Holds::Key),
    };
    match held {
        Holds::Key => json(&tenant.key),
        Holds::Slug => tenant.slug.clone().into(),
    }
}

/// The claims that make the victim the token's tenant; none where no claim names one.
fn victim_tenant(ground: &Ground<'_>) -> Claims {
    if !has_token(ground) {
        return Claims::new();
    }
    tenant_claims(ground.facts)
        .into_iter()
        .map(|name| {
            let value = held_by(ground, &name, ground.victim);
            (name, Some(value))
        })
        .collect()
}

/// The claims that make a user of the victim the token's user.
fn victim_user(ground: &Ground<'_>) -> Claims {
    let Some(actor) = ground.victim_actor.filter(|_| has_token(ground)) else {
        return Claims::new();
    };
    let names_user = |claim: &str| {
        let claim_words = words(claim);
        let listed = ground
            .facts
            .user_names
            .iter()
            .any(|n| words(n) == claim_words);
        listed || USER_CLAIMS.contains(&claim)
    };
    let mut claims = Claims::new();
    for claim in &ground.facts.token_claims {
        if let Some(value) = actor.fields.get(claim).filter(|_| claim == "email") {
            claims.push((claim.clone(), Some(value.as_str().into())));
        } else if let (true, Some(id)) = (names_user(claim), ground.victim_user()) {
            // By the standard `sub` is text, whatever the key is.
            let value = if claim == "sub" { id.into() } else { json(id) };
            claims.push((claim.clone(), Some(value)));
        }
    }
    claims
}

/// Keys that a forger brings along, with names by which variants stay apart.
const OWN_KEYS: &[(&str, OwnKey)] = &[
    ("key of the same kind", OwnKey::SameKind),
    ("Ed25519 key", OwnKey::Ed25519),
];

/// Forged tokens signed with each key of partywall's own, or with the first alone where whom they name is a second guess.
fn with_own_keys(ground: &Ground<'_>, signature: impl Fn(OwnKey) -> Signature) -> Vec<Attempt> {
    let mut all = Vec::new();
    for (index, (who, claims)) in forgeries(ground).into_iter().enumerate() {
        let most = if index == 0 { OWN_KEYS.len() } else { 1 };
        for (variant, key) in OWN_KEYS.iter().take(ground.afford(most)) {
            let attempt = forged(ground, claims.clone(), signature(*key));
            all.push(attempt.named(format!("{who}, {variant}")));
        }
    }
    all
}

/// Whom a forged token may name: the victim as tenant, and a user of the victim's with it.
fn forgeries(ground: &Ground<'_>) -> Vec<(&'static str, Claims)> {
    let tenant = victim_tenant(ground);
    let user = victim_user(ground);
    let mut all = Vec::new();
    if !tenant.is_empty() {
        all.push(("tenant", tenant.clone()));
    }
    if !user.is_empty() {
        all.push(("user", tenant.into_iter().chain(user).collect()));
    }
    all
}

/// The attempt with a token made from the attacker's own.
fn with_token(attempt: Attempt, claims: Claims, signature: Signature) -> Attempt {
    let token = TokenTampering {
        claims,
        twice: None,
        signature,
    };
    attempt.each(|mut call| {
        call.tampering.token = Some(token.clone());
        call
    })
}

/// The victim's call with a forged token, without the attacker's cookies: they would tell who it is.
fn forged(ground: &Ground<'_>, claims: Claims, signature: Signature) -> Attempt {
    with_token(ground.as_victim(), claims, signature).each(|mut call| {
        call.tampering.without_cookies = true;
        call
    })
}
