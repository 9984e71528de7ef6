//! `path.suffix`: the path with a suffix that routers take off.

use super::{Respell, in_path, respelt};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// The path with a suffix that routers take off.
pub(in crate::attack) struct Suffix;

/// The spellings, likeliest first.
const SPELLINGS: &[(&str, Respell)] = &[
    ("json suffix", |target| {
        in_path(target, |path| Some(format!("{path}.json")))
    }),
    ("path parameter", |target| {
        in_path(target, |path| Some(format!("{path};v=1")))
    }),
];

const DOC: &str = "\
## What it does
Ends the path with `.json` and with a path parameter (`;v=1`): with the victim's row, at the victim's address with own
credentials, and without any.

## Why teams fall for it
The guard's pattern leaves out what looks like a file (`/((?!.*\\.).*)`, for images and styles), and the router takes a format
off before it routes: Rails knows `.json`, servlets know `;` (kin of RL-47).

## A correct target
Guards what it routes, or answers 404.

## Example
    GET /services.json
    Host: victim.example.com
    Authorization: Bearer <own token>
";

impl Attack for Suffix {
    fn id(&self) -> &'static str {
        "path.suffix"
    }

    fn title(&self) -> &'static str {
        "the path with a suffix that routers take off"
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
