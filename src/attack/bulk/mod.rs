//! Family `bulk`: routes that work on many rows at once, recognised by the shape of what they take.

pub(super) mod empty_list;
pub(super) mod import;
pub(super) mod left_out;
pub(super) mod mixed_ids;
pub(super) mod no_filter;
pub(super) mod reassign;
pub(super) mod reference;
pub(super) mod status_only;
pub(super) mod tenant_filter;
pub(super) mod upsert;

use serde_json::Value as Json;

use super::assign::{key, natural_fields};
use super::body::{at, with_field, with_pointer};
use super::{Ground, Slot};
use crate::model::call::{Body, Call};
use crate::model::route::Place;

/// The slot of the list of ids at `pointer`; else the key of the table that the route is about.
fn list_slot<'a>(ground: &Ground<'a>, pointer: &str) -> Option<&'a Slot> {
    let below = format!("{pointer}/");
    ground
        .slots
        .iter()
        .filter(|s| s.at.place == Place::Body && s.stranger().is_some())
        .find(|s| s.at.name.starts_with(&below))
        .or_else(|| key(ground))
}

/// The list of rows at `pointer`, as a call that has it for its body.
fn rows_as_body(call: &Call, pointer: &str) -> Option<Call> {
    let rows = at(call, pointer)?.clone();
    Some(Call {
        body: Some(Body::Json(rows)),
        ..call.clone()
    })
}

/// The call with a field set in every row of the list at `pointer`.
fn with_item_field(call: &Call, pointer: &str, name: &str, value: &Json) -> Option<Call> {
    match with_field(&rows_as_body(call, pointer)?, name, value)?.body {
        Some(Body::Json(rows)) => with_pointer(call, pointer, rows),
        _ => None,
    }
}

/// What tells the first row of the list at `pointer` from others.
fn natural_item_fields(call: &Call, pointer: &str) -> Vec<(String, String)> {
    rows_as_body(call, pointer).map_or_else(Vec::new, |rows| natural_fields(&rows))
}
