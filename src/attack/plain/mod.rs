//! Family `plain`: legitimate calls in all variants, without any foreign part. What crosses here crosses for everybody.

pub(super) mod after_owner;
pub(super) mod call;
pub(super) mod look_up;
pub(super) mod page;
pub(super) mod variant;
pub(super) mod without_others;

use crate::attack::Ground;
use crate::attack::names::words;
use crate::model::call::Call;
use crate::model::route::{Parameter, Place, Route};

/// What a query parameter is for, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// How many rows a page has.
    Size,
    /// Which page, counted from one (or zero).
    Page,
    /// How many rows to skip.
    Offset,
    /// In which order.
    Sort,
    /// Which related rows come along.
    Include,
    /// Anything else.
    Other,
}

/// The role of a query parameter.
fn role(parameter: &Parameter) -> Role {
    let words = words(&parameter.name);
    let has = |any: &[&str]| words.iter().any(|w| any.contains(&w.as_str()));
    if has(&["limit", "size", "take", "count", "pagesize"]) || has(&["per"]) && has(&["page"]) {
        Role::Size
    } else if has(&["offset", "skip", "start", "from"]) && is_number(parameter) {
        Role::Offset
    } else if words == ["page"]
        || words == ["p"]
        || has(&["page"]) && has(&["number", "no", "index"])
    {
        Role::Page
    } else if has(&["sort", "order", "ordering", "orderby", "sortby"]) {
        Role::Sort
    } else if has(&[
        "include",
        "includes",
        "expand",
        "embed",
        "with",
        "relations",
        "populate",
    ]) {
        Role::Include
    } else {
        Role::Other
    }
}

fn is_number(parameter: &Parameter) -> bool {
    crate::attack::schema::has_schema_type(&parameter.schema, &["integer", "number"])
        || matches!(
            parameter.name.to_ascii_lowercase().as_str(),
            "offset" | "skip"
        )
}

/// The parameter of a route that says how many rows a page has.
pub fn page_size(route: &Route) -> Option<&Parameter> {
    route
        .parameters_in(Place::Query)
        .find(|p| role(p) == Role::Size)
}

/// The parameter of a route that says in which order rows come.
pub(super) fn sorting(route: &Route) -> Option<&Parameter> {
    route
        .parameters_in(Place::Query)
        .find(|p| role(p) == Role::Sort)
}

/// The parameter of a route that says how many rows to skip.
pub(super) fn skipped(route: &Route) -> Option<&Parameter> {
    route
        .parameters_in(Place::Query)
        .find(|p| role(p) == Role::Offset)
}

/// The text parameters of the query, what is named like a search first.
pub(super) fn searching<'a>(ground: &Ground<'a>) -> Vec<&'a Parameter> {
    let parameters = ground.route.parameters_in(Place::Query);
    let mut searching: Vec<_> = parameters
        .filter(|p| look_up::takes_text(ground, p))
        .collect();
    searching.sort_by_key(|p| !look_up::is_search(p));
    searching
}

/// The call with a query parameter set, replacing every one of that name.
pub fn with_query(call: &Call, name: &str, value: &str) -> Call {
    let mut call = call.clone();
    call.query.retain(|(n, _)| n != name);
    call.query.push((name.to_owned(), value.to_owned()));
    call
}
