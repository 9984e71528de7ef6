//! `token.jwk`: a token that brings its own key along.

use super::with_own_keys;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A token that brings its own key along.
pub(in crate::attack) struct Jwk;

const DOC: &str = r#"## What it does
Lets the claims name the victim, signs them with a key of partywall's own, and puts the key to verify that by into the header
(`jwk`): one of the kind that the target's own tokens are signed with, and an Ed25519 key.

## Why teams fall for it
The standard has a field for the key, and a library takes it from there: the signature is right, of a key that nobody trusts
(CVE-2018-0114). RL-43 is next of kin: what the attacker configures is trusted.

## A correct target
Verifies with the keys that it has, whatever a token says: 401.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <header with "jwk": {own key}>.<payload with the victim's tenant>.<signature by the own key>
"#;

impl Attack for Jwk {
    fn id(&self) -> &'static str {
        "token.jwk"
    }

    fn title(&self) -> &'static str {
        "a token that brings its own key along"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        with_own_keys(ground, Signature::Embedded)
    }
}
