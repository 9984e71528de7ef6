//! `id.cursor`: the cursor of another tenant's page.

use crate::attack::plain::with_query;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Call, SlotRef};
use crate::model::route::Place;

/// The cursor of another tenant's page.
pub(in crate::attack) struct Cursor;

const DOC: &str = "\
## What it does
The victim reads the first page of its list; the cursor that it is given for the next one goes into the attacker's own call. The
control is the same with a cursor of the attacker's own.

## Why teams fall for it
A cursor is opaque, so it is trusted: the query that it was made from, tenant included, is packed into it and taken from
there. Lists shorter than a page have none, and tests seldom have longer ones. (Kin: RL-49, a checked value is trusted without
what it was valid for.)

## A correct target
Takes the tenant from the session. It refuses a foreign cursor, or goes on from there in the caller's own list.

## Example
    GET /events?limit=2&cursor=<the victim's>     as attacker
";

impl Attack for Cursor {
    fn id(&self) -> &'static str {
        "id.cursor"
    }

    fn title(&self) -> &'static str {
        "the cursor of another tenant's page"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(cursor) = ground.facts.cursor.as_ref() else {
            return Vec::new();
        };
        if ground.attacker.id.is_anonymous() || !ground.route.is_safe() {
            return Vec::new();
        }
        let from = |value: &str| -> Call {
            let small = cursor.small.as_ref();
            let own = small.map_or_else(
                || ground.own_call.clone(),
                |(name, few)| with_query(ground.own_call, name, few),
            );
            with_query(&own, &cursor.parameter, value)
        };
        let at = SlotRef {
            place: Place::Query,
            name: cursor.parameter.clone(),
        };
        vec![Attempt {
            slots: vec![at],
            control: Some(from(&cursor.own)),
            ..Attempt::plain("foreign cursor", from(&cursor.foreign))
        }]
    }
}
