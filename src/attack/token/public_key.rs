//! `token.public-key`: a token signed with the public key as secret.

use super::{forged, forgeries};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A token signed with the public key as secret.
pub(in crate::attack) struct PublicKey;

const DOC: &str = r#"## What it does
Where the target verifies with a public key, lets the claims name the victim and signs them by HMAC with that key's text as
secret.

## Why teams fall for it
`verify(token, key)` takes the algorithm from the token: told HS256, it uses the public key, which everybody has, as the
shared secret. (A known hazard; RL-43 is next of kin: what the attacker configures is trusted.)

## A correct target
Knows its algorithm and takes no other: 401.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <header with "alg":"HS256">.<payload with the victim's tenant>.<HMAC by the public key>
"#;

impl Attack for PublicKey {
    fn id(&self) -> &'static str {
        "token.public-key"
    }

    fn title(&self) -> &'static str {
        "a token signed with the public key as secret"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !ground.facts.has_public_key {
            return Vec::new();
        }
        forgeries(ground)
            .into_iter()
            .map(|(who, claims)| forged(ground, claims, Signature::PublicKey).named(who))
            .collect()
    }
}
