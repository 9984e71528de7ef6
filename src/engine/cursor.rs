//! Cursors: what an answer gives to go on from there, and the parameter that takes it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::baseline::Working;
use super::error::RunError;
use super::lab::Lab;
use super::names::words;
use crate::attack::{page_size, with_query};
use crate::model::exchange::Response;
use crate::model::facts::Cursor;
use crate::model::route::{Parameter, Place, Route};
use crate::model::tenant::{Actor, Standing, TenantKey};

/// Rows a page when a cursor is wanted.
const FEW: &str = "2";

/// How deep in an answer a cursor is looked for.
const DEPTH: usize = 3;

/// The query parameter that takes a cursor.
fn parameter(route: &Route) -> Option<&Parameter> {
    let is_cursor = |p: &&Parameter| {
        let words = words(&p.name);
        let has = |any: &[&str]| words.iter().any(|w| any.contains(&w.as_str()));
        has(&["cursor", "continuation", "marker", "bookmark"])
            || (has(&["token"]) && has(&["page", "next"]))
            || (words.len() <= 2 && has(&["after"]) && !has(&["date", "time", "at"]))
    };
    route.parameters_in(Place::Query).find(is_cursor)
}

/// Asks one member of each tenant for a short first page, and keeps the cursors that come with it.
pub async fn learn(
    lab: &mut Lab<'_>,
    route: &Route,
    working: &mut Working,
) -> Result<(), RunError> {
    if !route.is_safe() || parameter(route).is_none() {
        return Ok(());
    }
    let members = lab.knowledge.actors.iter();
    let members = members.filter(|a| a.standing == Standing::Member);
    let members: Vec<Actor> = members
        .filter(|a| working.actors.contains(&a.id))
        .cloned()
        .collect();
    for actor in members {
        // A colleague's cursor serves, too.
        let Some(tenant) = actor
            .tenant
            .clone()
            .filter(|t| !working.cursors.contains_key(t))
        else {
            continue;
        };
        let made = working.call(&lab.knowledge, route, &actor, Some(&tenant));
        let Some(mut call) = made.map(|c| c.call) else {
            continue;
        };
        if let Some(size) = page_size(route) {
            call = with_query(&call, &size.name, FEW);
        }
        let exchange = lab.perform_own(&call).await?;
        lab.undo(&exchange.changes).await?;
        let answered = exchange.response().filter(|r| r.is_success());
        let json = answered.and_then(Response::json);
        if let Some(cursor) = json.and_then(|j| given(&j, 0)) {
            working.cursors.insert(tenant, cursor);
        }
    }
    Ok(())
}

/// The cursor that an answer gives: a text under a name that says so, and no address.
fn given(json: &Json, depth: usize) -> Option<String> {
    let Json::Object(map) = json else {
        return None;
    };
    let says = |name: &str| {
        let words = words(name);
        let has = |word: &str| words.iter().any(|w| w == word);
        has("cursor") || has("next") || has("continuation") || (has("page") && has("token"))
    };
    let text = |(name, value): (&String, &Json)| {
        let text = value.as_str().filter(|_| says(name))?;
        (!text.is_empty() && !text.contains("://") && !text.starts_with('/'))
            .then(|| text.to_owned())
    };
    let here = map.iter().find_map(text);
    here.or_else(|| {
        let deeper = map.values().filter(|_| depth < DEPTH);
        deeper.into_iter().find_map(|v| given(v, depth + 1))
    })
}

/// The route's cursor for an attack of one tenant on another.
pub fn between(
    route: &Route,
    cursors: &BTreeMap<TenantKey, String>,
    own: &TenantKey,
    victim: &TenantKey,
) -> Option<Cursor> {
    Some(Cursor {
        parameter: parameter(route)?.name.clone(),
        own: cursors.get(own)?.clone(),
        foreign: cursors.get(victim)?.clone(),
        small: page_size(route).map(|size| (size.name.clone(), FEW.to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cursor_is_a_text_under_a_name_that_says_so() {
        let of = |json: Json| given(&json, 0);
        assert_eq!(
            of(json!({"items": [], "next_cursor": "YWI"})).as_deref(),
            Some("YWI")
        );
        assert_eq!(
            of(json!({"page": {"nextPageToken": "x1"}})).as_deref(),
            Some("x1")
        );
        assert_eq!(of(json!({"next": "https://a.test/?page=2"})), None);
        assert_eq!(of(json!({"next": "/items?page=2"})), None);
        assert_eq!(of(json!({"nextCursor": null, "total": 3})), None);
    }

    #[test]
    fn a_parameter_takes_a_cursor_by_its_name() {
        let takes = |name: &str| {
            let mut route = Route::new("GET", "/items");
            route.parameters.push(Parameter {
                name: name.to_owned(),
                place: Place::Query,
                required: false,
                listed: false,
                schema: json!({}),
                example: None,
                quoted: Vec::new(),
            });
            parameter(&route).is_some()
        };
        for name in [
            "cursor",
            "starting_after",
            "pageToken",
            "after",
            "next_token",
        ] {
            assert!(takes(name), "{name}");
        }
        for name in ["created_after_date", "token", "page", "limit"] {
            assert!(!takes(name), "{name}");
        }
    }
}
