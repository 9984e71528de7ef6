//! `bulk.reassign`: the victim named as tenant in the data of a bulk write.

use crate::attack::body::{with_field, with_pointer};
use crate::attack::names::{fields, holds, json};
use crate::attack::shape::bulk;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::pointer::escaped;

/// The victim named as tenant in the data of a bulk write.
pub(in crate::attack) struct Reassign;

/// Names tried.
const NAMES: usize = 3;

const DOC: &str = r#"## What it does
Adds the victim's key or slug to what a bulk route changes its rows to, or to the body itself, under each of the first three
names that this target may use for a tenant. The rows are the attacker's own: what crosses is where they land. (Rows that are
made belong to `bulk.import`.)

## Why teams fall for it
Without a tenant header bulk actions take `tenant_id` from the payload (RL-35); the plugin that adds the tenant guards the
WHERE and lets it into the SET (RL-25).

## A correct target
Ignores the field or refuses it.

## Example
    PATCH /tasks/bulk
    Authorization: Bearer <own token>

    {"ids": ["<own id>"], "data": {"tenantId": "<victim>"}}
"#;

impl Attack for Reassign {
    fn id(&self) -> &'static str {
        "bulk.reassign"
    }

    fn title(&self) -> &'static str {
        "the victim named as tenant in the data of a bulk write"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(found) =
            bulk(ground).filter(|found| found.data.is_some() || found.items.is_none())
        else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for name in fields(&ground.facts.tenant_names).into_iter().take(NAMES) {
            for held in holds(name) {
                let value = json(held.of(ground.victim));
                let call = match &found.data {
                    Some(data) => {
                        let pointer = format!("{data}/{}", escaped(name));
                        with_pointer(ground.own_call, &pointer, value)
                    }
                    None => with_field(ground.own_call, name, &value),
                };
                let variant = format!("{name} {}", held.label());
                all.extend(call.map(|call| Attempt::plain(variant, call)));
            }
        }
        all
    }
}
