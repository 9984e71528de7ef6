//! `cookie.weak-secret`: the victim in the cookie, sealed with a secret that anybody guesses.

use super::{cookies, forged};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Seal, Sent};

/// The victim in the cookie, sealed with a secret that anybody guesses.
pub(in crate::attack) struct WeakSecret;

/// The secrets, likeliest first.
const SECRETS: &[(&str, &str)] = &[("empty", ""), ("secret", "secret")];

const DOC: &str = r#"## What it does
Exchanges the own tenant for the victim in the cookie that says it, and seals it anew (HMAC with SHA-256 of all that stands
before the seal) with the empty secret and with `secret`. Only where the seal is a digest of that length.

## Why teams fall for it
The variable is not set in that environment and the default is empty, or a rotation left an empty one among those tried. (A
known hazard; of the collection RL-78 is next of kin: one secret for all.)

## A correct target
Does not start without a secret, and refuses the cookie.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <own token>
    Cookie: tenant_sig=<victim, sealed with "">
"#;

impl Attack for WeakSecret {
    fn id(&self) -> &'static str {
        "cookie.weak-secret"
    }

    fn title(&self) -> &'static str {
        "the victim in the cookie, sealed with a secret that anybody guesses"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        cookies(ground)
            .filter(|cookie| cookie.by_sha256)
            .flat_map(|cookie| {
                SECRETS.iter().map(|(variant, secret)| {
                    let seal = Seal::Secret((*secret).to_owned());
                    forged(ground, &cookie.name, &seal, Sent::Alone)
                        .named(format!("{}, {variant}", cookie.name))
                })
            })
            .take(ground.afford(SECRETS.len()))
            .collect()
    }
}
