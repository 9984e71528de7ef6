//! `id.path`: a foreign id in the path.

use crate::attack::{Attack, Attempt, Ground, Scope};

/// A foreign id in the path.
pub(in crate::attack) struct Path;

const DOC: &str = r#"## What it does
Calls the route as always, with the id of the victim's row in the path. The tenant that the call addresses stays the
attacker's own. On routes with several ids in the path the `id.nested-*` attacks do this one by one.

## Why teams fall for it
The check is about something else than the row: membership of the URL's workspace (RL-01), the caller's role in its own org
(RL-02), a right that names another project (RL-03); the ORM scopes queries but not a fetch by primary key (RL-05); GET is
scoped and PATCH is not (RL-14); the policy asks whether the caller owns *a* company (RL-20).

## A correct target
Answers as it does for an id that nobody has, changes nothing, and says nothing about the row.

## Example
    PATCH /services/<foreign id>
    Host: own.example.com
    Authorization: Bearer <own token>

    {"name": "x"}
"#;

impl Attack for Path {
    fn id(&self) -> &'static str {
        "id.path"
    }

    fn title(&self) -> &'static str {
        "a foreign id in the path"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        match ground.path_ids()[..] {
            [only] => ground.exchange(&[only]).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}
