//! `assign.role`: a higher role in a body.

use serde_json::{Value as Json, json};

use super::writes;
use crate::attack::body::{with_field, with_fields};
use crate::attack::names::words;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// A higher role in a body.
pub(in crate::attack) struct Role;

/// Names that carry a role in many applications.
const USUAL: &[&str] = &[
    "role",
    "roles",
    "is_admin",
    "isAdmin",
    "is_superuser",
    "permissions",
];
/// Names tried together.
const TOGETHER: usize = 8;

const DOC: &str = r#"## What it does
Adds a role or a switch that makes its holder an operator to the body of a create or an update: under columns of the table
that are named so, else under usual names, all of them in one call and the likeliest alone.

## Why teams fall for it
'Admin' is one word for two roles, the tenant's and the operator's (RL-87); the destination's rights are checked only if
`roles` is in the same request (RL-29). By itself a raised role crosses no wall: what shows here is the row that it makes
elsewhere, and a declared promise. What it opens shows when the actor is used.

## A correct target
Ignores the field or refuses it, and knows no role that sees all tenants among those that a tenant may give.

## Example
    PATCH /users/<own id>
    Authorization: Bearer <own token>

    {"name": "x", "role": "superadmin", "isAdmin": true}
"#;

impl Attack for Role {
    fn id(&self) -> &'static str {
        "assign.role"
    }

    fn title(&self) -> &'static str {
        "a higher role in a body"
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
        let mut fields: Vec<(&str, Json)> = ground
            .facts
            .writable_names
            .iter()
            .filter_map(|name| Some((name.as_str(), raised(name)?)))
            .collect();
        let usual = USUAL.iter().filter_map(|name| Some((*name, raised(name)?)));
        fields.extend(usual);
        fields.truncate(TOGETHER);
        let alone = fields.first().and_then(|(name, value)| {
            let call = with_field(ground.own_call, name, value)?;
            Some(Attempt::plain(format!("{name} alone"), call))
        });
        let together = with_fields(ground.own_call, fields);
        alone
            .into_iter()
            .chain(together.map(|call| Attempt::plain("every name", call)))
            .filter(|attempt| attempt.call != *ground.own_call)
            .collect()
    }
}

/// What a field of that name is set to, where it is about roles.
fn raised(name: &str) -> Option<Json> {
    let words = words(name);
    let has = |any: &[&str]| words.iter().any(|w| any.contains(&w.as_str()));
    if has(&["roles", "permissions", "scopes"]) {
        Some(json!(["superadmin"]))
    } else if has(&["is"])
        && has(&[
            "admin",
            "superuser",
            "superadmin",
            "staff",
            "operator",
            "owner",
        ])
    {
        Some(json!(true))
    } else if has(&["role"]) && !has(&["id"]) {
        Some(json!("superadmin"))
    } else {
        None
    }
}
