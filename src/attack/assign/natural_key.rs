//! `assign.natural-key`: a value that must be unique, as the victim has it.

use crate::attack::assign::{natural_fields, writes};
use crate::attack::body::with_field;
use crate::attack::shape::bulk;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// A value that must be unique, as the victim has it.
pub(in crate::attack) struct NaturalKey;

/// Fields tried.
const FIELDS: usize = 3;

/// What is put before the victim's value to make one that nobody has and that looks alike.
const MISSING: &[&str] = &["x0", "x1"];

const DOC: &str = r#"## What it does
The victim makes its own call first; the attacker then creates or updates its own row with the victim's name, number, e-mail
or slug. The control keeps the own value, `missing` uses one that nobody has. At most three fields.

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
        if !writes(ground) || bulk(ground).is_some() {
            return Vec::new();
        }
        natural_fields(ground.victim_call)
            .into_iter()
            .filter_map(|(name, value)| {
                let call = with_field(ground.own_call, &name, &value.as_str().into())?;
                let missing = MISSING.iter().filter_map(|mark| {
                    with_field(ground.own_call, &name, &format!("{mark}{value}").into())
                });
                (call != *ground.own_call).then(|| Attempt {
                    missing: missing.collect(),
                    ..Attempt::plain(name.clone(), call.clone()).warmed()
                })
            })
            .take(FIELDS)
            .collect()
    }
}
