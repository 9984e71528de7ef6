//! `assign.owner`: a user of the victim named as owner in a body.

use super::writes;
use crate::attack::body::{with_field, with_fields};
use crate::attack::names::{fields, json};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// A user of the victim named as owner in a body.
pub(in crate::attack) struct Owner;

/// Names tried alone.
const NAMES: usize = 3;
/// Names tried together.
const TOGETHER: usize = 16;

const DOC: &str = r#"## What it does
Adds the id of the victim's user to the body of a create or an update, under each of the first three names that this target
may use for a user, and under all of them at once.

## Why teams fall for it
`createdBy`, `assigneeId`, `authorId` are columns like any other, and the body is merged (RL-27). A row at home that belongs
to a stranger shows in that user's lists, mails and exports, and a right that hangs on authorship goes with it (RL-26: set it
on a sub-user, then log in as that one).

## A correct target
Takes authorship from the session, and other users only from the own tenant's members.

## Example
    POST /tasks
    Authorization: Bearer <own token>

    {"title": "x", "ownerId": "<user of the victim>"}
"#;

impl Attack for Owner {
    fn id(&self) -> &'static str {
        "assign.owner"
    }

    fn title(&self) -> &'static str {
        "a user of the victim named as owner in a body"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let (Some(user), true) = (ground.victim_user(), writes(ground)) else {
            return Vec::new();
        };
        let value = json(user);
        let names = fields(&ground.facts.user_names);
        let mut all: Vec<_> = names
            .iter()
            .take(NAMES)
            .filter_map(|name| {
                let call = with_field(ground.own_call, name, &value)?;
                Some(Attempt::plain(*name, call))
            })
            .collect();
        if names.len() > 1 {
            let fields = names.iter().take(TOGETHER).map(|n| (*n, value.clone()));
            let call = with_fields(ground.own_call, fields);
            all.extend(call.map(|call| Attempt::plain("every name", call)));
        }
        all
    }
}
