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
            // As with other forged tokens, the attacker's cookies would tell who it is.
            let forged = |signature: Signature| {
                twice(ground.as_victim(), signature).each(|mut call| {
                    call.tampering.without_cookies = true;
                    call
                })
            };
            let unsigned = forged(Signature::None("none".to_owned()));
            all.push(unsigned.named(format!("{order}, unsigned")));
            let stale = forged(Signature::Stale);
            all.push(stale.named(format!("{order}, old signature")));
            if can_compare(ground) {
                let own = Attempt::plain(format!("{order}, genuine"), ground.own_call.clone());
                all.push(twice(own, Signature::Genuine).promised());
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attack::testing;

    #[test]
    fn what_is_forged_comes_without_cookies_that_would_tell_who_it_is() {
        let attempts = ClaimTwice.attempts(&testing::list().ground());
        let is_genuine = |attempt: &Attempt| attempt.variant.ends_with("genuine");
        assert!(attempts.iter().any(is_genuine));
        assert!(!attempts.iter().all(is_genuine));
        for attempt in &attempts {
            let bare = attempt.call.tampering.without_cookies;
            assert_eq!(bare, !is_genuine(attempt), "{}", attempt.variant);
        }
    }
}
