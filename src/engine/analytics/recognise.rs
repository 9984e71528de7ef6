//! Which answers are aggregates: those that are declared, and those in which numbers stand and no row can be told.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::check::callers;
use super::without::answers;
use crate::engine::baseline::Baseline;
use crate::engine::error::RunError;
use crate::engine::lab::Lab;
use crate::model::call::Call;
use crate::model::exchange::{Exchange, Response};
use crate::model::knowledge::Knowledge;
use crate::model::pattern;
use crate::model::route::Route;
use crate::model::tenant::Actor;
use crate::seed::names::words;

/// What decides by `--only` and `--skip` whether a route is looked at.
const ATTACK: &str = "plain.without-others";

/// A key of fewer letters also stands in answers by chance.
const TELLING: usize = 4;

/// The keys of rows that a text may tell a row by.
struct Keys<'k>(HashSet<&'k str>);

impl<'k> Keys<'k> {
    /// The primary keys of all rows that are one text.
    fn of(knowledge: &'k Knowledge) -> Self {
        let tables = knowledge.schema.tables.iter();
        let single = tables.filter(|t| t.primary_key.len() == 1);
        let rows = single.flat_map(|t| knowledge.rows.of(t.id));
        let keys = rows.filter_map(|(at, _)| at.key.first()?.as_deref());
        Self(keys.filter(|key| key.len() >= TELLING).collect())
    }
}

/// An aggregate route, and who asks it.
pub struct Aggregate {
    /// The route.
    pub route: Route,
    /// Whether the description names it; else it was recognised.
    pub declared: bool,
    /// The strongest member of each tenant, with its own call; nobody where it works for nobody.
    pub asking: Vec<(Actor, Call)>,
}

/// The aggregate routes among those that are wanted; declared ones also where they do not work.
pub async fn aggregates(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
) -> Result<Vec<Aggregate>, RunError> {
    let selected = |r: &&Route| r.is_safe() && lab.settings.selects(ATTACK, &r.id);
    let routes: Vec<Route> = lab.routes.iter().filter(selected).cloned().collect();
    let mut all = Vec::new();
    for route in routes {
        let analytics = &lab.settings.description.analytics;
        let checked = analytics.check.iter().map(|check| &check.route);
        let declared = analytics.routes.iter().chain(checked);
        let declared = declared.into_iter().any(|w| pattern::matches(w, &route.id));
        let asking = callers(lab, baseline, &route);
        if !declared && (route.public || !looks_like_one(lab, &asking).await?) {
            continue;
        }
        all.push(Aggregate {
            route,
            declared,
            asking,
        });
    }
    Ok(all)
}

/// Whether what tenants are answered are aggregates.
async fn looks_like_one(lab: &mut Lab<'_>, asking: &[(Actor, Call)]) -> Result<bool, RunError> {
    let calls: Vec<Call> = asking.iter().map(|(_, call)| call.clone()).collect();
    let made = answers(lab, &calls).await?;
    let keys = Keys::of(&lab.knowledge);
    let served = made.iter().filter_map(Exchange::response);
    let served: Vec<&Response> = served.filter(|r| r.is_success()).collect();
    Ok(served.iter().all(|r| is_aggregate(r, &keys)) && served.iter().any(|r| !lacks_rows(r)))
}

/// Whether an answer is one: a document in which a number stands, and nothing that tells a row.
fn is_aggregate(response: &Response, keys: &Keys<'_>) -> bool {
    let Some(json) = response.json() else {
        return false;
    };
    (json.is_object() || json.is_array()) && has_number(&json) && !tells_row(&json, keys)
}

/// Whether a list in an answer is empty: a page of rows that nobody has looks like an aggregate.
fn lacks_rows(response: &Response) -> bool {
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
