//! `id.nested-both`: every id in the call foreign, below the own tenant.

use crate::attack::Slot;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// Every id in the call foreign, below the own tenant.
pub(in crate::attack) struct NestedBoth;

const DOC: &str = "\
## What it does
Exchanges all ids of the call at once, in path, query and body, for ids of the victim that belong together. Only the tenant
that the call addresses stays the attacker's own.

## Why teams fall for it
A check that parent and child belong together holds each id alone, and both of them together pass it: nothing compares
the pair with the tenant (RL-01, RL-16: the org is loaded for the check and never compared).

## A correct target
Answers as it does for ids that nobody has.

## Example
    GET /workspaces/<own>/issues/<foreign issue>/comments/<foreign comment>
    Authorization: Bearer <own token>
";

impl Attack for NestedBoth {
    fn id(&self) -> &'static str {
        "id.nested-both"
    }

    fn title(&self) -> &'static str {
        "every id in the call foreign, below the own tenant"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let present = |slot: &&Slot| ground.own_call.slot(&slot.at).is_some();
        let ids: Vec<_> = ground.ids().into_iter().filter(present).collect();
        if ids.len() < 2 {
            return Vec::new();
        }
        ground
            .exchange(&ids)
            .map(|attempt| attempt.named("every id"))
            .into_iter()
            .collect()
    }
}
