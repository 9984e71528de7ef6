//! `token.claim-twice`: a token whose tenant claim comes twice.

use super::{can_compare, held_by, victim_tenant, with_token};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A token whose tenant claim comes twice.
pub(in crate::attack) struct ClaimTwice;

const DOC: &str = r#"## What it does
Writes the tenant claim twice, the own value and the victim's, in both orders: unsigned and under the old signature to the
victim's address; genuinely signed at the own address where the description gives the secret (judged by declared promises
alone, since no attacker could have got it).

## Why teams fall for it
JSON does not say which of two equal names counts: the gate's parser takes the first, the handler's takes the last. Each half
is validated, alone (RL-46).

## A correct target
Refuses such a document, or reads it once and hands the result on.

## Example
    GET /services
    Authorization: Bearer <payload {"tenantId": "<own>", "tenantId": "<victim>"}>
"#;

impl Attack for ClaimTwice {
    fn id(&self) -> &'static str {
        "token.claim-twice"
    }

    fn title(&self) -> &'static str {
        "a token whose tenant claim comes twice"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some((name, value)) = victim_tenant(ground).into_iter().next() else {
            return Vec::new();
        };
        let victim = value.unwrap_or_default();
        let own = held_by(ground, &name, ground.own);
        let orders = [
            ("own then victim", own.clone(), victim.clone()),
            ("victim then own", victim, own),
        ];
        let mut all = Vec::new();
        for (order, first, last) in orders {
            let twice = |attempt: Attempt, signature: Signature| {
                let claims = vec![(name.clone(), Some(first.clone()))];
                with_token(attempt, claims, signature).each(|mut call| {
                    if let Some(token) = &mut call.tampering.token {
                        token.twice = Some((name.clone(), last.clone()));
                    }
                    call
                })
            };
            let unsigned = Signature::None("none".to_owned());
            all.push(twice(ground.as_victim(), unsigned).named(format!("{order}, unsigned")));
            let stale = twice(ground.as_victim(), Signature::Stale);
            all.push(stale.named(format!("{order}, old signature")));
            if can_compare(ground) {
                let own = Attempt::plain(format!("{order}, genuine"), ground.own_call.clone());
                all.push(twice(own, Signature::Genuine).promised());
            }
        }
        all
    }
}
