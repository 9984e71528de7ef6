//! `cookie.replayed`: another user's cookie with the own session.

use super::cookies;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{CookieTampering, Seal, Sent};

/// Another user's cookie with the own session.
pub(in crate::attack) struct Replayed;

const DOC: &str = r#"## What it does
Sends the genuine cookie of a user of the victim's, which says the victim, with the attacker's own session, at the own address
and at the victim's. An attacker would need that cookie first: only a promise that the description makes for it
(`"cookie.replayed" = 403`) is judged. Tried on reads.

## Why teams fall for it
The seal shows that the cookie is genuine, and nobody asks whose it is: the signature is right, its bearer is not (RL-78,
RL-44: redeemed by whoever presents it). A cookie that binds no user is good for all, and outlives a log-out.

## A correct target
Seals the user in with the tenant, and refuses the cookie of another.

## Example
    GET /services
    Authorization: Bearer <own token>
    Cookie: tenant_sig=<genuine, of a user of the victim>
"#;

impl Attack for Replayed {
    fn id(&self) -> &'static str {
        "cookie.replayed"
    }

    fn title(&self) -> &'static str {
        "another user's cookie with the own session"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(victim) = ground.victim_actor.filter(|_| ground.route.is_safe()) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for cookie in cookies(ground) {
            let own = Attempt::plain("own address", ground.own_call.clone());
            let there = ground.as_victim().named("victim's address");
            let there = Some(there).filter(|_| ground.is_addressed());
            for attempt in std::iter::once(own).chain(there) {
                let replayed = attempt.titled(&format!("{}, ", cookie.name));
                all.push(replayed.promised().each(|mut call| {
                    call.tampering.cookie = Some(CookieTampering {
                        name: cookie.name.clone(),
                        of: Some(victim.id.clone()),
                        tenant: None,
                        seal: Seal::Stale,
                        sent: Sent::Alone,
                    });
                    call
                }));
            }
        }
        all
    }
}
