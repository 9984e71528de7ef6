//! Weak values that count together: a record of an answer of which three values coincide with one foreign row, and are
//! not explained by any row that the attacker may see.

use std::collections::HashSet;
use std::sync::Arc;

use super::coincidence::{Candidates, Entry, Match, Pair, bits, entries, matches, pairs};
use super::records::{Record, records};
use super::side::{HOSTILE, Side, judged};
use crate::model::exchange::{Exchange, History, Response};
use crate::model::ownership::Owners;
use crate::model::rows::{Row, RowRef};
use crate::model::schema::Kind;
use crate::model::values::Standing;
use crate::model::verdict::Provenance;

/// So many values must coincide.
const TOGETHER: usize = 3;

/// So many bits must they say where at least two of them are named like their columns.
const BITS_NAMED: u32 = 14;

/// So many where they are not.
const BITS_NAMELESS: u32 = 26;

/// From here on it is hardly chance.
const BITS_CERTAIN: u32 = 32;

/// A value with more places than this is taken for a word.
const PLACES: usize = 64;

/// How many of the rows that share most with a record are tried as its own.
const OWN: usize = 8;

/// A record that shows a foreign row.
pub struct Sight {
    /// Where the record stands.
    pub at: String,
    /// The row's values that it shows, those that say most first.
    pub values: Vec<Provenance>,
    /// Whether chance is as good as out of the question.
    pub certain: bool,
}

/// A row that shows in a record, with the values that both share.
struct Shown {
    row: RowRef,
    image: Row,
    owners: Owners,
    pairs: Vec<Pair>,
    bits: u32,
}

/// What rows of foreign tenants a response shows by weak values; one sight a row.
pub fn sights(
    side: &Side<'_>,
    history: &History,
    exchange: &Exchange,
    response: &Response,
) -> Vec<Sight> {
    let gone = gone(side, history);
    let address = address(side, exchange);
    let mut seen = HashSet::new();
    records(response)
        .iter()
        .filter_map(|record| {
            let shown = shown(side, &gone, &address, record)?;
            seen.insert(shown.row.clone())
                .then(|| sight(record, &shown))
        })
        .collect()
}

fn sight(record: &Record, shown: &Shown) -> Sight {
    let place = |pair: &Pair| {
        let value = shown.image[pair.column].as_deref().unwrap_or_default();
        Provenance {
            row: shown.row.clone(),
            column: pair.column,
            value: value.to_owned(),
            owners: shown.owners.clone(),
        }
    };
    let mut values: Vec<Provenance> = shown.pairs.iter().map(place).collect();
    values.sort_by_key(|v| std::cmp::Reverse(bits(&v.value)));
    Sight {
        at: record.at.clone(),
        values,
        certain: shown.bits >= BITS_CERTAIN,
    }
}

/// Foreign rows as they were before the attack changed or deleted them: an answer may show them still.
fn gone(side: &Side<'_>, history: &History) -> Vec<(RowRef, Row, Owners)> {
    judged(history, HOSTILE)
        .flat_map(|(_, _, exchange)| &exchange.changes)
        .filter(|change| side.is_foreign(&change.owners_before))
        .filter_map(|change| {
            let at = change.row(&side.knowledge.schema)?;
            Some((at, change.old.clone()?, change.owners_before.clone()))
        })
        .filter(|(at, _, _)| !side.made(at))
        .collect()
}

/// Key and slug of the tenant that the call addresses: said by the caller, though in no value of the call.
fn address(side: &Side<'_>, exchange: &Exchange) -> Vec<String> {
    let key = exchange.call.tenant.as_deref().unwrap_or_default();
    let slug = side.knowledge.tenant(key).map(|t| t.slug.clone());
    std::iter::once(key.to_owned()).chain(slug).collect()
}

