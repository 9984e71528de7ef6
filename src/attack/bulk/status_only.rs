//! `bulk.status-only`: a bulk write chosen by a status alone.

use serde_json::{Value as Json, json};

use crate::attack::body::{field_name, with_pointer, without_pointer};
use crate::attack::schema::{Choice, choices, properties, values};
use crate::attack::shape::{Bulk, bulk};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::text;
use crate::model::route::Place;

/// A bulk write chosen by a status alone.
pub(in crate::attack) struct StatusOnly;

/// Attempts in all.
const MOST: usize = 8;

const DOC: &str = r#"## What it does
Makes the own bulk call with one enum or boolean field as its only filter, once for each value: in the filter that the route
has, in the query, or, where the route knows ids alone, in a filter of a usual name in place of them. At most eight attempts.

## Why teams fall for it
The bulk handler trusts that ids were checked when they were listed, and a filter by status chooses rows that nobody listed:
bulk-patch does not inherit the tenant scope that list has (RL-34).

## A correct target
Touches own rows only, or refuses ("tenant filter required").

## Example
    PATCH /tasks/bulk
    Authorization: Bearer <own token>

    {"where": {"status": "open"}, "data": {"status": "done"}}
"#;

impl Attack for StatusOnly {
    fn id(&self) -> &'static str {
        "bulk.status-only"
    }

    fn title(&self) -> &'static str {
        "a bulk write chosen by a status alone"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(found) = bulk(ground) else {
            return Vec::new();
        };
        let mut all: Vec<_> = if found.by_query {
            in_query(ground)
        } else {
            in_body(ground, &found)
        };
        all.retain(|attempt| attempt.call != *ground.own_call);
        all.truncate(MOST);
        all
    }
}

fn in_query(ground: &Ground<'_>) -> Vec<Attempt> {
    let mut all = Vec::new();
    for parameter in ground.route.parameters_in(Place::Query) {
        for value in values(&parameter.schema).iter().map(text) {
            let mut call = ground.own_call.clone();
            call.query = vec![(parameter.name.clone(), value.clone())];
            all.push(Attempt::plain(format!("{}={value}", parameter.name), call));
        }
    }
    all
}

fn in_body(ground: &Ground<'_>, found: &Bulk) -> Vec<Attempt> {
    // Where the route has no filter, usual ones are tried in place of the ids.
    let (filters, base) = match (&found.filter, &found.ids) {
        (Some(filter), _) => (vec![filter.clone()], Some(ground.own_call.clone())),
        (None, Some(ids)) => (
            vec!["/where".to_owned(), "/filter".to_owned()],
            without_pointer(ground.own_call, ids),
        ),
        (None, None) => return Vec::new(),
    };
    let Some(base) = base else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (name, values) in fields(ground, found) {
        for value in values {
            for filter in &filters {
                let variant = format!("{} {name}={}", field_name(filter), text(&value));
                let call = with_pointer(&base, filter, json!({ name.as_str(): value }));
                all.extend(call.map(|call| Attempt::plain(variant, call)));
            }
        }
    }
    all
}

/// The enum and boolean fields that the body's schema knows: in the filter, in the data, at the top.
fn fields(ground: &Ground<'_>, found: &Bulk) -> Vec<Choice> {
    let Some(body) = &ground.route.body else {
        return Vec::new();
    };
    let below = |pointer: &Option<String>| {
        let name = field_name(pointer.as_deref()?);
        let inner = properties(&body.schema)
            .into_iter()
            .find(|(n, _)| **n == name)?;
        Some(choices(inner.1))
    };
    let mut all: Vec<Choice> = Vec::new();
    let found = [
        below(&found.filter),
        below(&found.data),
        Some(choices(&body.schema)),
    ];
    let stored = ground.facts.choices.iter().map(|(name, words)| {
        let words = words.iter().map(|w| Json::from(w.as_str()));
        (name.clone(), words.collect())
    });
    for choice in found.into_iter().flatten().flatten().chain(stored) {
        if all.iter().all(|(name, _)| *name != choice.0) {
            all.push(choice);
        }
    }
    all
}
