//! `id.nested-parent`: a foreign parent with the own child in the path.

use crate::attack::{Attack, Attempt, Ground, Scope};

/// A foreign parent with the own child in the path.
pub(in crate::attack) struct NestedParent;

/// Parents tried alone.
const PARENTS: usize = 3;

const DOC: &str = "\
## What it does
Where the path names several rows, exchanges the parents for the victim's, one at a time and then all of them, and leaves
the last id the attacker's own. At most three parents are tried alone.

## Why teams fall for it
The child is checked, since it is what the route is about; the parent is taken from the path as a destination or a filter.
The own child then moves below the victim's parent (RL-29, RL-61), or the answer describes the parent.

## A correct target
Answers as it does for a parent that nobody has.

## Example
    PUT /projects/<foreign project>/members/<own user>
    Authorization: Bearer <own token>
";

impl Attack for NestedParent {
    fn id(&self) -> &'static str {
        "id.nested-parent"
    }

    fn title(&self) -> &'static str {
        "a foreign parent with the own child in the path"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let ids = ground.path_ids();
        let Some((_, parents)) = ids.split_last().filter(|(_, parents)| !parents.is_empty()) else {
            return Vec::new();
        };
        let mut all: Vec<_> = parents
            .iter()
            .take(PARENTS)
            .filter_map(|parent| ground.exchange(&[parent]))
            .collect();
        if parents.len() > 1 {
            all.extend(ground.exchange(parents));
        }
        all
    }
}
