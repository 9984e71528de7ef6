//! Whether a change of nobody's row shows in what another tenant reads: the pairs of the victim's answers around an attack.

use serde_json::Value as Json;

use crate::model::call::text;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::rows::{Change, Operation};
use crate::model::values::canonical;

/// The victim's reads before and after the attack, paired by order, with their index.
pub fn victim_pairs(history: &History) -> impl Iterator<Item = (usize, &Exchange, &Exchange)> {
    let before = history.of(Purpose::VictimBefore);
    let pairs = before.zip(history.of(Purpose::VictimAfter));
    pairs.enumerate().map(|(index, (b, a))| (index, b, a))
}

/// Whether an answer to the victim follows a change: what the row lost is gone from it, or what it gained stands in it.
/// A value that is replaced must go *and* the new one come where both are known: answers change for other reasons, too.
pub fn shows_in_another_answer(history: &History, change: &Change) -> bool {
    victim_pairs(history).any(|(_, before, after)| {
        let (Some(before), Some(after)) = (before.response(), after.response()) else {
            return false;
        };
        let (before, after) = (leaves(&before.body), leaves(&after.body));
        let count = |leaves: &[String], value: &str| leaves.iter().filter(|l| *l == value).count();
        let went = |v: &str| count(&after, v) < count(&before, v);
        let came = |v: &str| count(&after, v) > count(&before, v);
        match change.operation {
            Operation::Update => change.columns().into_iter().any(|column| {
                let old = value(change.old.as_ref(), column);
                let new = value(change.new.as_ref(), column);
                match (old, new) {
                    (Some(old), Some(new)) => went(&old) && came(&new),
                    (Some(old), None) => went(&old),
                    (None, Some(new)) => came(&new),
                    (None, None) => false,
                }
            }),
            Operation::Delete => {
                let values = change.columns().into_iter();
                let gone = values.filter_map(|c| value(change.old.as_ref(), c));
                gone.filter(|v| went(v)).count() >= 2
            }
            Operation::Insert | Operation::Truncate => false,
        }
    })
}

fn value(row: Option<&Vec<crate::model::rows::Value>>, column: usize) -> Option<String> {
    let value = row?.get(column)?.as_deref()?;
    canonical(value).map(std::borrow::Cow::into_owned)
}

/// The scalars of a JSON body in canonical form; the words of any other.
fn leaves(body: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(json) = serde_json::from_slice::<Json>(body) {
        collect(&json, &mut found);
    } else {
        let page = String::from_utf8_lossy(body);
        let words = page.split(|c: char| c.is_whitespace() || ",;<>\"|".contains(c));
        found.extend(
            words
                .filter_map(canonical)
                .map(std::borrow::Cow::into_owned),
        );
    }
    found
}

fn collect(json: &Json, into: &mut Vec<String>) {
    match json {
        Json::Array(items) => items.iter().for_each(|i| collect(i, into)),
        Json::Object(map) => map.values().for_each(|v| collect(v, into)),
        scalar => into.extend(canonical(&text(scalar)).map(std::borrow::Cow::into_owned)),
    }
}
