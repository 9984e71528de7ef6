//! What kind of route it is, by its shape rather than by its name alone: create, update, action, bulk.

use serde_json::Value as Json;

use super::Ground;
use super::names::words;
use super::schema::has_type;
use crate::model::call::Body;
use crate::model::pointer::escaped;
use crate::model::route::Place;

/// What a route does with its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// It changes nothing.
    Read,
    /// It makes a row.
    Create,
    /// It changes the row that the path names (or the only one there is).
    Update,
    /// It deletes.
    Delete,
    /// It does something else: `POST /bookings/{id}/cancel`, `POST /login`.
    Action,
}

/// The kind of the route.
pub(super) fn shape(ground: &Ground<'_>) -> Shape {
    let route = ground.route;
    match route.method.as_str() {
        "PUT" | "PATCH" => Shape::Update,
        "DELETE" => Shape::Delete,
        "POST" => {
            let last = route.template.rsplit('/').find(|s| !s.is_empty());
            if last.is_some_and(is_collection) {
                Shape::Create
            } else {
                Shape::Action
            }
        }
        _ => Shape::Read,
    }
}

/// Whether a path segment names many things: a plural, or words that end in one.
fn is_collection(segment: &str) -> bool {
    let last = words(segment).pop().unwrap_or_default();
    !segment.contains('{') && !last.is_empty() && cruet::string::pluralize::to_plural(&last) == last
}

/// Words in a path that say that many rows are meant.
const BULK_WORDS: &[&str] = &["bulk", "batch", "import", "mass", "many", "upsert", "sync"];

/// Fields that hold a filter.
const FILTER_NAMES: &[&str] = &[
    "where",
    "filter",
    "filters",
    "query",
    "selector",
    "criteria",
    "conditions",
    "match",
];

/// Fields that hold what the chosen rows are changed to.
const DATA_NAMES: &[&str] = &[
    "data",
    "set",
    "update",
    "updates",
    "patch",
    "changes",
    "values",
    "attributes",
    "fields",
    "payload",
];

/// Fields that hold the rows themselves.
const ITEM_NAMES: &[&str] = &[
    "items",
    "rows",
    "records",
    "entries",
    "operations",
    "data",
    "objects",
    "values",
];

/// The parts of a bulk route's body, as JSON pointers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bulk {
    /// The list of ids.
    pub(super) ids: Option<String>,
    /// The filter object.
    pub(super) filter: Option<String>,
    /// What the chosen rows are changed to.
    pub(super) data: Option<String>,
    /// The list of rows; empty where the body itself is the list.
    pub(super) items: Option<String>,
    /// The filter stands in the query.
    pub(super) by_query: bool,
    /// The body is a table (CSV).
    pub(super) is_table: bool,
}

/// How the route works on many rows at once, where it does.
pub(super) fn bulk(ground: &Ground<'_>) -> Option<Bulk> {
    if ground.route.is_safe() {
        return None;
    }
    let named = bulk_named(ground);
    let mut found = Bulk {
        by_query: chooses_by_query(ground),
        is_table: table(ground).is_some(),
        ..Bulk::default()
    };
    match &ground.own_call.body {
        Some(Body::Json(Json::Array(items))) => {
            if items.iter().any(Json::is_object) {
                found.items = Some(String::new());
            } else {
                found.ids = Some(String::new());
            }
        }
        Some(Body::Json(Json::Object(map))) => {
            found.ids = field(map, |name, value| is_id_list(name, value, named));
            found.filter = field(map, |name, value| {
                FILTER_NAMES.contains(&name) && value.is_object()
            });
            let chosen = found.ids.is_some() || found.filter.is_some() || named;
            found.data = field(map, |name, value| {
                chosen && DATA_NAMES.contains(&name) && value.is_object()
            });
            found.items = field(map, |name, value| {
                named && ITEM_NAMES.contains(&name) && holds_objects(value)
            });
            declared(ground, &mut found);
        }
        _ => {}
    }
    let any = found.ids.is_some()
        || found.filter.is_some()
        || found.items.is_some()
        || found.by_query
        || found.is_table
        || named && ground.own_call.body.is_some();
    any.then_some(found)
}

