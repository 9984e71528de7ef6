//! `filter.limit`: page sizes and offsets below zero and beyond all bounds.

use crate::attack::plain::{page_size, skipped, with_query};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// Page sizes and offsets below zero and beyond all bounds.
pub(in crate::attack) struct Limit;

/// How many rows are asked for.
const SIZES: &[&str] = &["-1", "0", "1000000000"];

const DOC: &str = "\
## What it does
Asks the own list for -1 rows, for none, and for a billion, and skips -1: by the parameters that say how many rows a page has
and how many to skip; where the route names none, by `limit`.

## Why teams fall for it
-1 or 0 stands for everything somewhere (an export, a job), and everything is another query, which did not inherit the scope
that the list has (RL-34); an error half-way falls back to it (RL-08: nothing to filter by means no filter).

## A correct target
Refuses, or answers with own rows only.

## Example
    GET /services?limit=-1
    Authorization: Bearer <own token>
";

impl Attack for Limit {
    fn id(&self) -> &'static str {
        "filter.limit"
    }

    fn title(&self) -> &'static str {
        "page sizes and offsets below zero and beyond all bounds"
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
        let with = |name: &str, value: &str| {
            let call = with_query(ground.own_call, name, value);
            Attempt::plain(format!("{name}={value}"), call)
        };
        let size = page_size(ground.route).map_or("limit", |p| p.name.as_str());
        let mut all: Vec<_> = SIZES.iter().map(|value| with(size, value)).collect();
        all.extend(skipped(ground.route).map(|p| with(&p.name, "-1")));
        all
    }
}
