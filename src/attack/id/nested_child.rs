//! `id.nested-child`: the own parent with a foreign child in the path.

use crate::attack::{Attack, Attempt, Ground, Scope};

/// The own parent with a foreign child in the path.
pub(in crate::attack) struct NestedChild;

const DOC: &str = "\
## What it does
Where the path names several rows, puts the victim's id in place of the last one and leaves its parents the attacker's own.

## Why teams fall for it
The parent is checked against the tenant, and the child is then loaded, changed or deleted by its own id: the child table
has no tenant column, its tenant is only its parent's (RL-15); write access is checked on the repository in the path, the
comment is found by its number (RL-17); `requireOrgAdmin(org)`, then `deleteMember(id)` without the org (RL-13).

## A correct target
Loads the child *through* the parent, and so finds none.

## Example
    DELETE /issues/<own issue>/comments/<foreign comment>
    Authorization: Bearer <own token>
";

impl Attack for NestedChild {
    fn id(&self) -> &'static str {
        "id.nested-child"
    }

    fn title(&self) -> &'static str {
        "the own parent with a foreign child in the path"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        match ground.path_ids()[..] {
            [_, .., child] => ground.exchange(&[child]).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}
