//! `cookie.unsealed`: the victim in the cookie, without a seal.

use super::{cookies, forged};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Seal, Sent};

/// The victim in the cookie, without a seal.
pub(in crate::attack) struct Unsealed;

const DOC: &str = "\
## What it does
Exchanges the own tenant for the victim in the cookie that says it, and sends it with an empty seal, and without any.

## Why teams fall for it
Cookies of the release before had no seal, and are still taken; an empty seal is compared as far as it goes. (A known hazard;
of the collection RL-78 is next of kin: unverified deliveries worked, too.)

## A correct target
Refuses a cookie without its seal.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <own token>
    Cookie: tenant_sig=<victim>.
";

impl Attack for Unsealed {
    fn id(&self) -> &'static str {
        "cookie.unsealed"
    }

    fn title(&self) -> &'static str {
        "the victim in the cookie, without a seal"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let seals = [("empty seal", Seal::Empty), ("no seal", Seal::Absent)];
        cookies(ground)
            .filter(|cookie| cookie.sealed)
            .flat_map(|cookie| {
                seals.iter().map(|(variant, seal)| {
                    forged(ground, &cookie.name, seal, Sent::Alone)
                        .named(format!("{}, {variant}", cookie.name))
                })
            })
            .collect()
    }
}
