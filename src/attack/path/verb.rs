//! `path.verb`: the same path by another verb.

use super::guarded;
use crate::attack::shape::{Shape, shape};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Call;

/// The same path by another verb.
pub(in crate::attack) struct Verb;

const DOC: &str = "\
## What it does
Makes the call by a verb that the route does not name: an update by PUT where it is a PATCH and the reverse, a deletion by
POST, a read by OPTIONS and by HEAD; with the victim's row, at the victim's address with own credentials, and without any.

## Why teams fall for it
Frameworks register one handler for several verbs, and the guard in front compares the verb: `if method == 'PATCH'` (RL-14:
GET is scoped, PATCH of the same resource is not). A pre-flight carries no credentials, so OPTIONS passes everywhere.

## A correct target
Answers 405, or guards by what the handler does.

## Example
    PUT /services/<foreign id>
    Authorization: Bearer <own token>
";

impl Attack for Verb {
    fn id(&self) -> &'static str {
        "path.verb"
    }

    fn title(&self) -> &'static str {
        "the same path by another verb"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let verbs: &[&str] = match (shape(ground), ground.route.method.as_str()) {
            (Shape::Update, "PATCH") => &["PUT"],
            (Shape::Update, _) => &["PATCH"],
            (Shape::Delete, _) => &["POST"],
            (Shape::Read, "GET") => &["OPTIONS", "HEAD"],
            _ => &[],
        };
        let mut all = Vec::new();
        for verb in verbs {
            let by = |mut call: Call| {
                (*verb).clone_into(&mut call.method);
                call
            };
            for (attempt, own) in guarded(ground) {
                // Who asks for a foreign row by HEAD is `id.head`.
                if *verb == "HEAD" && !attempt.reaches.is_empty() {
                    continue;
                }
                let variant = verb.to_ascii_lowercase();
                all.push(attempt.titled(&variant).each(by).controlled(by(own)));
            }
        }
        all
    }
}
