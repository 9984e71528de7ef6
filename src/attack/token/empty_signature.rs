//! `token.empty-signature`: a token with an empty signature.

use super::{forged, forgeries};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A token with an empty signature.
pub(in crate::attack) struct EmptySignature;

const DOC: &str = r#"## What it does
Lets the claims name the victim, leaves the token's header as it is, and takes the signature away.

## Why teams fall for it
An empty signature is compared with the first zero bytes of the right one, or is taken for "not signed, so nothing to check".
(A known hazard; next of kin in the collection is RL-75: the check fails, and the work is done all the same.)

## A correct target
Answers 401.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <header>.<payload with the victim's tenant>.
"#;

impl Attack for EmptySignature {
    fn id(&self) -> &'static str {
        "token.empty-signature"
    }

    fn title(&self) -> &'static str {
        "a token with an empty signature"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        forgeries(ground)
            .into_iter()
            .map(|(who, claims)| forged(ground, claims, Signature::Empty).named(who))
            .collect()
    }
}
