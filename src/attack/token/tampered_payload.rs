//! `token.tampered-payload`: a changed payload under the old signature.

use super::{forged, forgeries};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A changed payload under the old signature.
pub(in crate::attack) struct TamperedPayload;

const DOC: &str = "\
## What it does
Changes the claims of the attacker's token so that they name the victim (its tenant; its tenant and user), leaves the old
signature behind them, and makes the victim's call with it.

## Why teams fall for it
The payload is decoded for convenience (`decode` in place of `verify`), in a middleware that only wanted to know the tenant,
and what it found is used from there on: half is validated (RL-46), a trusted component follows what the client says. (No
entry of its own in the collection of real leaks: this is the known hazard of every token library.)

## A correct target
Verifies first, and reads claims from the verified token alone: 401.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <header>.<payload with the victim's tenant>.<old signature>
";

impl Attack for TamperedPayload {
    fn id(&self) -> &'static str {
        "token.tampered-payload"
    }

    fn title(&self) -> &'static str {
        "a changed payload under the old signature"
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
            .map(|(who, claims)| forged(ground, claims, Signature::Stale).named(who))
            .collect()
    }
}
