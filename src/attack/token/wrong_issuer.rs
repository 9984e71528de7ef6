//! `token.wrong-issuer`: a token of another issuer.

use serde_json::json;

use super::{has_token, with_token};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A token of another issuer.
pub(in crate::attack) struct WrongIssuer;

const DOC: &str = r#"## What it does
Where the description gives the secret, makes a genuine token of the attacker's own that names another issuer, and makes the own call with it.
Nothing in it is foreign: only a declared promise judges the answer.

## Why teams fall for it
Each org brings its own identity provider, and the token of one is accepted for the other because only the signature is
looked at (RL-43, RL-78: right signature, wrong addressee).

## A correct target
Answers 401.

## Example
    GET /services
    Authorization: Bearer <genuine token with "iss": "https://other.invalid">
"#;

impl Attack for WrongIssuer {
    fn id(&self) -> &'static str {
        "token.wrong-issuer"
    }

    fn title(&self) -> &'static str {
        "a token of another issuer"
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
        let claims = vec![("iss".to_owned(), Some(json!("https://other.invalid")))];
        let own = Attempt::plain("wrong issuer", ground.own_call.clone());
        vec![with_token(own, claims, Signature::Genuine).promised()]
    }
}
