//! `id.after-owner`: a foreign id just after the owner made the same call.

use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Call;

/// A foreign id just after the owner made the same call.
pub(in crate::attack) struct AfterOwner;

const DOC: &str = "\
## What it does
The victim asks for its own row; at once the attacker asks for the same. A cold cache refuses, a warm one may not.

## Why teams fall for it
The check sits behind the cache: the loader asks for rights when it loads, and only for the first caller (RL-50); the
validation of a key is cached without what it was valid for, and the database that would have refused is never asked
(RL-49); a cache in front keys by URL what depends on the caller (RL-53, RL-54).

## A correct target
Answers the attacker as it did while cold.

## Example
    GET /reports/<foreign id>     as its owner, 200
    GET /reports/<foreign id>     as attacker
";

impl Attack for AfterOwner {
    fn id(&self) -> &'static str {
        "id.after-owner"
    }

    fn title(&self) -> &'static str {
        "a foreign id just after the owner made the same call"
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
        // Not the own call with a foreign id: whatever a cache may key by must be as the owner had it.
        let attempt = ground.as_victim();
        if attempt.reaches.is_empty() {
            return Vec::new();
        }
        let own = ground.own_call;
        let tenant_segment = ground.facts.tenant_in_path.as_ref();
        let at_home = |mut call: Call| {
            call.tenant.clone_from(&own.tenant);
            call.tampering.clone_from(&own.tampering);
            if let Some((name, value)) = tenant_segment.and_then(|n| own.path.get_key_value(n)) {
                call.path.insert(name.clone(), value.clone());
            }
            call
        };
        let warm = attempt.named("warm").each(at_home);
        vec![warm.after(ground.victim_call)]
    }
}
