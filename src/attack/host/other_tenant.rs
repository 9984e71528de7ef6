//! `host.other-tenant`: the victim's address with own credentials.

use super::readdressed;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// The victim's address with own credentials.
pub(in crate::attack) struct OtherTenant;

const DOC: &str = "\
## What it does
Addresses the victim, by host, path segment or declared header, with the attacker's credentials: once with the attacker's own
ids, once with the victim's.

## Why teams fall for it
The tenant comes from the host, the user from the token; each half is validated alone, and nobody compares the two (RL-46).
The front end always sends the right one (RL-45). A guard that denies only `if (mine && row.tenant !== mine)` lets callers
without a tenant pass (RL-04).

## A correct target
Refuses: the caller is no member there. At most it answers as in the caller's own tenant.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <own token>
";

impl Attack for OtherTenant {
    fn id(&self) -> &'static str {
        "host.other-tenant"
    }

    fn title(&self) -> &'static str {
        "the victim's address with own credentials"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !ground.is_addressed() {
            return Vec::new();
        }
        let own = Attempt::plain("own ids", readdressed(ground, ground.own_call.clone()));
        let mut all = vec![own, ground.as_victim().named("foreign ids")];
        // On a list the two are one and the same call.
        all.dedup_by(|two, one| two.call == one.call);
        all
    }
}
