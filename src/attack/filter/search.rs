//! `filter.search`: searches for what stands in a row of the victim.

use crate::attack::plain::{searching, with_query};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// Searches for what stands in a row of the victim.
pub(in crate::attack) struct Search;

/// Parameters tried.
const PARAMETERS: usize = 2;

/// Texts searched for.
const TEXTS: usize = 3;

const DOC: &str = "\
## What it does
Searches the own list for whole texts of one of the victim's rows (a name, a number, an address), by each of at most two text
parameters, and by `q` where the route names none. What comes back beside the text itself says whether the row was found.

## Why teams fall for it
Who types a number in full wants that record: the short cut looks it up by its unique value, past the list's scope; full-text
and vector search build their own SQL without it (RL-12), or the filter reaches the index in a form that it ignores (RL-10).

## A correct target
Finds own rows only.

## Example
    GET /invoices?q=<number of the victim's invoice>
    Authorization: Bearer <own token>
";

impl Attack for Search {
    fn id(&self) -> &'static str {
        "filter.search"
    }

    fn title(&self) -> &'static str {
        "searches for what stands in a row of the victim"
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
        let declared = searching(ground);
        let mut names: Vec<&str> = declared.iter().map(|p| p.name.as_str()).collect();
        names.truncate(PARAMETERS);
        if names.is_empty() {
            names.push("q");
        }
        let mut all = Vec::new();
        for name in names {
            for (column, text) in ground.facts.foreign_texts.iter().take(TEXTS) {
                let call = with_query(ground.own_call, name, text);
                all.push(Attempt::plain(format!("{name}, its {column}"), call));
            }
        }
        all
    }
}
