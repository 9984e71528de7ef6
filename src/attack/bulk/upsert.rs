//! `bulk.upsert`: rows of a bulk write that collide with rows of the victim.

use super::{natural_item_fields, with_item_field};
use crate::attack::Slot;
use crate::attack::assign::key;
use crate::attack::body::{at, field_name, like};
use crate::attack::craft::shaped;
use crate::attack::shape::bulk;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::SlotRef;
use crate::model::pointer::escaped;
use crate::model::route::Place;

/// Rows of a bulk write that collide with rows of the victim.
pub(in crate::attack) struct Upsert;

/// Natural values tried.
const FIELDS: usize = 3;

const DOC: &str = r#"## What it does
Gives the rows of a batch, import or upsert what tells a row of the victim from others: its key, and the natural values
(number, slug, e-mail) of its unique columns, or, where none is known, those that the victim's own call carries. At most
four attempts.

## Why teams fall for it
`ON CONFLICT (slug) DO UPDATE` knows no tenant where the unique index has none (RL-65); a supplied id turns the insert into
an update of anyone's row (RL-28); `upsert` runs past the scoping layer that covers reads (RL-23).

## A correct target
Inserts own rows, or refuses. The victim's row stays as it was.

## Example
    POST /clients/upsert
    Authorization: Bearer <own token>

    [{"email": "<e-mail of a client of the victim>", "name": "x"}]
"#;

impl Attack for Upsert {
    fn id(&self) -> &'static str {
        "bulk.upsert"
    }

    fn title(&self) -> &'static str {
        "rows of a bulk write that collide with rows of the victim"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(items) = bulk(ground).and_then(|found| found.items) else {
            return Vec::new();
        };
        let uniques = &ground.facts.uniques;
        let mut all: Vec<_> = uniques
            .iter()
            .filter_map(|slot| colliding(ground, &items, slot))
            .collect();
        if uniques.is_empty() {
            all.extend(guessed(ground, &items));
        }
        all.truncate(FIELDS);
        all.extend(key(ground).and_then(|slot| colliding(ground, &items, slot)));
        all
    }
}

/// The own rows with the foreign value of a unique column, or of the key.
fn colliding(ground: &Ground<'_>, items: &str, slot: &Slot) -> Option<Attempt> {
    let name = field_name(&slot.at.name);
    let stands = SlotRef {
        place: Place::Body,
        name: format!("{items}/0/{}", escaped(&name)),
    };
    let sample = at(ground.own_call, &stands.name);
    let (own, _) = slot.own.first()?;
    let attempt = shaped(slot, stands.clone(), own, |value| {
        with_item_field(ground.own_call, items, &name, &like(sample, value))
    })?;
    Some(attempt.named(name))
}

/// Where no unique column is known: what the victim's own call carries, which the victim sends first.
fn guessed(ground: &Ground<'_>, items: &str) -> Vec<Attempt> {
    natural_item_fields(ground.victim_call, items)
        .into_iter()
        .filter_map(|(name, value)| {
            let call = with_item_field(ground.own_call, items, &name, &value.into())?;
            (call != *ground.own_call).then(|| Attempt::plain(name, call).after(ground.victim_call))
        })
        .collect()
}
