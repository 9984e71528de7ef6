//! Family `assign`: fields in a body that are not the caller's to set, and references to foreign rows.

pub(super) mod id;
pub(super) mod natural_key;
pub(super) mod owner;
pub(super) mod reference;
pub(super) mod role;
pub(super) mod tenant;

use serde_json::Value as Json;

use super::body::{self, has_fields, like, with_field};
use super::craft::shaped;
use super::names::words;
use super::shape::{Bulk, Shape, bulk, shape};
use super::{Attempt, Ground, Slot};
use crate::model::call::{Body, Call, SlotRef};
use crate::model::pointer::escaped;
use crate::model::route::Place;

/// Whether the route stores its body: a create or an update that is no bulk route (those are family `bulk`'s).
pub(super) fn writes(ground: &Ground<'_>) -> bool {
    let shape = shape(ground);
    // A filter alone, which a create sends, may be what is stored.
    let stores_filter = |b: Bulk| {
        let rest = Bulk { filter: None, ..b };
        shape == Shape::Create && rest == Bulk::default()
    };
    matches!(shape, Shape::Create | Shape::Update)
        && has_fields(ground.own_call)
        && bulk(ground).is_none_or(stores_filter)
}

/// The key of the table that the route is about: told, or else the last id of the path.
pub(super) fn key<'a>(ground: &Ground<'a>) -> Option<&'a Slot> {
    ground
        .key
        .filter(|slot| slot.stranger().is_some())
        .or_else(|| ground.path_ids().pop())
}

/// The own call with a foreign value of `slot` in the body's top-level field `name`.
fn exchanged_field(ground: &Ground<'_>, slot: &Slot, name: &str) -> Option<Attempt> {
    let at = SlotRef {
        place: Place::Body,
        name: body_pointer(ground, name),
    };
    let sample = body::at(ground.own_call, &at.name);
    let attempt = shaped(slot, at.clone(), "", |value| {
        with_field(ground.own_call, name, &like(sample, value))
    })?;
    // The own call as it is shows that the route works; the field itself may be refused for good.
    Some(Attempt {
        control: None,
        ..attempt
    })
}

/// How a slot of the body calls a top-level field: a JSON pointer (into the first of many), or the field's name.
fn body_pointer(ground: &Ground<'_>, name: &str) -> String {
    match ground.own_call.body {
        Some(Body::Json(Json::Array(_))) => format!("/0/{}", escaped(name)),
        Some(Body::Json(_)) => format!("/{}", escaped(name)),
        _ => name.to_owned(),
    }
}

/// Words in the names of fields whose values tell a row from others.
const NATURAL_WORDS: &[&str] = &[
    "slug",
    "email",
    "mail",
    "code",
    "number",
    "sku",
    "handle",
    "username",
    "login",
    "reference",
    "key",
    "phone",
    "name",
    "title",
];

/// The text fields of a body (of the first of many) that tell a row from others: likeliest first.
pub(super) fn natural_fields(call: &Call) -> Vec<(String, String)> {
    let fields: Vec<(String, String)> = match &call.body {
        Some(Body::Json(Json::Object(map))) => texts(map),
        Some(Body::Json(Json::Array(items))) => items
            .first()
            .and_then(Json::as_object)
            .map(texts)
            .unwrap_or_default(),
        Some(Body::Form(fields)) => fields.clone(),
        _ => Vec::new(),
    };
    let rank = |name: &str| {
        let words = words(name);
        NATURAL_WORDS
            .iter()
            .position(|natural| words.last().is_some_and(|w| w == natural))
    };
    let mut ranked: Vec<_> = fields
        .into_iter()
        .filter_map(|field| Some((rank(&field.0)?, field)))
        .filter(|(_, (_, value))| !value.is_empty())
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, field)| field).collect()
}

fn texts(map: &serde_json::Map<String, Json>) -> Vec<(String, String)> {
    map.iter()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}
