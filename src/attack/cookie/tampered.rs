//! `cookie.tampered`: the tenant exchanged in the cookie, under the old seal.

use super::{cookies, forged, with_cookie};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Seal, Sent};

/// The tenant exchanged in the cookie, under the old seal.
pub(in crate::attack) struct Tampered;

const DOC: &str = "\
## What it does
Exchanges the own tenant for the victim in the cookie that says it, and leaves the seal as it was: at the victim's address, and
on the own call. A cookie without a seal is forged alike.

## Why teams fall for it
The cookie was made so that the front end knows where it is, and some handler takes the tenant from it (RL-84: the active
organisation is one value that the client keeps); its seal is looked at in one of two places that read it, or there is none
(kin of RL-45: what the client says is not compared with memberships).

## A correct target
Refuses a cookie whose seal does not fit, and takes no tenant from one without a membership.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <own token>
    Cookie: tenant_sig=<victim, old seal>
";

impl Attack for Tampered {
    fn id(&self) -> &'static str {
        "cookie.tampered"
    }

    fn title(&self) -> &'static str {
        "the tenant exchanged in the cookie, under the old seal"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let mut all = Vec::new();
        for cookie in cookies(ground) {
            all.push(
                forged(ground, &cookie.name, &Seal::Stale, Sent::Alone)
                    .named(format!("{}, tenant", cookie.name)),
            );
            if ground.is_addressed() {
                let own = Attempt::plain(
                    format!("{}, tenant, own address", cookie.name),
                    ground.own_call.clone(),
                );
                all.push(own.each(|call| {
                    with_cookie(ground, call, &cookie.name, Seal::Stale, Sent::Alone)
                }));
            }
        }
        all.truncate(ground.afford(2));
        all
    }
}
