//! `token.wrong-audience`: a token for another audience.

use serde_json::json;

use super::{has_token, with_token};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A token for another audience.
pub(in crate::attack) struct WrongAudience;

const DOC: &str = r#"## What it does
Where the description gives the secret, makes a genuine token of the attacker's own that is meant for another service, and makes the own call with it.
Nothing in it is foreign: only a declared promise judges the answer.

## Why teams fall for it
One secret signs for several services or tenants: the signature is right, its addressee is not, and nobody asks (RL-78).

## A correct target
Answers 401.

## Example
    GET /services
    Authorization: Bearer <genuine token with "aud": "other.invalid">
"#;

impl Attack for WrongAudience {
    fn id(&self) -> &'static str {
        "token.wrong-audience"
    }

    fn title(&self) -> &'static str {
        "a token for another audience"
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
        let claims = vec![("aud".to_owned(), Some(json!("other.invalid")))];
        let own = Attempt::plain("wrong audience", ground.own_call.clone());
        vec![with_token(own, claims, Signature::Genuine).promised()]
    }
}
