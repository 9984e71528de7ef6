//! `id.query`: a foreign id in the query.

use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::route::Place;

/// A foreign id in the query.
pub(in crate::attack) struct Query;

/// Parameters tried.
const PARAMETERS: usize = 6;

const DOC: &str = "\
## What it does
Puts the victim's id into each parameter of the query that names a row, also into optional ones that the own call leaves
out. At most six parameters.

## Why teams fall for it
The parameter is a filter, so nobody thinks of it as access: `?clientId=` replaces the tenant's term instead of joining it,
the id of a colleague or of a room is the only key of a calendar (RL-16: looked up, never compared).

## A correct target
Answers as it does for an id that nobody has: an empty list, or 404.

## Example
    GET /bookings?serviceId=<foreign id>
    Authorization: Bearer <own token>
";

impl Attack for Query {
    fn id(&self) -> &'static str {
        "id.query"
    }

    fn title(&self) -> &'static str {
        "a foreign id in the query"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        ground
            .ids_in(Place::Query)
            .into_iter()
            .take(PARAMETERS)
            .filter_map(|slot| {
                let attempt = ground.exchange(&[slot])?;
                let own = ground.own_call.clone();
                // A filter that the own call does without is there with an own value in the control.
                Some(match slot.own.first() {
                    Some((value, _)) if own.slot(&slot.at).is_none() => {
                        attempt.controlled(own.with_slot(&slot.at, value))
                    }
                    _ => attempt,
                })
            })
            .collect()
    }
}
