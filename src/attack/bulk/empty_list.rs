//! `bulk.empty-list`: a bulk write on an empty list.

use serde_json::json;

use crate::attack::body::with_pointer;
use crate::attack::shape::bulk;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// A bulk write on an empty list.
pub(in crate::attack) struct EmptyList;

const DOC: &str = r#"## What it does
Makes the own bulk call with an empty list of ids, or of rows.

## Why teams fall for it
An empty list is no filter: `if ids { query.whereIn(ids) }` falls through to all rows of all tenants, as does a scope whose
list of allowed tenants came out empty (RL-08).

## A correct target
Does nothing, or refuses.

## Example
    DELETE /services/bulk
    Authorization: Bearer <own token>

    {"ids": []}
"#;

impl Attack for EmptyList {
    fn id(&self) -> &'static str {
        "bulk.empty-list"
    }

    fn title(&self) -> &'static str {
        "a bulk write on an empty list"
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
        [("ids", found.ids), ("rows", found.items)]
            .into_iter()
            .filter_map(|(what, pointer)| {
                let call = with_pointer(ground.own_call, &pointer?, json!([]))?;
                (call != *ground.own_call).then(|| Attempt::plain(what, call))
            })
            .collect()
    }
}