/// What the schema declares and the own call does not use.
fn declared(ground: &Ground<'_>, found: &mut Bulk) {
    let properties = ground
        .route
        .body
        .as_ref()
        .and_then(|b| b.schema.get("properties")?.as_object());
    for (name, schema) in properties.into_iter().flatten() {
        let lower = name.to_ascii_lowercase();
        let is = |kind: &str| schema.get("type").is_some_and(|t| has_type(t, kind));
        if found.ids.is_none() && lower == "ids" && is("array") {
            found.ids = Some(format!("/{}", escaped(name)));
        }
        if found.filter.is_none() && FILTER_NAMES.contains(&lower.as_str()) && is("object") {
            found.filter = Some(format!("/{}", escaped(name)));
        }
    }
}

fn field(map: &serde_json::Map<String, Json>, is: impl Fn(&str, &Json) -> bool) -> Option<String> {
    map.iter()
        .find(|(name, value)| is(&name.to_ascii_lowercase(), value))
        .map(|(name, _)| format!("/{}", escaped(name)))
}

/// A list under `ids`, or on a route that says bulk any list of scalars whose name ends in ids: a list of references in
/// a create (`labelIds`) chooses no rows.
fn is_id_list(name: &str, value: &Json, named: bool) -> bool {
    value.as_array().is_some_and(|items| {
        let scalars = items.iter().all(|i| i.is_string() || i.is_number());
        scalars && (name == "ids" || named && (name.ends_with("ids") || name == "keys"))
    })
}

fn holds_objects(value: &Json) -> bool {
    value
        .as_array()
        .is_some_and(|items| items.iter().any(Json::is_object))
}

fn bulk_named(ground: &Ground<'_>) -> bool {
    ground
        .route
        .template
        .split('/')
        .filter(|s| !s.contains('{'))
        .flat_map(words)
        .any(|word| BULK_WORDS.contains(&word.as_str()))
}

/// A write without an id in its path whose own call chooses rows by the query: `DELETE /tasks?status=done`.
fn chooses_by_query(ground: &Ground<'_>) -> bool {
    matches!(ground.route.method.as_str(), "DELETE" | "PATCH" | "PUT")
        && !ground.own_call.query.is_empty()
        && !ground.slots_in(Place::Path).any(|_| true)
}

/// The text of a table in the body, as a whole or as an uploaded file.
pub(super) fn table<'a>(ground: &Ground<'a>) -> Option<&'a str> {
    match ground.own_call.body.as_ref()? {
        Body::Text { content_type, text } if content_type.contains("csv") => Some(text),
        Body::Multipart(parts) => parts
            .iter()
            .find(|p| {
                let is = |s: &Option<String>, end: &str| {
                    s.as_ref()
                        .is_some_and(|s| s.to_ascii_lowercase().ends_with(end))
                };
                is(&p.file_name, ".csv") || is(&p.content_type, "csv")
            })
            .map(|p| p.text.as_str()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::attack::testing::{self, Set};

    fn kind(method: &str, template: &str) -> Shape {
        shape(&Set::new(method, template).ground())
    }

    #[test]
    fn routes_are_told_apart_by_method_and_last_segment() {
        assert_eq!(kind("POST", "/services"), Shape::Create);
        assert_eq!(kind("POST", "/issues/{id}/comments/"), Shape::Create);
        assert_eq!(kind("POST", "/bookings/{id}/cancel"), Shape::Action);
        assert_eq!(kind("POST", "/services/{id}"), Shape::Action);
        assert_eq!(kind("PATCH", "/services/{id}"), Shape::Update);
        assert_eq!(kind("GET", "/services"), Shape::Read);
    }

    #[test]
    fn bulk_is_seen_by_shape_without_any_word_for_it() {
        let mut set = Set::new("POST", "/services/close");
        set.own_call.body = Some(Body::Json(json!({"ids": ["a"], "data": {"x": 1}})));
        let found = bulk(&set.ground()).unwrap();
        assert_eq!(found.ids.as_deref(), Some("/ids"));
        assert_eq!(found.data.as_deref(), Some("/data"));
    }

    #[test]
    fn a_list_of_references_in_a_create_is_no_bulk() {
        let mut set = Set::new("POST", "/tasks");
        set.own_call.body = Some(Body::Json(json!({"labelIds": ["a"], "items": [{"n": 1}]})));
        assert_eq!(bulk(&set.ground()), None);
    }

    #[test]
    fn reads_are_never_bulk() {
        assert_eq!(bulk(&testing::list().ground()), None);
    }
}
