//! `path.case`: the path in capitals.

use super::{guarded, in_path, written};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// The path in capitals.
pub(in crate::attack) struct Case;

const DOC: &str = "\
## What it does
Writes the fixed segments of the path in capitals, ids as they are: with the victim's row, at the victim's address with own
credentials, and without any.

## Why teams fall for it
The router takes paths in any case (Express does so unless told otherwise, so do servers on file systems that do), and the
guard's pattern knows one. It did not run, and handlers assume that it has (kin of RL-47).

## A correct target
Guards what it routes, or answers 404.

## Example
    GET /SERVICES/<foreign id>
    Authorization: Bearer <own token>
";

impl Attack for Case {
    fn id(&self) -> &'static str {
        "path.case"
    }

    fn title(&self) -> &'static str {
        "the path in capitals"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let template = &ground.route.template;
        let shouted = |target: &str| in_path(target, |path| Some(in_capitals(path, template)));
        let attempts = guarded(ground).into_iter();
        attempts
            .filter_map(|(attempt, own)| written(ground, attempt.titled("capitals"), &own, shouted))
            .collect()
    }
}

/// The segments that the template fixes, in capitals.
fn in_capitals(path: &str, template: &str) -> String {
    let fixed = template.split('/').map(|segment| !segment.contains('{'));
    let segments: Vec<String> = path
        .split('/')
        .zip(fixed.chain(std::iter::repeat(false)))
        .map(|(segment, fixed)| {
            if fixed {
                segment.to_ascii_uppercase()
            } else {
                segment.to_owned()
            }
        })
        .collect();
    segments.join("/")
}
