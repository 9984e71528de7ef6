//! `cookie.seal-length`: the genuine cookie with a seal too short or too long.

use super::cookies;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{CookieTampering, Seal, Sent};

/// The genuine cookie with a seal too short or too long.
pub(in crate::attack) struct SealLength;

const DOC: &str = r#"## What it does
Sends the genuine cookie with the first half of its seal, and with one character more. Nothing crosses by it: only a promise
that the description makes for it (`"cookie.seal-length" = 403`) is judged. Tried on reads.

## Why teams fall for it
Seals are compared as far as the shorter one goes, so that they can be guessed a character at a time. (A known hazard; of the
collection RL-78 is next of kin.)

## A correct target
Refuses the cookie.

## Example
    GET /services
    Authorization: Bearer <own token>
    Cookie: tenant_sig=<genuine, half its seal>
"#;

impl Attack for SealLength {
    fn id(&self) -> &'static str {
        "cookie.seal-length"
    }

    fn title(&self) -> &'static str {
        "the genuine cookie with a seal too short or too long"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !ground.route.is_safe() {
            return Vec::new();
        }
        let lengths = [("half", Seal::Half), ("longer", Seal::Extended)];
        let mut all = Vec::new();
        for cookie in cookies(ground).filter(|cookie| cookie.sealed) {
            for (variant, seal) in &lengths {
                let mut call = ground.own_call.clone();
                call.tampering.cookie = Some(CookieTampering {
                    name: cookie.name.clone(),
                    of: None,
                    tenant: None,
                    seal: seal.clone(),
                    sent: Sent::Alone,
                });
                all.push(Attempt::plain(format!("{}, {variant}", cookie.name), call).promised());
            }
        }
        all
    }
}
