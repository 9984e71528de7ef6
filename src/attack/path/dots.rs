//! `path.dots`: the path with dot segments in it.

use super::{Respell, in_path, respelt, split_first};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// The path with dot segments in it.
pub(in crate::attack) struct Dots;

/// The spellings, likeliest first.
const SPELLINGS: &[(&str, Respell)] = &[
    ("static prefix", |target| {
        in_path(target, |path| Some(format!("/static/..{path}")))
    }),
    ("dot segment", |target| {
        in_path(target, |path| {
            let (first, rest) = split_first(path)?;
            Some(format!("/{first}/./{rest}"))
        })
    }),
];

const DOC: &str = "\
## What it does
Begins the path with a folder of static files that it leaves again (`/static/../…`), and puts a dot segment behind its first
one: with the victim's row, at the victim's address with own credentials, and without any. Sent as they are: no client tidies
them up on the way.

## Why teams fall for it
Static files are for everybody, so the guard's pattern leaves their prefix out; it looks at the path as it came, and the
router, or the proxy in between, at the one without dots. The guard did not run, and handlers assume that it has (kin of
RL-47).

## A correct target
Normalises before it guards, or answers 404.

## Example
    GET /static/../services
    Host: victim.example.com
";

impl Attack for Dots {
    fn id(&self) -> &'static str {
        "path.dots"
    }

    fn title(&self) -> &'static str {
        "the path with dot segments in it"
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
