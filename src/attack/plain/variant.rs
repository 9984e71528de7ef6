//! `plain.variant`: every value that the document lists for a parameter, sorts, includes, pairs of optional parameters.

use serde_json::Value as Json;

use super::{Role, role, with_query};
use crate::attack::body::{at, with_pointer};
use crate::attack::names::{noun, words};
use crate::attack::schema::{choices, values};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Body, text};
use crate::model::pointer::escaped;
use crate::model::route::{Parameter, Place};

/// Every listed value of a parameter, sorts, includes, pairs of optional parameters.
pub(in crate::attack) struct Variant;

/// Values tried in a parameter.
const VALUES: usize = 6;
/// Fields tried in a sort, and relations in an include, where the document lists none.
const GUESSES: usize = 3;
/// Pairs of optional parameters.
const PAIRS: usize = 6;
/// Attempts in all.
const MOST: usize = 32;

const DOC: &str = "\
## What it does
Makes the own call once for each value that the document lists (or, where it lists none, that a column of the same name
holds): enum words and booleans of parameters and of top-level fields of the body, sort fields in both directions, related
rows to include, each optional parameter left out and all of them, and pairs of optional parameters. At most 32 attempts; six values a parameter.

## Why teams fall for it
One branch of a `match` forgets the tenant: only for `status=archived`, only in the sorted query, only with `?include=`,
which loads relations by foreign key alone (RL-11); a filter that is ANDed onto the caller's predicates is lost when there
are none (RL-09); one type of fourteen has no hook of its own (RL-06).

## A correct target
Answers each variant with own rows only.

## Example
    GET /bookings?status=cancelled&sort=-createdAt
    Authorization: Bearer <own token>
";

impl Attack for Variant {
    fn id(&self) -> &'static str {
        "plain.variant"
    }

    fn title(&self) -> &'static str {
        "every listed value of the own call's parameters, sorts, includes and pairs"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let mut all = singles(ground);
        all.extend(left_out(ground));
        all.extend(in_path(ground));
        all.extend(in_body(ground));
        all.extend(pairs(ground));
        all.retain(|attempt| attempt.call != *ground.own_call);
        all.truncate(MOST);
        all
    }
}

/// The values that an optional parameter may take: listed, or guessed where it sorts or includes.
fn candidates(ground: &Ground<'_>, parameter: &Parameter) -> Vec<String> {
    let mut listed: Vec<_> = values(&parameter.schema).iter().map(text).collect();
    if listed.is_empty() {
        listed.clone_from(&parameter.quoted);
    }
    if listed.is_empty() {
        let named = |(column, _): &&(String, Vec<String>)| words(column) == words(&parameter.name);
        let stored = ground.facts.choices.iter().find(named);
        listed.extend(stored.into_iter().flat_map(|(_, words)| words.clone()));
    }
    let found = match role(parameter) {
        Role::Sort if listed.is_empty() => sorts(ground),
        Role::Include if listed.is_empty() => relations(ground),
        Role::Size | Role::Page | Role::Offset => Vec::new(),
        _ => listed,
    };
    found.into_iter().take(VALUES).collect()
}

/// Columns to sort by, in both directions.
fn sorts(ground: &Ground<'_>) -> Vec<String> {
    let names = ground.facts.writable_names.iter().take(GUESSES);
    names
        .flat_map(|name| [name.clone(), format!("-{name}")])
        .collect()
}

/// Relations to include: columns that end in id, without that; and all of them.
pub(in crate::attack) fn relations(ground: &Ground<'_>) -> Vec<String> {
    let mut all: Vec<String> = ground
        .facts
        .writable_names
        .iter()
        .filter(|name| words(name).last().is_some_and(|w| w == "id"))
        .filter_map(|name| noun(name))
        .map(|noun| noun.replace(' ', "_"))
        .take(GUESSES)
        .collect();
    if all.len() > 1 {
        all.push(all.join(","));
    }
    all
}

/// The parameters of the query that do not name rows.
fn free_parameters<'a>(ground: &Ground<'a>) -> Vec<&'a Parameter> {
    let names_rows = |p: &&Parameter| {
        ground
            .slots
            .iter()
            .any(|s| s.at.place == Place::Query && s.at.name == p.name)
    };
    let mut all: Vec<_> = ground.route.parameters_in(Place::Query).collect();
    all.retain(|p| !names_rows(p));
    all
}

fn singles(ground: &Ground<'_>) -> Vec<Attempt> {
    free_parameters(ground)
        .into_iter()
        .flat_map(|p| candidates(ground, p).into_iter().map(move |v| (p, v)))
        .map(|(p, value)| {
            Attempt::plain(
                format!("{}={value}", p.name),
                with_query(ground.own_call, &p.name, &value),
            )
        })
        .collect()
}

/// Each optional parameter left out, then all of them.
fn left_out(ground: &Ground<'_>) -> Vec<Attempt> {
    let optional = |name: &str| {
        !ground
            .route
            .parameters_in(Place::Query)
            .any(|p| p.name == name && p.required)
    };
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in &ground.own_call.query {
        if optional(name) && !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let without = |gone: &[&str]| {
        let mut call = ground.own_call.clone();
        call.query.retain(|(n, _)| !gone.contains(&n.as_str()));
        call
    };
    let mut all: Vec<_> = names
        .iter()
        .take(VALUES)
        .map(|name| Attempt::plain(format!("without {name}"), without(&[name])))
        .collect();
    if names.len() > 1 {
        all.push(Attempt::plain("without any filter", without(&names)));
    }
    all
}

/// Each value that the document lists for a segment of the path.
fn in_path(ground: &Ground<'_>) -> Vec<Attempt> {
    let mut all = Vec::new();
    for p in ground.route.parameters_in(Place::Path) {
        for value in values(&p.schema).iter().take(VALUES).map(text) {
            let mut call = ground.own_call.clone();
            call.path.insert(p.name.clone(), value.clone());
            all.push(Attempt::plain(format!("path {}={value}", p.name), call));
        }
    }
    all
}

/// Each listed value of a top-level field of a JSON body.
fn in_body(ground: &Ground<'_>) -> Vec<Attempt> {
    let (Some(schema), Some(Body::Json(Json::Object(_)))) =
        (&ground.route.body, &ground.own_call.body)
    else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (name, values) in choices(&schema.schema) {
        let pointer = format!("/{}", escaped(&name));
        let is_list = at(ground.own_call, &pointer).is_some_and(Json::is_array);
        for value in values.into_iter().take(ground.afford(VALUES)) {
            let variant = format!("body {name}={}", text(&value));
            let value = if is_list {
                Json::Array(vec![value])
            } else {
                value
            };
            let call = with_pointer(ground.own_call, &pointer, value);
            all.extend(call.map(|call| Attempt::plain(variant, call)));
        }
    }
    all
}

/// Pairs of optional parameters, the first listed value of each.
fn pairs(ground: &Ground<'_>) -> Vec<Attempt> {
    let first = |p: &Parameter| candidates(ground, p).into_iter().next();
    let with_values: Vec<_> = free_parameters(ground)
        .into_iter()
        .filter_map(|p| Some((p, first(p)?)))
        .collect();
    let mut all = Vec::new();
    for (index, (one, one_value)) in with_values.iter().enumerate() {
        for (two, two_value) in &with_values[index + 1..] {
            let call = with_query(ground.own_call, &one.name, one_value);
            all.push(Attempt::plain(
                format!("{}={one_value} and {}={two_value}", one.name, two.name),
                with_query(&call, &two.name, two_value),
            ));
        }
    }
    all.truncate(PAIRS);
    all
}
