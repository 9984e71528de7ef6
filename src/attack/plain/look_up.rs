//! `plain.look-up`: searches and look-ups by harmless words.

use super::{Role, role, searching, with_query};
use crate::attack::names::words;
use crate::attack::schema::{has_schema_type, values};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::route::{Parameter, Place};

/// Searches and look-ups by harmless words.
pub(in crate::attack) struct LookUp;

/// Parameters tried.
const PARAMETERS: usize = 3;

/// What is searched for: nothing, letters that stand in most texts, and what a pattern would match.
const TERMS: &[(&str, &str)] = &[
    ("nothing", ""),
    ("a letter", "e"),
    ("another letter", "a"),
    ("a wildcard", "%"),
];

/// Words in the names of parameters that search.
const SEARCH_WORDS: &[&str] = &[
    "q", "query", "search", "term", "keyword", "text", "name", "title", "email", "contains",
    "filter", "lookup", "like",
];

const DOC: &str = "\
## What it does
Searches the own list for nothing, for single common letters, for a wildcard and for what texts of own rows begin with, by
each of at most three text parameters of the query. No word in it is the victim's: an ordinary user types such things.

## Why teams fall for it
The search is the one query that somebody wrote by hand: `tenant = $1 AND name ILIKE $2 OR email ILIKE $2` binds the tenant
to the first half alone; vector and full-text search build their own SQL without the scope (RL-12); the filter reaches the
external index in a form that it ignores (RL-10).

## A correct target
Finds own rows only.

## Example
    GET /clients?q=e
    Authorization: Bearer <own token>
";

impl Attack for LookUp {
    fn id(&self) -> &'static str {
        "plain.look-up"
    }

    fn title(&self) -> &'static str {
        "searches and look-ups by harmless words"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !ground.route.is_safe() {
            return Vec::new();
        }
        let mut all = Vec::new();
        // Only the first few are tried: what is named like a search comes first.
        for parameter in searching(ground).into_iter().take(PARAMETERS) {
            let beginnings = &ground.facts.beginnings;
            let own = beginnings.iter().map(|b| ("a beginning", b.as_str()));
            for (what, term) in TERMS.iter().copied().chain(own) {
                let call = with_query(ground.own_call, &parameter.name, term);
                if call != *ground.own_call {
                    all.push(Attempt::plain(format!("{} {what}", parameter.name), call));
                }
            }
        }
        all
    }
}

pub(super) fn is_search(parameter: &Parameter) -> bool {
    words(&parameter.name)
        .iter()
        .any(|w| SEARCH_WORDS.contains(&w.as_str()))
}

/// Free text, as far as the document tells: no listed words, no number, no date, no row.
pub(super) fn takes_text(ground: &Ground<'_>, parameter: &Parameter) -> bool {
    let untyped = parameter.schema.get("type").is_none() && parameter.schema.get("anyOf").is_none();
    let text = has_schema_type(&parameter.schema, &["string"]) || untyped && is_search(parameter);
    let formatted = parameter.schema.get("format").is_some_and(|f| f != "email");
    let names_rows = ground
        .slots
        .iter()
        .any(|s| s.at.place == Place::Query && s.at.name == parameter.name);
    text && !formatted
        && !names_rows
        && values(&parameter.schema).is_empty()
        && role(parameter) == Role::Other
}