/// The foreign row that a record shows most of.
fn shown(
    side: &Side<'_>,
    gone: &[(RowRef, Row, Owners)],
    address: &[String],
    record: &Record,
) -> Option<Shown> {
    let said = |value: &str| side.knew(value) || address.iter().any(|a| a == value);
    let unsaid: Vec<(String, String)> = record
        .entries
        .iter()
        .filter(|(_, value)| !said(value))
        .cloned()
        .collect();
    // Mostly what the caller sent: an echo.
    if unsaid.len() < TOGETHER || unsaid.len() * 2 < record.entries.len() {
        return None;
    }
    let entries = entries(&unsaid);
    if entries.len() < TOGETHER {
        return None;
    }
    let knowledge = side.knowledge;
    let candidates = Candidates::of(&entries, &knowledge.rows);
    let foreign = |at: &Arc<RowRef>| side.is_foreign(&knowledge.owners_of(at));
    // Nearly no record of an answer shows a foreign row; that is seen without looking at all that it coincides with.
    if gone.is_empty() {
        let left = unexplained(side, &entries, &candidates, &foreign);
        let strangers = Candidates::of(&left, &knowledge.rows);
        if left.len() < TOGETHER || !strangers.sharing(TOGETHER).any(foreign) {
            return None;
        }
    }
    let all = matches(&entries, &candidates, &knowledge.schema, &knowledge.rows);
    let owned: Vec<(&Match, Owners)> = all
        .iter()
        .map(|m| (m, knowledge.owners_of(&m.row)))
        .collect();
    let explained = explained(side, &entries, &owned);
    let standing = owned
        .iter()
        .filter(|(m, o)| side.is_foreign(o) && !side.made(&m.row));
    let standing = standing.filter_map(|(m, owners)| {
        let image = knowledge.rows.get(&m.row)?;
        Some((
            (*m.row).clone(),
            image.clone(),
            owners.clone(),
            m.pairs.clone(),
        ))
    });
    let before = gone.iter().map(|(at, image, owners)| {
        let pairs = pairs(&entries, knowledge.schema.table(at.table), image);
        (at.clone(), image.clone(), owners.clone(), pairs)
    });
    before
        .chain(standing)
        .filter_map(|(row, image, owners, mut pairs)| {
            pairs.retain(|p| {
                !explained.contains(&p.entry)
                    && !side.may_see(&row, p.column, &owners)
                    // What the attack wrote there is no news to it; what it overwrote is.
                    && (image.get(p.column) != knowledge.rows.get(&row).and_then(|r| r.get(p.column))
                        || !side.wrote(&row, p.column))
            });
            let bits = weigh(side, &entries, &row, &owners, &pairs)?;
            Some(Shown { row, image, owners, pairs, bits })
        })
        .max_by_key(|shown| shown.bits)
}

/// The values for which the own rows do not account that share most with a record.
fn unexplained(
    side: &Side<'_>,
    entries: &[Entry],
    candidates: &Candidates<'_>,
    foreign: &impl Fn(&Arc<RowRef>) -> bool,
) -> Vec<Entry> {
    let knowledge = side.knowledge;
    let mut left: Vec<bool> = vec![true; entries.len()];
    let own = candidates.most_shared(TOGETHER).take(OWN);
    for at in own.filter(|at| !foreign(at)) {
        let Some(row) = knowledge.rows.get(at) else {
            continue;
        };
        let pairs = pairs(entries, knowledge.schema.table(at.table), row);
        if pairs.len() >= TOGETHER {
            for pair in &pairs {
                left[pair.entry] = false;
            }
        }
    }
    let left = entries.iter().zip(left).filter(|(_, left)| *left);
    left.map(|(entry, _)| entry.clone()).collect()
}

/// The values that rows account for which the attacker may see: each such row that shares three values with the record,
/// or two that are no common words.
fn explained(side: &Side<'_>, entries: &[Entry], matches: &[(&Match, Owners)]) -> HashSet<usize> {
    let mut explained = HashSet::new();
    for (found, owners) in matches {
        let mut seen = found.pairs.clone();
        seen.retain(|p| side.may_see(&found.row, p.column, owners));
        let telling = || words(side, entries, &found.row, owners, &seen) == 0;
        if seen.len() >= TOGETHER || (seen.len() == TOGETHER - 1 && telling()) {
            explained.extend(seen.iter().map(|p| p.entry));
        }
    }
    explained
}

/// How many of the shared values are words: of an enum, or held by rows of others, too.
fn words(
    side: &Side<'_>,
    entries: &[Entry],
    row: &RowRef,
    owners: &Owners,
    pairs: &[Pair],
) -> usize {
    let is_word = |p: &&Pair| is_word(side, entries, row, owners, p);
    pairs.iter().filter(is_word).count()
}

fn is_word(side: &Side<'_>, entries: &[Entry], row: &RowRef, owners: &Owners, pair: &Pair) -> bool {
    let table = side.knowledge.schema.table(row.table);
    matches!(table.columns[pair.column].kind, Kind::Enum(_))
        || is_shared(side, &entries[pair.entry].value, owners)
}

/// How much the shared values say; `None` where they are too few or too common.
fn weigh(
    side: &Side<'_>,
    entries: &[Entry],
    row: &RowRef,
    owners: &Owners,
    pairs: &[Pair],
) -> Option<u32> {
    if pairs.len() < TOGETHER {
        return None;
    }
    let words = words(side, entries, row, owners, pairs);
    if words == pairs.len() {
        return None;
    }
    let said: u32 = pairs
        .iter()
        .filter(|p| !is_word(side, entries, row, owners, p))
        .map(|p| bits(&entries[p.entry].value))
        .sum();
    let total = said + u32::try_from(words).unwrap_or(0);
    let named = pairs.iter().filter(|p| p.named).count() >= 2;
    (total >= if named { BITS_NAMED } else { BITS_NAMELESS }).then_some(total)
}

/// Whether a value stands in rows of others, too, or in nobody's: a word that the application uses everywhere.
fn is_shared(side: &Side<'_>, value: &str, owners: &Owners) -> bool {
    match side.knowledge.rows.standing(value) {
        Standing::Common => true,
        Standing::At(places) => {
            places.len() > PLACES
                || places
                    .iter()
                    .any(|p| side.knowledge.owners_of(&p.row) != *owners)
        }
    }
}

#[cfg(test)]
mod tests;
