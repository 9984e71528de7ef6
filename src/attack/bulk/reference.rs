//! `bulk.reference`: a reference to a foreign row in what a bulk route writes.

use super::with_item_field;
use crate::attack::Slot;
use crate::attack::body::{at, field_name, like, with_pointer};
use crate::attack::craft::shaped;
use crate::attack::shape::{Bulk, bulk};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::SlotRef;
use crate::model::pointer::escaped;
use crate::model::route::Place;

/// A reference to a foreign row in what a bulk route writes.
pub(in crate::attack) struct Reference;

/// Fields tried.
const FIELDS: usize = 6;

const DOC: &str = r#"## What it does
Puts the victim's id into each field of the data or of the rows of a bulk route that points to another row; and adds columns
that point to other rows and that the own call leaves out. At most six fields.

## Why teams fall for it
An import resolves parents from ids in the file, without the tenant (RL-37): they sit deep in it, are accepted now, and fail
or show later. The bulk twin lacks the check that its single-object sibling has (RL-33).

## A correct target
Refuses as it refuses an id that nobody has, or stores nothing.

## Example
    POST /documents/import
    Authorization: Bearer <own token>

    {"rows": [{"name": "x", "requestId": "<foreign id>"}]}
"#;

impl Attack for Reference {
    fn id(&self) -> &'static str {
        "bulk.reference"
    }

    fn title(&self) -> &'static str {
        "a reference to a foreign row in what a bulk route writes"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(found) = bulk(ground) else {
            return Vec::new();
        };
        let chooses = |slot: &Slot| {
            let below = |pointer: &Option<String>| {
                let pointer = pointer.as_ref();
                pointer.is_some_and(|p| slot.at.name.starts_with(&format!("{p}/")))
            };
            below(&found.ids) || below(&found.filter)
        };
        let mut all: Vec<_> = ground
            .ids_in(Place::Body)
            .into_iter()
            .filter(|slot| !chooses(slot))
            .take(FIELDS)
            .filter_map(|slot| ground.exchange(&[slot]))
            .collect();
        for slot in ground.references {
            if all.len() < FIELDS {
                all.extend(undeclared(ground, &found, slot));
            }
        }
        all
    }
}

/// A column that the data, or the rows, of the own call leave out.
fn undeclared(ground: &Ground<'_>, found: &Bulk, slot: &Slot) -> Option<Attempt> {
    let name = field_name(&slot.at.name);
    let step = escaped(&name);
    let pointer = match (&found.data, &found.items) {
        (Some(data), _) => format!("{data}/{step}"),
        (None, Some(items)) => format!("{items}/0/{step}"),
        (None, None) => return None,
    };
    if at(ground.own_call, &pointer).is_some() {
        return None;
    }
    let stands = SlotRef {
        place: Place::Body,
        name: pointer.clone(),
    };
    let (own, _) = slot.own.first()?;
    let attempt = shaped(slot, stands, own, |value| {
        let value = like(None, value);
        match &found.items {
            Some(items) if found.data.is_none() => {
                with_item_field(ground.own_call, items, &name, &value)
            }
            _ => with_pointer(ground.own_call, &pointer, value),
        }
    })?;
    Some(attempt.named(format!("undeclared {name}")))
}
