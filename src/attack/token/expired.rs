//! `token.expired`: a token that has expired.

use serde_json::json;

use super::{has_token, with_token};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A token that has expired.
pub(in crate::attack) struct Expired;

const DOC: &str = r#"## What it does
Where the description gives the secret, makes a genuine token of the attacker's own that expired in 1970, and makes the own call with it.
Nothing in it is foreign: only a declared promise judges the answer.

## Why teams fall for it
Ends are not ends: a removed member's token goes on working (RL-40), and what should have stopped it, its expiry, is decoded
and not checked.

## A correct target
Answers 401.

## Example
    GET /services
    Authorization: Bearer <genuine token with "exp": 1>
"#;

impl Attack for Expired {
    fn id(&self) -> &'static str {
        "token.expired"
    }

    fn title(&self) -> &'static str {
        "a token that has expired"
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
        let claims = vec![("exp".to_owned(), Some(json!(1)))];
        let own = Attempt::plain("expired", ground.own_call.clone());
        vec![with_token(own, claims, Signature::Genuine).promised()]
    }
}
