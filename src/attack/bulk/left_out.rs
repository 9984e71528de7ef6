//! `bulk.left-out`: a bulk write without the field that chooses its rows.

use serde_json::Value as Json;

use crate::attack::body::{with_pointer, without_pointer};
use crate::attack::shape::bulk;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// A bulk write without the field that chooses its rows.
pub(in crate::attack) struct LeftOut;

const DOC: &str = r#"## What it does
Makes the own bulk call without the field that chooses its rows, and with null in it: the filter, the ids. Nothing in it is
foreign.

## Why teams fall for it
A missing field is `undefined`, and what is undefined falls out of the WHERE (RL-08); a null filter is merged with the
tenant's term by a spread that keeps neither (RL-09).

## A correct target
Refuses the body, or touches own rows only.

## Example
    POST /services/bulk
    Authorization: Bearer <own token>

    {"data": {"isActive": false}}
"#;

impl Attack for LeftOut {
    fn id(&self) -> &'static str {
        "bulk.left-out"
    }

    fn title(&self) -> &'static str {
        "a bulk write without the field that chooses its rows"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(found) = bulk(ground) else {
            return Vec::new();
        };
        let own = ground.own_call;
        let fields = [("filter", found.filter), ("ids", found.ids)];
        let mut all = Vec::new();
        for (what, pointer) in fields {
            let Some(pointer) = pointer.filter(|p| !p.is_empty()) else {
                continue;
            };
            let without = without_pointer(own, &pointer);
            all.extend(without.map(|call| Attempt::plain(format!("{what} left out"), call)));
            let null = with_pointer(own, &pointer, Json::Null);
            all.extend(null.map(|call| Attempt::plain(format!("{what} null"), call)));
        }
        all
    }
}
