//! JSON values: shaped as the routes' schemas, the default or the column's name say.

use rand::Rng;
use serde_json::{Value as Json, json};

use super::learnt::typed;
use super::word::literal_default;
use super::{Spot, token};
use crate::model::schema::{Column, Kind};
use crate::seed::check::ColumnLimits;
use crate::seed::names;

/// A JSON document in text form.
pub fn json(
    column: &Column,
    limits: &ColumnLimits,
    schema: Option<&Json>,
    _spot: &Spot<'_>,
    rng: &mut impl Rng,
) -> String {
    let by_default = default(column);
    let list = is_list(column, limits, schema);
    if !list
        && by_default
            .as_ref()
            .is_some_and(|d| d.as_object().is_some_and(|o| !o.is_empty()))
    {
        // A default with members is a shape that the application relies on.
        return by_default.map(|d| d.to_string()).unwrap_or_default();
    }
    if list {
        items(schema, rng)
    } else {
        members(schema, rng)
    }
}

/// The empty document of a JSON or array column.
pub fn empty_document(
    column: &Column,
    limits: &ColumnLimits,
    schema: Option<&Json>,
) -> Option<&'static str> {
    match column.kind {
        Kind::Json if is_list(column, limits, schema) => Some("[]"),
        Kind::Json | Kind::Array(_) => Some("{}"),
        _ => None,
    }
}

fn default(column: &Column) -> Option<Json> {
    literal_default(column).and_then(|d| serde_json::from_str(&d).ok())
}

fn is_list(column: &Column, limits: &ColumnLimits, schema: Option<&Json>) -> bool {
    match (limits.json.as_deref(), default(column), schema) {
        (Some(kind), ..) => kind == "array",
        (None, Some(default), _) => default.is_array(),
        (None, None, Some(schema)) => typed(schema, "array").is_some(),
        (None, None, None) => is_plural(&column.name),
    }
}

/// A list of texts, unless the schema says that its items are something else.
fn items(schema: Option<&Json>, rng: &mut impl Rng) -> String {
    let of = schema
        .and_then(|s| typed(s, "array"))
        .and_then(|s| s.get("items"));
    match of {
        Some(of)
            if typed(of, "string").is_none() && of.as_object().is_some_and(|o| !o.is_empty()) =>
        {
            "[]".into()
        }
        _ => json!([token(rng)]).to_string(),
    }
}

/// An object with a note, unless the schema says which members it has.
fn members(schema: Option<&Json>, rng: &mut impl Rng) -> String {
    let Some(properties) = schema
        .and_then(|s| typed(s, "object"))
        .and_then(|s| s.get("properties"))
        .and_then(Json::as_object)
        .filter(|p| !p.is_empty())
    else {
        return json!({ "note": token(rng) }).to_string();
    };
    let mut object = serde_json::Map::new();
    for (name, property) in properties {
        let value = if property.get("enum").is_some() {
            property["enum"][0].clone()
        } else if typed(property, "string").is_some() && property.get("format").is_none() {
            json!(token(rng))
        } else if let Some(default) = property.get("default") {
            default.clone()
        } else if typed(property, "integer").is_some() || typed(property, "number").is_some() {
            json!(1)
        } else if typed(property, "boolean").is_some() {
            json!(true)
        } else {
            continue;
        };
        object.insert(name.clone(), value);
    }
    Json::Object(object).to_string()
}

fn is_plural(name: &str) -> bool {
    const OBJECTS: &[&str] = &[
        "settings",
        "preferences",
        "options",
        "properties",
        "details",
        "attributes",
        "params",
        "headers",
        "stats",
        "metrics",
    ];
    let last = names::last_word(name);
    ["list", "array", "criteria"].contains(&last.as_str())
        || names::singular(&last) != last && !OBJECTS.contains(&last.as_str())
}
