//! `filter.sort`: lists sorted by what another table holds.

use crate::attack::plain::variant::relations;
use crate::attack::plain::{sorting, with_query};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// Lists sorted by what another table holds.
pub(in crate::attack) struct Sort;

/// The names of the parameter where none is declared, likeliest first.
const NAMES: &[&str] = &["sort", "order_by", "orderBy", "ordering"];

/// How a column of another table is named, likeliest first.
const COLUMNS: &[&str] = &[".name", "__name"];

const DOC: &str = "\
## What it does
Sorts the own list by a column of each table that its foreign keys point to (`client.name`, `client__name`), in the
parameter that the route declares for sorting, or else under the usual names for one (`sort`, `order_by`, `orderBy`, `ordering`).

## Why teams fall for it
Sorting by another table takes a join, and the join another query than the scoped one: raw, older, or around the model's
own scope (RL-34: aggregate, search and export do not inherit what the list has).

## A correct target
Refuses or ignores the column, or sorts own rows by it.

## Example
    GET /bookings?sort=client.name
    Authorization: Bearer <own token>
";

impl Attack for Sort {
    fn id(&self) -> &'static str {
        "filter.sort"
    }

    fn title(&self) -> &'static str {
        "lists sorted by what another table holds"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !ground.route.is_safe() || !ground.path_ids().is_empty() {
            return Vec::new();
        }
        let declared = sorting(ground.route).map(|p| p.name.as_str());
        let names = declared.as_ref().map_or(NAMES, std::slice::from_ref);
        let sorted = tried(&relations(ground), names);
        let attempt = |(name, value): (&str, String)| {
            let call = with_query(ground.own_call, name, &value);
            Attempt::plain(format!("{name}={value}"), call)
        };
        sorted.into_iter().map(attempt).collect()
    }
}

/// Parameters with what they are sorted by: the first relation's first column under each name, then, under the likeliest name,
/// its other columns and one of the next relation.
fn tried<'n>(relations: &[String], names: &[&'n str]) -> Vec<(&'n str, String)> {
    // The last of several is all of them.
    let mut relations = relations.iter().filter(|name| !name.contains(','));
    let (Some(first), Some(likeliest)) = (relations.next(), names.first()) else {
        return Vec::new();
    };
    let by = |relation: &str, column: &str| format!("{relation}{column}");
    let mut all: Vec<_> = names
        .iter()
        .map(|name| (*name, by(first, COLUMNS[0])))
        .collect();
    all.extend(
        COLUMNS[1..]
            .iter()
            .map(|column| (*likeliest, by(first, column))),
    );
    all.extend(
        relations
            .next()
            .map(|second| (*likeliest, by(second, COLUMNS[0]))),
    );
    all
}
