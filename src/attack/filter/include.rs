//! `filter.include`: related rows asked for by a parameter that no document names.

use crate::attack::plain::variant::relations;
use crate::attack::plain::with_query;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::route::Place;

/// Related rows asked for by a parameter that no document names.
pub(in crate::attack) struct Include;

/// The names of the parameter, likeliest first.
const NAMES: &[&str] = &["include", "expand", "embed", "populate", "with"];

/// How many names are tried with each relation alone, too.
const LIKELY: usize = 2;

/// How many relations are.
const ALONE: usize = 2;

const DOC: &str = "\
## What it does
Asks the own call for all rows that its table's foreign keys point to, under the usual names for that (`include`, `expand`,
`embed`, `populate`, `with`) which the route does not declare; under the first two for each relation alone, too. What a
document declares is tried by `plain.variant`.

## Why teams fall for it
The framework or an older client brought the parameter along, and nobody has looked at it since: related rows are loaded by
foreign key, or by e-mail, alone (RL-11); the fix went to the name that the document has (RL-88).

## A correct target
Ignores or refuses the parameter, or brings own rows only.

## Example
    GET /invoices/<own id>?expand=client
    Authorization: Bearer <own token>
";

impl Attack for Include {
    fn id(&self) -> &'static str {
        "filter.include"
    }

    fn title(&self) -> &'static str {
        "related rows asked for by a parameter that no document names"
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
        let relations = relations(ground);
        let Some((all, each)) = relations.split_last() else {
            return Vec::new();
        };
        let declared = |name: &str| {
            ground
                .route
                .parameters_in(Place::Query)
                .any(|p| p.name == name)
        };
        let mut attempts = Vec::new();
        for (index, name) in NAMES.iter().enumerate().filter(|(_, n)| !declared(n)) {
            let alone = each.iter().take(if index < LIKELY { ALONE } else { 0 });
            attempts.extend(std::iter::once(all).chain(alone).map(|value| {
                let call = with_query(ground.own_call, name, value);
                Attempt::plain(format!("{name}={value}"), call)
            }));
        }
        attempts
    }
}
