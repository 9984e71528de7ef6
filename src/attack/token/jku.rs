//! `token.jku`: a token that says where its key is fetched from.

use super::with_own_keys;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A token that says where its key is fetched from.
pub(in crate::attack) struct Jku;

const DOC: &str = r#"## What it does
Lets the claims name the victim, signs them with a key of partywall's own, and says in the header (`jku`, with `kid`) where the
key to verify that by is fetched from: partywall serves it on this machine for as long as it runs. Tried on targets that run on
this machine, too, with one key of the kind that the target's own tokens are signed with, and an Ed25519 key.

## Why teams fall for it
Keys change, so the library fetches them; which address it may fetch them from is an option that nobody set, or a pattern that
any host of the right look fits. RL-43 is next of kin: what the attacker configures is trusted. (That the target calls an
address of the attacker's choice is a hole of its own.)

## A correct target
Fetches keys from its own provider, whatever a token says: 401.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <header with "jku":"http://127.0.0.1:…/jwks.json">.<payload with the victim's tenant>.<signature>
"#;

impl Attack for Jku {
    fn id(&self) -> &'static str {
        "token.jku"
    }

    fn title(&self) -> &'static str {
        "a token that says where its key is fetched from"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !ground.facts.is_near {
            return Vec::new();
        }
        with_own_keys(ground, Signature::Fetched)
    }
}
