//! `assign.id`: the id of the victim's row in a body.

use super::{exchanged_field, key, writes};
use crate::attack::body::field_name;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// The id of the victim's row in a body.
pub(in crate::attack) struct Id;

const DOC: &str = r#"## What it does
Adds the key of a row of the victim, of the table that the route is about, to the body of a create or an update of the
attacker's own.

## Why teams fall for it
`save(body)`: a supplied id turns the insert into an update of anyone's row (RL-28); an update merges the body into the
entity and then saves it under the id that came with it (RL-23, RL-24). A POST that answers 201 and overwrites.

## A correct target
Ignores the id or refuses it. The victim's row stays as it was. (An answer that tells taken ids from free ones is
`existence`'s to judge.)

## Example
    POST /services
    Authorization: Bearer <own token>

    {"id": "<foreign id>", "name": "x"}
"#;

impl Attack for Id {
    fn id(&self) -> &'static str {
        "assign.id"
    }

    fn title(&self) -> &'static str {
        "the id of the victim's row in a body"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let (true, Some(slot)) = (writes(ground), key(ground)) else {
            return Vec::new();
        };
        let name = field_name(&slot.at.name);
        let names = if name == "id" {
            vec![name]
        } else {
            vec![name, "id".to_owned()]
        };
        names
            .into_iter()
            .filter_map(|name| {
                let attempt = exchanged_field(ground, slot, &name)?;
                Some(attempt.named(name))
            })
            .collect()
    }
}
