//! `path.slash`: the path with a slash too many.

use super::{Respell, in_path, respelt};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// The path with a slash too many.
pub(in crate::attack) struct Slash;

/// The spellings, likeliest first.
const SPELLINGS: &[(&str, Respell)] = &[
    ("trailing slash", |target| {
        in_path(target, |path| match path.strip_suffix('/') {
            Some("") => None,
            Some(shorter) => Some(shorter.to_owned()),
            None => Some(format!("{path}/")),
        })
    }),
    ("doubled slash", |target| {
        in_path(target, |path| Some(format!("/{path}")))
    }),
];

const DOC: &str = "\
## What it does
Ends the path with a slash (or leaves it out where it belongs there), and doubles the first one: with the victim's row, at
the victim's address with own credentials, and without any. The control is the own call, spelt alike.

## Why teams fall for it
What guards is bound to paths by a pattern (`^/admin/[a-z]+$`), and what routes is more generous: it takes a slash off or
joins two. The guard did not run, and handlers assume that it has (kin of RL-47: middleware that is skipped; RL-88: one way in
is guarded, its sibling is not).

## A correct target
Normalises before it guards, or answers 404.

## Example
    GET /services/
    Host: victim.example.com
    Authorization: Bearer <own token>
";

impl Attack for Slash {
    fn id(&self) -> &'static str {
        "path.slash"
    }

    fn title(&self) -> &'static str {
        "the path with a slash too many"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        respelt(ground, SPELLINGS)
    }
}
