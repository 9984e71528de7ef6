//! Family `id`: ids of the victim's rows in place of own ones, below the attacker's own tenant.

pub(super) mod after_owner;
pub(super) mod body;
pub(super) mod conditional;
pub(super) mod cursor;
pub(super) mod head;
pub(super) mod idempotency_key;
pub(super) mod list;
pub(super) mod neighbour;
pub(super) mod nested_both;
pub(super) mod nested_child;
pub(super) mod nested_parent;
pub(super) mod path;
pub(super) mod query;
pub(super) mod spelling;
pub(super) mod tenant_query;
pub(super) mod twice;

use serde_json::Value as Json;

use super::body::{at, like, with_pointer};
use super::craft::shaped;
use super::{Attempt, Ground, Slot};
use crate::model::call::SlotRef;
use crate::model::route::Place;

/// The own value of a slot, and another one to stand beside it where there is one.
fn own_pair(ground: &Ground<'_>, slot: &Slot) -> Option<(String, String)> {
    let own = ground
        .own_call
        .slot(&slot.at)
        .or_else(|| slot.own.first().map(|(v, _)| v.clone()))?;
    let other = slot.own.iter().map(|(v, _)| v).find(|v| **v != own);
    let other = other.unwrap_or(&own).clone();
    Some((own, other))
}

/// The lists of ids in the body: the pointer of each, and its first slot.
pub(super) fn lists<'a>(ground: &Ground<'a>) -> Vec<(String, &'a Slot)> {
    let mut all: Vec<(String, &Slot)> = Vec::new();
    for slot in ground.slots_in(Place::Body) {
        let Some((list, _)) = slot.at.name.rsplit_once('/') else {
            continue;
        };
        let is_list = at(ground.own_call, list).is_some_and(Json::is_array);
        if is_list && slot.stranger().is_some() && all.iter().all(|(l, _)| l != list) {
            all.push((list.to_owned(), slot));
        }
    }
    all
}

/// The list at `pointer` with an own and a foreign id, in both orders.
pub(super) fn mixed(ground: &Ground<'_>, pointer: &str, slot: &Slot) -> Vec<Attempt> {
    let Some((own, other)) = own_pair(ground, slot) else {
        return Vec::new();
    };
    let sample = at(ground.own_call, pointer).and_then(|list| list.get(0));
    let json = |value: &str| like(sample, value);
    let shown = if pointer.is_empty() { "/" } else { pointer };
    [("own then foreign", 1), ("foreign then own", 0)]
        .into_iter()
        .filter_map(|(variant, place)| {
            let stands = SlotRef {
                place: Place::Body,
                name: format!("{pointer}/{place}"),
            };
            let attempt = shaped(slot, stands, &other, |value| {
                let mut ids = vec![json(&own)];
                ids.insert(place, json(value));
                with_pointer(ground.own_call, pointer, Json::Array(ids))
            })?;
            Some(attempt.named(format!("body {shown} {variant}")))
        })
        .collect()
}
