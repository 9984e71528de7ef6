//! `id.twice`: the own id in the path and a foreign one in query or body.

use crate::attack::body::with_field;
use crate::attack::craft::shaped;
use crate::attack::names::json;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Body, SlotRef};
use crate::model::pointer::escaped;
use crate::model::route::Place;

/// The own id in the path and a foreign one in query or body.
pub(in crate::attack) struct Twice;

const DOC: &str = "\
## What it does
Leaves the own id in the path and names the victim's under the same name a second time: in the query, and in the body where
there is one. Only the last id of the path.

## Why teams fall for it
Frameworks merge path, query and body into one bag of parameters, and which of them wins differs between the guard and the
handler. The body that is bound to the entity brings its own `id`, and the update goes where that points (RL-28); the right
is proven for the path, the target is in the body (RL-30).

## A correct target
Takes the id from the path alone.

## Example
    GET /documents/<own id>?id=<foreign id>
    Authorization: Bearer <own token>
";

impl Attack for Twice {
    fn id(&self) -> &'static str {
        "id.twice"
    }

    fn title(&self) -> &'static str {
        "the own id in the path and a foreign one in query or body"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(slot) = ground.path_ids().pop() else {
            return Vec::new();
        };
        let Some(own) = ground.own_call.slot(&slot.at) else {
            return Vec::new();
        };
        let name = &slot.at.name;
        let pointer = match ground.own_call.body {
            Some(Body::Json(_)) => format!("/{}", escaped(name)),
            _ => name.clone(),
        };
        let at = |place, name| SlotRef { place, name };
        let in_query = shaped(slot, at(Place::Query, name.clone()), &own, |value| {
            let mut call = ground.own_call.clone();
            call.query.push((name.clone(), value.to_owned()));
            Some(call)
        });
        let in_body = shaped(slot, at(Place::Body, pointer), &own, |value| {
            with_field(ground.own_call, name, &json(value))
        });
        in_query
            .map(|attempt| attempt.named("query").unasked())
            .into_iter()
            .chain(in_body.map(|attempt| attempt.named("body").unasked()))
            .collect()
    }
}
