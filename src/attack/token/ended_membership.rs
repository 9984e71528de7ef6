//! `token.ended-membership`: the session of somebody whose membership has ended.

use crate::attack::{Attack, Attempt, Ground, Scope};

/// The session of somebody whose membership has ended.
pub(in crate::attack) struct EndedMembership;

const DOC: &str = "\
## What it does
A colleague removes the attacker from the tenant, by the target's own route; then the attacker reads what it could read before,
with the session that it had. The tenant is foreign to it from then on. Tried where the target has such a route, on reads.

## Why teams fall for it
The membership is asked once, at the log-in, and stands in the token or the session from then on: a removed member's token goes
on working until it expires (RL-40).

## A correct target
Answers 401, 403 or 404, and shows nothing of the tenant.

## Example
    DELETE /team/<the attacker's membership>     as a colleague, 204
    GET /services                                as attacker, with the token from before
";

impl Attack for EndedMembership {
    fn id(&self) -> &'static str {
        "token.ended-membership"
    }

    fn title(&self) -> &'static str {
        "the session of somebody whose membership has ended"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(ending) = ground.ending.filter(|_| ground.route.is_safe()) else {
            return Vec::new();
        };
        let attempt = Attempt::plain("removed by a colleague", ground.own_call.clone());
        vec![Attempt {
            ends_membership: true,
            ..attempt.with_earlier_session(ending)
        }]
    }
}
