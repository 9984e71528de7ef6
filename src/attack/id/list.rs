//! `id.list`: own and foreign ids in one list.

use super::{lists, mixed, own_pair};
use crate::attack::Slot;
use crate::attack::craft::shaped;
use crate::attack::shape::bulk;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Call, SlotRef};
use crate::model::route::Place;

/// Own and foreign ids in one list.
pub(in crate::attack) struct List;

/// Parameters tried, and lists.
const PLACES: usize = 3;

const DOC: &str = "\
## What it does
Puts a foreign id beside the own one where a list is taken: comma-separated in the query (or the last segment of the path),
repeated, with brackets, and in lists of ids in the body, own first and foreign first. Lists that choose the rows of a bulk
route belong to `bulk.mixed-ids`. At most three parameters and three lists.

## Why teams fall for it
Only the first element is checked, or whether *any* of them is the caller's; the single-object route has the check and the
list has none (RL-33, RL-34).

## A correct target
Treats the foreign element like one that nobody has: leaves it out, or refuses the whole.

## Example
    GET /availability?serviceIds=<own id>,<foreign id>
    Authorization: Bearer <own token>
";

impl Attack for List {
    fn id(&self) -> &'static str {
        "id.list"
    }

    fn title(&self) -> &'static str {
        "own and foreign ids in one list"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let mut all = Vec::new();
        for slot in ground.ids_in(Place::Query).into_iter().take(PLACES) {
            all.extend(in_query(ground, slot));
        }
        if let (Some(slot), true) = (ground.path_ids().pop(), ground.route.is_safe()) {
            all.extend(in_path(ground, slot));
        }
        if bulk(ground).is_none() {
            for (pointer, slot) in lists(ground).into_iter().take(PLACES) {
                all.extend(mixed(ground, &pointer, slot));
            }
        }
        all
    }
}

/// The last segment of the path as a list.
fn in_path(ground: &Ground<'_>, slot: &Slot) -> Option<Attempt> {
    let (own, other) = own_pair(ground, slot)?;
    let attempt = shaped(slot, slot.at.clone(), &other, |value| {
        let joined = format!("{own},{value}");
        Some(ground.own_call.clone().with_slot(&slot.at, &joined))
    })?;
    Some(attempt.named(format!("{} joined", slot.label())))
}

/// The pairs that stand in the query for a parameter, an own value and another one.
type Written = fn(&str, &str, &str) -> Vec<(String, String)>;

/// Ways to write a list in the query.
const WRITTEN: &[(&str, Written)] = &[
    ("joined", |name, own, other| {
        vec![(name.to_owned(), format!("{own},{other}"))]
    }),
    ("own then foreign", |name, own, other| {
        twice(name, own, other)
    }),
    ("foreign then own", |name, own, other| {
        twice(name, other, own)
    }),
    ("brackets", |name, own, other| {
        twice(&format!("{name}[]"), own, other)
    }),
];

fn twice(name: &str, one: &str, two: &str) -> Vec<(String, String)> {
    [one, two]
        .map(|value| (name.to_owned(), value.to_owned()))
        .into()
}

/// A parameter of the query with both ids.
fn in_query(ground: &Ground<'_>, slot: &Slot) -> Vec<Attempt> {
    let Some((own, other)) = own_pair(ground, slot) else {
        return Vec::new();
    };
    let name = &slot.at.name;
    let with = |pairs| {
        let mut call: Call = ground.own_call.clone();
        call.query.retain(|(n, _)| n != name);
        call.query.extend::<Vec<_>>(pairs);
        call
    };
    WRITTEN
        .iter()
        .filter_map(|(variant, written)| {
            let stands = SlotRef {
                place: Place::Query,
                name: written(name, &own, &other).swap_remove(0).0,
            };
            let attempt = shaped(slot, stands, &other, |value| {
                Some(with(written(name, &own, value)))
            })?;
            Some(attempt.named(format!("{} {variant}", slot.label())))
        })
        .collect()
}
