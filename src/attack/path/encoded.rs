//! `path.encoded`: the path with percent-encoded letters and slashes.

use super::{Respell, in_path, respelt, split_first};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// The path with percent-encoded letters and slashes.
pub(in crate::attack) struct Encoded;

/// The spellings, likeliest first.
const SPELLINGS: &[(&str, Respell)] = &[
    ("encoded letter", |target| {
        in_path(target, |path| {
            let mut letters = path.strip_prefix('/')?.chars();
            let first = letters.next().filter(char::is_ascii_alphabetic)?;
            Some(format!("/%{:02x}{}", first as u32, letters.as_str()))
        })
    }),
    ("encoded slash", |target| {
        in_path(target, |path| {
            let (first, rest) = split_first(path)?;
            Some(format!("/{first}%2f{rest}"))
        })
    }),
];

const DOC: &str = "\
## What it does
Percent-encodes the first letter of the path, and the slash behind its first segment: with the victim's row, at the victim's
address with own credentials, and without any.

## Why teams fall for it
The guard compares the path as it came, the router decodes it first; or the proxy decodes once and the application once more.
The pattern did not fit, so nothing was asked (kin of RL-47).

## A correct target
Decodes once, before it guards, or answers 404.

## Example
    GET /%73ervices
    Host: victim.example.com
    Authorization: Bearer <own token>
";

impl Attack for Encoded {
    fn id(&self) -> &'static str {
        "path.encoded"
    }

    fn title(&self) -> &'static str {
        "the path with percent-encoded letters and slashes"
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
