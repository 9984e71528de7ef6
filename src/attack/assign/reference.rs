//! `assign.reference`: a reference to a foreign row in a body.

use super::{exchanged_field, writes};
use crate::attack::body::field_name;
use crate::attack::id::{lists, mixed};
use crate::attack::{Absent, Attack, Attempt, Ground, Scope};
use crate::model::route::Place;

/// A reference to a foreign row in a body.
pub(in crate::attack) struct Reference;

/// Fields tried alone.
const FIELDS: usize = 8;

/// Fields tried that the own call leaves out, beside columns.
const ABSENT: usize = 4;

const DOC: &str = r#"## What it does
Puts the victim's id into each field of the body that points to another row, one at a time and all together, on create and
update, in nested objects and lists too; and adds columns that point to other rows and fields that the document declares,
which the own call leaves out. At most eight fields and columns, and four that are only declared.

## Why teams fall for it
The referenced row exists, so the database is content (RL-31); the right is proven for the row in the path, not for those in
the body (RL-30); a create at home has a side write next door (RL-32). What is stored is followed later, by a worker that
trusts it (RL-77, RL-81).

## A correct target
Refuses as it refuses an id that nobody has, or stores nothing.

## Example
    POST /bookings
    Authorization: Bearer <own token>

    {"serviceId": "<foreign id>", "date": "2030-01-01"}
"#;

impl Attack for Reference {
    fn id(&self) -> &'static str {
        "assign.reference"
    }

    fn title(&self) -> &'static str {
        "a reference to a foreign row in a body"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !writes(ground) {
            return Vec::new();
        }
        let declared: Vec<_> = ground
            .ids_in(Place::Body)
            .into_iter()
            .filter(|slot| ground.own_call.slot(&slot.at).is_some())
            .collect();
        let mut all: Vec<_> = declared
            .iter()
            .take(FIELDS)
            .filter_map(|slot| ground.exchange(&[slot]))
            .collect();
        if declared.len() > 1 {
            let together = ground.exchange(&declared);
            all.extend(together.map(|attempt| attempt.named("every reference")));
        }
        for (pointer, slot) in lists(ground) {
            all.extend(mixed(ground, &pointer, slot));
        }
        let undeclared = ground
            .references
            .iter()
            .filter(|slot| ground.own_call.slot(&slot.at).is_none());
        for slot in undeclared.take(FIELDS.saturating_sub(declared.len())) {
            let name = field_name(&slot.at.name);
            let attempt = exchanged_field(ground, slot, &name);
            all.extend(attempt.map(|attempt| attempt.named(format!("undeclared {name}"))));
        }
        let told = |absent: &&Absent| ground.references.iter().any(|s| s.at == absent.slot.at);
        let absent = ground.facts.absent.iter().filter(|a| !told(a));
        all.extend(
            absent
                .take(ABSENT)
                .filter_map(|absent| ground.added(absent)),
        );
        all
    }
}
