//! `token.claim-mismatch`: a genuine token of the victim at the own address.

use serde_json::json;

use super::{can_compare, held_by, victim_tenant, with_token};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A genuine token of the victim at the own address.
pub(in crate::attack) struct ClaimMismatch;

const DOC: &str = r#"## What it does
Where the description gives the secret and calls say which tenant they address, makes a genuine token whose tenant claim
names the victim, and calls the *own* address with it; the claim as a list of both tenants, too. No attacker could have got
such a token: only a declared promise judges the answer.

## Why teams fall for it
Tenant from the host, user from the token, nobody compares the two (RL-46). `host.other-tenant` shows what an attacker gains
by it; this one shows the comparison that is missing.

## A correct target
Refuses where it promises to: 403 for a token whose tenant is not the host's.

## Example
    GET /services
    Host: own.example.com
    Authorization: Bearer <genuine token with "tenantId": "<victim>">
"#;

impl Attack for ClaimMismatch {
    fn id(&self) -> &'static str {
        "token.claim-mismatch"
    }

    fn title(&self) -> &'static str {
        "a genuine token of the victim at the own address"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let claims = victim_tenant(ground);
        if !can_compare(ground) || claims.is_empty() {
            return Vec::new();
        }
        let both = claims
            .iter()
            .map(|(name, value)| {
                let own = held_by(ground, name, ground.own);
                (name.clone(), Some(json!([own, value])))
            })
            .collect();
        [("victim", claims), ("list of both", both)]
            .into_iter()
            .map(|(variant, claims)| {
                let own = Attempt::plain(variant, ground.own_call.clone());
                with_token(own, claims, Signature::Genuine).promised()
            })
            .collect()
    }
}
