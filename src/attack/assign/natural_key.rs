//! `assign.natural-key`: a value that must be unique, as the victim has it.

use super::{body_pointer, exchanged_field, natural_fields, writes};
use crate::attack::body::{field_name, with_field};
use crate::attack::{Attack, Attempt, Ground, Scope, Slot};
use crate::model::call::SlotRef;
use crate::model::route::Place;

/// A value that must be unique, as the victim has it.
pub(in crate::attack) struct NaturalKey;

/// Fields tried.
const FIELDS: usize = 3;

/// What is put before the victim's value to make one that nobody has and that looks alike.
const MISSING: &[&str] = &["x0", "x1"];

const DOC: &str = r#"## What it does
Creates or updates the attacker's own row with a value that a row of the victim has in a unique column: its number, e-mail,
slug. Where no unique column is known, the victim makes its own call first, and its name, number or e-mail is used. The
control keeps the own value, and what nobody has is tried beside it. At most three fields.

## Why teams fall for it
The unique constraint leaves out the tenant: 409 against 201 tells of a value that no read shows, and whoever comes first
keeps the other out (RL-65). `unique` and `exists` rules of validation libraries ask the whole table.

## A correct target
Accepts the value: uniqueness ends at the tenant. (Identities that log in everywhere are unique everywhere by nature.)

## Example
    POST /clients
    Authorization: Bearer <own token>

    {"name": "x", "email": "<e-mail of a client of the victim>"}
"#;

impl Attack for NaturalKey {
    fn id(&self) -> &'static str {
        "assign.natural-key"
    }

    fn title(&self) -> &'static str {
        "a value that must be unique, as the victim has it"
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
        let uniques = &ground.facts.uniques;
        let mut all: Vec<_> = uniques
            .iter()
            .filter_map(|slot| {
                let name = field_name(&slot.at.name);
                let attempt = exchanged_field(ground, slot, &name)?;
                Some(attempt.named(name))
            })
            .collect();
        all.extend(uniques.iter().filter_map(|slot| taken_first(ground, slot)));
        if uniques.is_empty() {
            all.extend(guessed(ground));
        }
        all.truncate(FIELDS);
        all
    }
}

/// A value that nobody has yet, taken before the victim takes it.
fn taken_first(ground: &Ground<'_>, slot: &Slot) -> Option<Attempt> {
    let name = field_name(&slot.at.name);
    let value = slot.missing.first()?.as_str().into();
    let call = with_field(ground.own_call, &name, &value)?;
    Some(Attempt {
        victim_then: Some(with_field(ground.victim_call, &name, &value)?),
        ..Attempt::plain(format!("{name}, taken first"), call)
    })
}

/// Where no unique column is known: what the victim's own call carries, which the victim sends first.
fn guessed(ground: &Ground<'_>) -> Vec<Attempt> {
    natural_fields(ground.victim_call)
        .into_iter()
        .filter_map(|(name, value)| {
            let set = |value: String| with_field(ground.own_call, &name, &value.into());
            let call = set(value.clone())?;
            let at = SlotRef {
                place: Place::Body,
                name: body_pointer(ground, &name),
            };
            (call != *ground.own_call).then(|| Attempt {
                slots: vec![at],
                missing: MISSING
                    .iter()
                    .filter_map(|mark| set(format!("{mark}{value}")))
                    .collect(),
                ..Attempt::plain(name.clone(), call.clone()).after(ground.victim_call)
            })
        })
        .collect()
}
