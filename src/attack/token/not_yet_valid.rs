//! `token.not-yet-valid`: a token that is not valid yet.

use serde_json::json;

use super::{has_token, with_token};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A token that is not valid yet.
pub(in crate::attack) struct NotYetValid;

const DOC: &str = r#"## What it does
Where the description gives the secret, makes a genuine token of the attacker's own that is valid from the year 2100 on, and makes the own call with it.
Nothing in it is foreign: only a declared promise judges the answer.

## Why teams fall for it
`nbf` is an option of the library that nobody switched on. Tokens made ahead of time (for a planned membership, a trial) then
work at once; ends and beginnings are not checked alike (RL-40).

## A correct target
Answers 401.

## Example
    GET /services
    Authorization: Bearer <genuine token with "nbf": 4102444800>
"#;

impl Attack for NotYetValid {
    fn id(&self) -> &'static str {
        "token.not-yet-valid"
    }

    fn title(&self) -> &'static str {
        "a token that is not valid yet"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !ground.facts.can_sign || !has_token(ground) {
            return Vec::new();
        }
        let claims = vec![("nbf".to_owned(), Some(json!(4_102_444_800_i64)))];
        let own = Attempt::plain("not yet valid", ground.own_call.clone());
        vec![with_token(own, claims, Signature::Genuine).promised()]
    }
}
