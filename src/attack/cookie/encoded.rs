//! `cookie.encoded`: the victim in the cookie, in quotes or percent-encoded.

use super::{cookies, forged};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Seal, Sent};

/// The victim in the cookie, in quotes or percent-encoded.
pub(in crate::attack) struct Encoded;

const DOC: &str = r#"## What it does
Exchanges the own tenant for the victim in the cookie that says it, and sends the value in quotes, and with its separators
percent-encoded.

## Why teams fall for it
What verifies splits the value as it came and finds no seal to compare; what reads it takes quotes off and decodes first (kin
of RL-46: two halves that do not read alike).

## A correct target
Decodes once, before it verifies.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <own token>
    Cookie: tenant_sig="<victim, old seal>"
"#;

impl Attack for Encoded {
    fn id(&self) -> &'static str {
        "cookie.encoded"
    }

    fn title(&self) -> &'static str {
        "the victim in the cookie, in quotes or percent-encoded"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let mut shapes = vec![("in quotes", Sent::Quoted)];
        // What has no parts has nothing to encode.
        if cookies(ground).any(|cookie| cookie.sealed) {
            shapes.push(("percent-encoded", Sent::Encoded));
        }
        shapes.truncate(ground.afford(2));
        cookies(ground)
            .flat_map(|cookie| {
                shapes.iter().map(|(variant, sent)| {
                    forged(ground, &cookie.name, &Seal::Stale, *sent)
                        .named(format!("{}, {variant}", cookie.name))
                })
            })
            .collect()
    }
}
