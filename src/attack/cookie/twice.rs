//! `cookie.twice`: the cookie twice, of which one says the victim.

use super::{cookies, forged};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Seal, Sent};

/// The cookie twice, of which one says the victim.
pub(in crate::attack) struct Twice;

const DOC: &str = "\
## What it does
Sends the genuine cookie and a forged one that says the victim, under the same name: the forged one last, and first.

## Why teams fall for it
One parser takes the first of two cookies and the other the last, so that one is verified and the other believed (kin of
RL-46: two halves, each validated alone).

## A correct target
Verifies every cookie of that name, or takes one and looks at that one alone.

## Example
    GET /services
    Host: victim.example.com
    Authorization: Bearer <own token>
    Cookie: tenant_sig=<genuine>; tenant_sig=<victim, old seal>
";

impl Attack for Twice {
    fn id(&self) -> &'static str {
        "cookie.twice"
    }

    fn title(&self) -> &'static str {
        "the cookie twice, of which one says the victim"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let orders = [("forged last", Sent::Last), ("forged first", Sent::First)];
        cookies(ground)
            .flat_map(|cookie| {
                orders.map(|(variant, sent)| {
                    forged(ground, &cookie.name, &Seal::Stale, sent)
                        .named(format!("{}, {variant}", cookie.name))
                })
            })
            .collect()
    }
}
