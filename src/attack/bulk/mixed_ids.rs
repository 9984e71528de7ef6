//! `bulk.mixed-ids`: own and foreign ids in the list of a bulk route.

use serde_json::Value as Json;

use super::list_slot;
use crate::attack::body::{at, like, with_pointer};
use crate::attack::craft::shaped;
use crate::attack::id::mixed;
use crate::attack::shape::bulk;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::SlotRef;
use crate::model::route::Place;

/// Own and foreign ids in the list of a bulk route.
pub(in crate::attack) struct MixedIds;

const DOC: &str = r#"## What it does
Puts a foreign id into the list that chooses the rows of a bulk route: beside the own one, in both orders, and alone.

## Why teams fall for it
Every single-object route has an ownership check and the bulk endpoint has none (RL-33); bulk does not inherit the scope
that list has (RL-34); only the first element is checked; `updateMany` runs past the scoping layer (RL-23).

## A correct target
Changes own rows only, or refuses the whole.

## Example
    POST /services/bulk
    Authorization: Bearer <own token>

    {"ids": ["<own id>", "<foreign id>"], "data": {"isActive": false}}
"#;

impl Attack for MixedIds {
    fn id(&self) -> &'static str {
        "bulk.mixed-ids"
    }

    fn title(&self) -> &'static str {
        "own and foreign ids in the list of a bulk route"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(pointer) = bulk(ground).and_then(|found| found.ids) else {
            return Vec::new();
        };
        let Some(slot) = list_slot(ground, &pointer) else {
            return Vec::new();
        };
        let sample = at(ground.own_call, &pointer)
            .and_then(|list| list.get(0))
            .cloned();
        let stands = SlotRef {
            place: Place::Body,
            name: format!("{pointer}/0"),
        };
        let own = slot.own.first().map_or("", |(own, _)| own);
        let alone = shaped(slot, stands, own, |value| {
            let ids = vec![like(sample.as_ref(), value)];
            with_pointer(ground.own_call, &pointer, Json::Array(ids))
        });
        let mut all = mixed(ground, &pointer, slot);
        all.extend(alone.map(|attempt| attempt.named("foreign alone")));
        all
    }
}
