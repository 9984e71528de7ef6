//! `id.body`: a foreign id in the body of an action.

use crate::attack::assign::writes;
use crate::attack::shape::{Shape, bulk, shape};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::route::Place;

/// A foreign id in the body of an action.
pub(in crate::attack) struct Body;

/// Fields tried.
const FIELDS: usize = 6;

const DOC: &str = r#"## What it does
Puts the victim's id into each field of the body that names the row to act on: the body of an action, a search or a look-up.
(Bodies that are stored belong to `assign.reference`, lists that choose rows to `bulk.mixed-ids`.) Fields that the document
declares and the own call leaves out are added, those of optional filters too. At most six fields.

## Why teams fall for it
Guards read ids from the path, so one in the body passes unseen (RL-30); a token is minted for any agent that the body names
(RL-39); switch takes any organization that exists (RL-42); a filter runs from the id in the body (RL-67).

## A correct target
Answers as it does for an id that nobody has.

## Example
    POST /bookings/check
    Authorization: Bearer <own token>

    {"serviceId": "<foreign id>", "date": "2030-01-01"}
"#;

impl Attack for Body {
    fn id(&self) -> &'static str {
        "id.body"
    }

    fn title(&self) -> &'static str {
        "a foreign id in the body of an action"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if writes(ground) {
            return Vec::new();
        }
        let others =
            bulk(ground).is_some() || matches!(shape(ground), Shape::Create | Shape::Update);
        let declared = if others {
            Vec::new()
        } else {
            ground.ids_in(Place::Body)
        };
        let named = declared
            .into_iter()
            .filter_map(|slot| ground.exchange(&[slot]));
        let absent = ground.facts.absent.iter();
        let added = absent.filter_map(|absent| ground.added(absent));
        named.take(FIELDS).chain(added).take(FIELDS).collect()
    }
}
