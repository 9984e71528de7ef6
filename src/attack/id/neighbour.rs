//! `id.neighbour`: the numbers next to an own integer id.

use crate::attack::craft::named_row;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// The numbers next to an own integer id.
pub(in crate::attack) struct Neighbour;

const DOC: &str = "\
## What it does
Where the own id is a whole number, tries the next and the previous one, and zero. Nobody needs to have leaked such an id:
it is guessed.

## Why teams fall for it
Running numbers are shared by all tenants, so the neighbour of an own row is often another's; rows with tenant or id 0 from
before a migration are everyone's (RL-19). Whatever `id.path` finds weighs more here, since no id need be known (RL-17).

## A correct target
Answers as it does for a number that nobody has.

## Example
    GET /invoices/1042      after the own 1041
    Authorization: Bearer <own token>
";

impl Attack for Neighbour {
    fn id(&self) -> &'static str {
        "id.neighbour"
    }

    fn title(&self) -> &'static str {
        "the numbers next to an own integer id"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let (Some(slot), true) = (ground.path_ids().pop(), ground.route.is_safe()) else {
            return Vec::new();
        };
        let number = ground
            .own_call
            .slot(&slot.at)
            .and_then(|v| v.parse::<i64>().ok());
        let Some(number) = number else {
            return Vec::new();
        };
        [
            ("next", number.saturating_add(1)),
            ("previous", number.saturating_sub(1)),
            ("zero", 0),
        ]
        .into_iter()
        .filter(|(_, guess)| !slot.own.iter().any(|(own, _)| *own == guess.to_string()))
        .map(|(variant, guess)| {
            let value = guess.to_string();
            let call = ground.own_call.clone().with_slot(&slot.at, &value);
            Attempt {
                slots: vec![slot.at.clone()],
                reaches: named_row(slot, &value),
                ..Attempt::plain(variant, call)
            }
        })
        .collect()
    }
}
