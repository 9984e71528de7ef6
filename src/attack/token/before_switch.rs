//! `token.before-switch`: a session from before a log-out or a tenant switch.

use crate::attack::{Attack, Attempt, Ground, Scope};

/// A session from before a log-out or a tenant switch.
pub(in crate::attack) struct BeforeSwitch;

const DOC: &str = "\
## What it does
The attacker logs out, or switches the tenant, and then makes its own call with the credentials from before. Nothing in it is
foreign: only a declared promise judges the answer. Tried where the target has such a route, on reads.

## Why teams fall for it
A signed token needs no look-up, so nobody looks whether it was given up: the log-out clears the browser alone, the switch
hands out a second token and leaves the first (RL-90).

## A correct target
Answers 401.

## Example
    POST /auth/logout     as attacker, 204
    GET /services         as attacker, with the same token
";

/// Of how many ways out the session is tried.
const WAYS: usize = 2;

impl Attack for BeforeSwitch {
    fn id(&self) -> &'static str {
        "token.before-switch"
    }

    fn title(&self) -> &'static str {
        "a session from before a log-out or a tenant switch"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !ground.route.is_safe() {
            return Vec::new();
        }
        let ways = ground.leaving.iter().take(WAYS);
        ways.map(|way| {
            let variant = format!("after {}", way.route);
            Attempt::plain(variant, ground.own_call.clone())
                .with_earlier_session(way)
                .promised()
        })
        .collect()
    }
}
