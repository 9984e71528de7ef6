//! `session.after-delete`: a row of the victim's just after it was deleted.

use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Call;

/// A row of the victim's just after it was deleted.
pub(in crate::attack) struct AfterDelete;

const DOC: &str = "\
## What it does
The victim reads one of its rows and deletes it, by the target's own route; at once the attacker asks for that row by its id,
or changes it. The row is taken back afterwards.

## Why teams fall for it
What is gone is found in another way than what is there: in a bin that is keyed by id alone, in a cache that nobody emptied
(RL-48: the key lacks the tenant), by a query for deleted rows that did not inherit the scope (RL-34); saving what is not
there makes it anew (RL-28). Ends are not ends (RL-72: the files outlive their tenant).

## A correct target
Answers as it does for an id that nobody has.

## Example
    GET /tasks/<foreign id>        as its owner, 200
    DELETE /tasks/<foreign id>     as its owner, 204
    GET /tasks/<foreign id>        as attacker
";

impl Attack for AfterDelete {
    fn id(&self) -> &'static str {
        "session.after-delete"
    }

    fn title(&self) -> &'static str {
        "a row of the victim's just after it was deleted"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let ids = ground.path_ids();
        let Some(deleting) = ground.deleting.filter(|_| !ids.is_empty()) else {
            return Vec::new();
        };
        let on_that_row = |call: &Call| {
            ids.iter().fold(call.clone(), |call, id| {
                let value = deleting.slot(&id.at);
                value.map_or(call.clone(), |value| call.with_slot(&id.at, &value))
            })
        };
        let mut attempt = Attempt::plain("deleted by its owner", on_that_row(ground.own_call));
        if ground.route.is_safe() {
            attempt = attempt.after(&on_that_row(ground.victim_call));
        }
        vec![attempt.after(deleting)]
    }
}
