//! `bulk.no-filter`: a bulk write with an empty filter.

use serde_json::{Value as Json, json};

use crate::attack::body::{at, with_pointer};
use crate::attack::names::is_tenant;
use crate::attack::shape::bulk;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Call;

/// A bulk write with an empty filter.
pub(in crate::attack) struct NoFilter;

const DOC: &str = r#"## What it does
Makes the own bulk call with its filter emptied: no conditions at all, and none that names a tenant; where the query chooses
the rows, without it. Nothing in it is foreign. (`bulk.left-out` takes the fields themselves away.)

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
        "a bulk write with an empty filter"
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
            all.push(("empty", with_pointer(own, filter, json!({}))));
            all.push(("without tenant", without_tenant(ground, filter)));
        }
        if found.by_query {
            let mut call = own.clone();
            call.query.clear();
            all.push(("no query", Some(call)));
        }
        all.into_iter()
            .filter_map(|(variant, call)| Some(Attempt::plain(variant, call?)))
            .filter(|attempt| attempt.call != *own)
            .collect()
    }
}

/// The filter without conditions that name a tenant; `None` where that leaves all or nothing.
fn without_tenant(ground: &Ground<'_>, filter: &str) -> Option<Call> {
    let conditions = at(ground.own_call, filter)?.as_object()?;
    let mut kept = conditions.clone();
    kept.retain(|name, _| !is_tenant(ground.facts, name));
    if kept.is_empty() || kept.len() == conditions.len() {
        return None;
    }
    with_pointer(ground.own_call, filter, Json::Object(kept))
}
