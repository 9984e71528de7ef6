//! `bulk.tenant-filter`: the victim named as tenant in the filter of a bulk write.

use serde_json::Value as Json;

use crate::attack::body::{at, with_pointer};
use crate::attack::names::{fields, holds, is_tenant, json};
use crate::attack::shape::bulk;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::pointer::escaped;

/// The victim named as tenant in the filter of a bulk write.
pub(in crate::attack) struct TenantFilter;

/// Names tried where none stands there.
const NAMES: usize = 3;

const DOC: &str = r#"## What it does
Names the victim as tenant in the filter (or the query) that chooses the rows of a bulk write: under the names that stand
there already, else under each of the first three that this target may use.

## Why teams fall for it
The data layer insists that a tenant is named, and nobody asks whose: without a header bulk actions take `tenant_id` from the
payload (RL-35); bulk does not inherit the scope that list has (RL-34).

## A correct target
Refuses what is not the caller's own, or touches own rows only.

## Example
    PATCH /tasks/bulk
    Authorization: Bearer <own token>

    {"where": {"tenantId": "<victim>"}, "data": {"status": "done"}}
"#;

impl Attack for TenantFilter {
    fn id(&self) -> &'static str {
        "bulk.tenant-filter"
    }

    fn title(&self) -> &'static str {
        "the victim named as tenant in the filter of a bulk write"
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
        let mut all = Vec::new();
        for name in names(ground, found.filter.as_deref()) {
            for held in holds(&name) {
                let value = held.of(ground.victim);
                let variant = format!("{name} {}", held.label());
                if let Some(filter) = &found.filter {
                    let pointer = format!("{filter}/{}", escaped(&name));
                    let call = with_pointer(ground.own_call, &pointer, json(value));
                    all.extend(call.map(|call| Attempt::plain(variant, call)));
                } else if found.by_query {
                    let mut call = ground.own_call.clone();
                    call.query.retain(|(n, _)| *n != name);
                    call.query.push((name.clone(), value.to_owned()));
                    all.push(Attempt::plain(variant, call));
                }
            }
        }
        all
    }
}

/// The names of tenants that the filter holds already; else the likeliest.
fn names(ground: &Ground<'_>, filter: Option<&str>) -> Vec<String> {
    let conditions = filter
        .and_then(|filter| at(ground.own_call, filter))
        .and_then(Json::as_object);
    let standing: Vec<String> = conditions
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .filter(|name| is_tenant(ground.facts, name))
        .collect();
    if standing.is_empty() {
        let likely = fields(&ground.facts.tenant_names).into_iter();
        likely.take(NAMES).map(str::to_owned).collect()
    } else {
        standing
    }
}
