//! `plain.after-owner`: the legitimate read just after the victim made its own.

use crate::attack::{Attack, Attempt, Ground, Scope};

/// The legitimate read just after the victim made its own.
pub(in crate::attack) struct AfterOwner;

const DOC: &str = "\
## What it does
The victim makes its own call; at once the attacker makes *its* own legitimate call on the same route. Nothing in it is
foreign: what crosses was kept from the victim's answer.

## Why teams fall for it
The cache's key lacks the tenant, because it lives on a parent object or is just `all_items` (RL-48); data loaders are made
once per worker (RL-50); the first tenant's id is baked into a cached query model (RL-52). Whoever tests with one tenant, or
one call at a time, sees a correct answer.

## A correct target
Answers the attacker as if the victim had never asked.

## Example
    GET /analytics/overview     as victim, fills the cache
    GET /analytics/overview     as attacker
";

impl Attack for AfterOwner {
    fn id(&self) -> &'static str {
        "plain.after-owner"
    }

    fn title(&self) -> &'static str {
        "the legitimate read just after the victim made its own"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !ground.route.is_safe() {
            return Vec::new();
        }
        let warm = Attempt::plain("warm", ground.own_call.clone());
        vec![warm.after(ground.victim_call)]
    }
}
