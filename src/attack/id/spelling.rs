//! `id.spelling`: a foreign id in another spelling.

use crate::attack::craft::shaped;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// A foreign id in another spelling.
pub(in crate::attack) struct Spelling;

/// A way to write an id; `None` where it changes nothing or does not apply.
type Spell = fn(&str) -> Option<String>;

/// The spellings, likeliest first.
const SPELLINGS: &[(&str, Spell)] = &[
    ("upper case", |id| {
        Some(id.to_ascii_uppercase()).filter(|upper| upper != id)
    }),
    ("trailing blank", |id| Some(format!("{id} "))),
    ("leading blank", |id| Some(format!(" {id}"))),
    ("lower case", |id| {
        Some(id.to_ascii_lowercase()).filter(|lower| lower != id)
    }),
    ("braces", |id| is_uuid(id).then(|| format!("{{{id}}}"))),
    ("no dashes", |id| is_uuid(id).then(|| id.replace('-', ""))),
    ("leading zero", |id| is_number(id).then(|| format!("0{id}"))),
    ("plus sign", |id| is_number(id).then(|| format!("+{id}"))),
    ("fraction", |id| is_number(id).then(|| format!("{id}.0"))),
];

fn is_uuid(id: &str) -> bool {
    id.len() == 36 && uuid::Uuid::parse_str(id).is_ok()
}

fn is_number(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())
}

const DOC: &str = "\
## What it does
Writes the victim's id as another text that a database takes for the same value: upper and lower case, blanks around it, a
UUID in braces or without dashes, a number with a sign, leading zeros or a fraction. Only the last id of the path; two
spellings where the route changes data. The control is the own id, spelt alike.

## Why teams fall for it
The guard compares texts or asks a cache by text, and finds nothing to forbid; the database casts and finds the row. A view
on the wrong side of a cast is as good as no check (RL-16: loaded for the check, never compared).

## A correct target
Reads the id once into its type, and compares only that.

## Example
    GET /documents/%7B6f1c…%7D
    Authorization: Bearer <own token>
";

impl Attack for Spelling {
    fn id(&self) -> &'static str {
        "id.spelling"
    }

    fn title(&self) -> &'static str {
        "a foreign id in another spelling"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(slot) = ground.path_ids().pop() else {
            return Vec::new();
        };
        let Some(own) = ground.own_call.slot(&slot.at) else {
            return Vec::new();
        };
        SPELLINGS
            .iter()
            .filter_map(|(variant, spell)| {
                let attempt = shaped(slot, slot.at.clone(), &own, |value| {
                    let value = spell(value)?;
                    Some(ground.own_call.clone().with_slot(&slot.at, &value))
                })?;
                Some(attempt.named(*variant).unasked())
            })
            .take(if ground.route.is_safe() {
                SPELLINGS.len()
            } else {
                2
            })
            .collect()
    }
}
