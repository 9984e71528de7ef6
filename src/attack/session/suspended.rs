//! `session.suspended`: a session of a tenant that was suspended.

use crate::attack::{Attack, Attempt, Ground, Scope};

/// A session of a tenant that was suspended.
pub(in crate::attack) struct Suspended;

const DOC: &str = r#"## What it does
Suspends the attacker's tenant in the database, as the description says (`[tenant] suspend`), makes the attacker's own call with
the session from before, and takes the suspension back. Nothing in it is foreign: only a declared promise
(`"session.suspended" = 403`) judges the answer. Tried on reads.

## Why teams fall for it
Whether the tenant is in good standing is asked at the log-in, and the session or token is good by itself from then on: what
it rests on is not asked again (RL-40).

## A correct target
Refuses what it promises to refuse, from the next call on.

## Example
    GET /services     as attacker, whose tenant was suspended a moment ago
"#;

impl Attack for Suspended {
    fn id(&self) -> &'static str {
        "session.suspended"
    }

    fn title(&self) -> &'static str {
        "a session of a tenant that was suspended"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let applies = ground.facts.can_suspend && ground.has_credentials();
        if !applies || !ground.route.is_safe() {
            return Vec::new();
        }
        let attempt = Attempt::plain("tenant suspended", ground.own_call.clone());
        vec![
            attempt
                .each(|mut call| {
                    call.tampering.suspended = true;
                    call
                })
                .promised(),
        ]
    }
}
