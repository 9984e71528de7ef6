//! `token.weak-secret`: a token signed with a secret that anybody guesses.

use super::{forged, forgeries};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A token signed with a secret that anybody guesses.
pub(in crate::attack) struct WeakSecret;

/// The secrets, likeliest first.
const SECRETS: &[(&str, &str)] = &[
    ("empty", ""),
    ("secret", "secret"),
    ("your-256-bit-secret", "your-256-bit-secret"),
    ("changeme", "changeme"),
    ("password", "password"),
];

/// How many of them are tried with a user of the victim's named, too.
const LIKELY: usize = 2;

const DOC: &str = r#"## What it does
Lets the claims name the victim and signs them with the empty secret, and with four words from tutorials.

## Why teams fall for it
The variable is not set in that environment and the default is empty, or is the tutorial's; it works, so nobody looks. (A
known hazard; of the collection RL-78 is next of kin: one secret for all, and unverified deliveries worked, too.)

## A correct target
Does not start without a secret: 401.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <payload with the victim's tenant, signed with "secret">
"#;

impl Attack for WeakSecret {
    fn id(&self) -> &'static str {
        "token.weak-secret"
    }

    fn title(&self) -> &'static str {
        "a token signed with a secret that anybody guesses"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let mut all = Vec::new();
        for (index, (who, claims)) in forgeries(ground).into_iter().enumerate() {
            let most = if index == 0 { SECRETS.len() } else { LIKELY };
            for (variant, secret) in SECRETS.iter().take(ground.afford(most)) {
                let signature = Signature::Secret((*secret).to_owned());
                let attempt = forged(ground, claims.clone(), signature);
                all.push(attempt.named(format!("{who}, {variant}")));
            }
        }
        all
    }
}
