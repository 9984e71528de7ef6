//! `bulk.no-filter`: a bulk write without any filter.

use serde_json::{Value as Json, json};

use crate::attack::body::{with_pointer, without_pointer};
use crate::attack::shape::bulk;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Call;

/// A bulk write without any filter.
pub(in crate::attack) struct NoFilter;

const DOC: &str = r#"## What it does
Makes the own bulk call without what chooses its rows: the filter left out, empty or null, the ids left out, the query left
out. Nothing in it is foreign.

## Why teams fall for it
The tenant's term is ANDed onto the caller's predicates, and without any there is nothing to AND it to (RL-09); a 'replace
all' import deletes without a tenant term (RL-36); one tenant in the test database makes it correct.

## A correct target
Refuses ("filter required"), or touches own rows only.

## Example
    PATCH /tasks/bulk
    Authorization: Bearer <own token>

    {"where": {}, "data": {"status": "done"}}
"#;

impl Attack for NoFilter {
    fn id(&self) -> &'static str {
        "bulk.no-filter"
    }

    fn title(&self) -> &'static str {
        "a bulk write without any filter"
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
        let mut all: Vec<(&str, Option<Call>)> = Vec::new();
        if let Some(filter) = &found.filter {
            all.push(("filter empty", with_pointer(own, filter, json!({}))));
            all.push(("filter left out", without_pointer(own, filter)));
            all.push(("filter null", with_pointer(own, filter, Json::Null)));
        }
        if let Some(ids) = found.ids.as_ref().filter(|ids| !ids.is_empty()) {
            all.push(("ids left out", without_pointer(own, ids)));
            all.push(("ids null", with_pointer(own, ids, Json::Null)));
        }
        if found.by_query {
            let mut call = own.clone();
            call.query.clear();
            all.push(("query left out", Some(call)));
        }
        all.into_iter()
            .filter_map(|(variant, call)| Some(Attempt::plain(variant, call?)))
            .filter(|attempt| attempt.call != *own)
            .collect()
    }
}
