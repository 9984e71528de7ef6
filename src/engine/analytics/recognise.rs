//! Which answers are aggregates: those that are declared, and those in which numbers stand and no row can be told.

use std::collections::HashSet;

use serde_json::Value as Json;

use crate::model::exchange::Response;
use crate::model::knowledge::Knowledge;
use crate::model::pattern;
use crate::model::route::RouteId;
use crate::seed::names::words;

/// A key of fewer letters also stands in answers by chance.
const TELLING: usize = 4;

/// The keys of rows that a text may tell a row by.
pub struct Keys<'k>(HashSet<&'k str>);

impl<'k> Keys<'k> {
    /// The primary keys of all rows that are one text.
    pub fn of(knowledge: &'k Knowledge) -> Self {
        let tables = knowledge.schema.tables.iter();
        let single = tables.filter(|t| t.primary_key.len() == 1);
        let rows = single.flat_map(|t| knowledge.rows.of(t.id));
        let keys = rows.filter_map(|(at, _)| at.key.first()?.as_deref());
        Self(keys.filter(|key| key.len() >= TELLING).collect())
    }
}

/// Whether the description names a route as an aggregate.
pub fn is_declared(routes: &[String], checked: &[&str], id: &RouteId) -> bool {
    let mut named = routes
        .iter()
        .map(String::as_str)
        .chain(checked.iter().copied());
    named.any(|wanted| pattern::matches(wanted, id))
}

/// Whether an answer is one: a document in which a number stands, and nothing that tells a row.
pub fn is_aggregate(response: &Response, keys: &Keys<'_>) -> bool {
    let Some(json) = response.json() else {
        return false;
    };
    (json.is_object() || json.is_array()) && has_number(&json) && !tells_row(&json, keys)
}

/// Whether a list in an answer is empty: a page of rows that nobody has looks like an aggregate.
pub fn lacks_rows(response: &Response) -> bool {
    response.json().is_some_and(|json| has_empty_list(&json))
}

fn has_empty_list(json: &Json) -> bool {
    match json {
        Json::Array(items) => items.is_empty() || items.iter().any(has_empty_list),
        Json::Object(map) => map.values().any(has_empty_list),
        _ => false,
    }
}

fn has_number(json: &Json) -> bool {
    match json {
        Json::Number(_) => true,
        Json::Object(map) => map.values().any(has_number),
        Json::Array(items) => items.iter().any(has_number),
        _ => false,
    }
}

/// A key of a row, or a field that is called like one.
fn tells_row(json: &Json, keys: &Keys<'_>) -> bool {
    match json {
        Json::String(text) => keys.0.contains(text.as_str()),
        Json::Array(items) => items.iter().any(|item| tells_row(item, keys)),
        Json::Object(map) => map.iter().any(|(name, value)| {
            let is_id = words(name).last().is_some_and(|word| word == "id");
            (is_id && !value.is_null()) || tells_row(value, keys)
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_one(body: &str) -> bool {
        let response = Response {
            status: 200,
            headers: Vec::new(),
            body: body.to_owned().into(),
            trailers: Vec::new(),
            truncated: false,
        };
        is_aggregate(&response, &Keys(HashSet::from(["task-7f3a"])))
    }

    #[test]
    fn numbers_without_a_row_are_an_aggregate() {
        assert!(is_one(r#"{"total": 3}"#));
        assert!(is_one(r#"[{"month": "2026-01", "n": 1}]"#));
        assert!(!is_one(r#"{"total": 3, "items": [{"id": 5}]}"#));
        assert!(!is_one(r#"{"n": 1, "first": "task-7f3a"}"#));
        assert!(!is_one(r#"{"clientId": 4, "n": 1}"#));
        assert!(!is_one(r#"{"words": ["a"]}"#));
        assert!(!is_one("3"));
        assert!(!is_one("text"));
    }
}
