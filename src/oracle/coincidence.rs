//! Which rows a record of an answer coincides with, value by value, and how much that says.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::rows::{Row, RowRef, Rows};
use crate::model::schema::{Schema, Table};
use crate::model::values::{Place, Standing, canonical};

/// A value of a record that may coincide with a row's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, lower-case letters and digits alone.
    pub name: String,
    /// Its value in canonical form.
    pub value: String,
}

/// A value of the record that stands in a column of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Index of the record's value.
    pub entry: usize,
    /// Index of the row's column.
    pub column: usize,
    /// Whether both are named alike.
    pub named: bool,
}

/// A row that shares two values or more with a record, each value and column used once.
#[derive(Debug, Clone)]
pub struct Match {
    /// The row.
    pub row: Arc<RowRef>,
    /// The shared values.
    pub pairs: Vec<Pair>,
}

/// The values of a record that do not coincide by nature.
pub fn entries(record: &[(String, String)]) -> Vec<Entry> {
    record
        .iter()
        .filter_map(|(name, value)| {
            Some(Entry {
                name: plain(name),
                value: canonical(value)?.into_owned(),
            })
        })
        .collect()
}

/// Lower case, letters and digits alone: `unitPrice`, `unit_price` and `Unit price` are one name.
fn plain(name: &str) -> String {
    if name.is_ascii() {
        let kept = name.bytes().filter(u8::is_ascii_alphanumeric);
        return kept.map(|b| char::from(b.to_ascii_lowercase())).collect();
    }
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Rows that may share values with a record.
pub struct Candidates<'r> {
    /// Each row with how many of the record's values stand in it, as the index has them.
    counts: HashMap<*const RowRef, (usize, &'r Arc<RowRef>)>,
    /// How many of the record's values stand in too many rows to be counted.
    common: usize,
}

impl<'r> Candidates<'r> {
    /// The rows in which values of the record stand.
    pub fn of(entries: &[Entry], rows: &'r Rows) -> Self {
        let mut counts: HashMap<*const RowRef, (usize, &Arc<RowRef>)> = HashMap::new();
        let mut common = 0;
        for entry in entries {
            match rows.standing(&entry.value) {
                Standing::Common => common += 1,
                Standing::At(places) => {
                    for Place { row, .. } in places {
                        counts.entry(Arc::as_ptr(row)).or_insert((0, row)).0 += 1;
                    }
                }
            }
        }
        Self { counts, common }
    }

    /// The rows that may share so many values with the record.
    pub fn sharing(&self, least: usize) -> impl Iterator<Item = &'r Arc<RowRef>> + '_ {
        let enough = move |(count, _): &&(usize, &Arc<RowRef>)| count + self.common >= least;
        self.counts.values().filter(enough).map(|(_, at)| *at)
    }

    /// The rows that may share so many values with the record, those that share most first.
    pub fn most_shared(&self, least: usize) -> impl Iterator<Item = &'r Arc<RowRef>> + use<'r> {
        let mut all: Vec<_> = self.counts.values().copied().collect();
        let common = self.common;
        all.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        all.into_iter()
            .take_while(move |(count, _)| count + common >= least)
            .map(|(_, at)| at)
    }
}

/// Every row that shares two values or more with the record.
pub fn matches(
    entries: &[Entry],
    candidates: &Candidates<'_>,
    schema: &Schema,
    rows: &Rows,
) -> Vec<Match> {
    let mut found: Vec<Match> = candidates
        .sharing(2)
        .filter_map(|at| {
            let pairs = pairs(entries, schema.table(at.table), rows.get(at)?);
            (pairs.len() >= 2).then(|| Match {
                row: Arc::clone(at),
                pairs,
            })
        })
        .collect();
    found.sort_by(|a, b| b.pairs.len().cmp(&a.pairs.len()).then(a.row.cmp(&b.row)));
    found
}

/// The values that a record and a row share; those named alike are paired first.
pub fn pairs(entries: &[Entry], table: &Table, row: &Row) -> Vec<Pair> {
    let mut equal: Vec<Pair> = Vec::new();
    for (column, value) in row.iter().enumerate() {
        let Some(value) = value.as_deref().and_then(canonical) else {
            continue;
        };
        let mut same = entries
            .iter()
            .enumerate()
            .filter(|(_, e)| e.value == value)
            .peekable();
        if same.peek().is_none() {
            continue;
        }
        let name = plain(&table.columns[column].name);
        equal.extend(same.map(|(entry, e)| Pair {
            entry,
            column,
            named: alike(&e.name, &name),
        }));
    }
    equal.sort_by_key(|p| !p.named);
    let mut pairs: Vec<Pair> = Vec::new();
    for pair in equal {
        let used = |p: &Pair| p.column == pair.column || p.entry == pair.entry;
        if !pairs.iter().any(used) {
            pairs.push(pair);
        }
    }
    pairs
}

/// `name`, or `customerName` for a column `name`.
fn alike(name: &str, column: &str) -> bool {
    name == column || (column.len() > 3 && name.ends_with(column))
}

/// How much a value in canonical form says, in bits, roughly: trailing zeros of round numbers say nothing, the days that
/// applications deal with are few, and the letters of names are not evenly spread.
pub fn bits(value: &str) -> u32 {
    let digits = value.trim_start_matches('-');
    if digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        let significant: String = digits.chars().filter(char::is_ascii_digit).collect();
        let significant = significant.trim_matches('0');
        return significant
            .parse::<u64>()
            .map_or(40, |n| u64::BITS - n.leading_zeros());
    }
    let date = |v: &str| v.len() == 10 && v.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if date(value) {
        return 7;
    }
    if let Some((day, clock)) = value.split_once('T')
        && date(day)
    {
        let fraction = clock.split_once('.').map_or(0, |(_, f)| f.len());
        return 14 + 3 * u32::try_from(fraction).unwrap_or(6);
    }
    let letters = u32::try_from(value.chars().count()).unwrap_or(u32::MAX);
    letters.saturating_mul(4).min(40)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::{ACME, World};

    #[test]
    fn each_value_and_each_column_is_used_once() {
        let world = World::new();
        let task = world.task(ACME, 0);
        let at = world.row("task", &task);
        let row = world.knowledge.rows.get(&at).unwrap();
        let amount = row[4].clone().unwrap();
        let record = [
            ("amount".to_owned(), amount.to_string()),
            ("total".to_owned(), amount.to_string()),
        ];
        let table = world.knowledge.schema.by_name("task").unwrap();
        let found = pairs(&entries(&record), table, row);
        assert_eq!(found.len(), 1);
        assert!(found[0].named);
        assert_eq!(found[0].entry, 0);
    }

    #[test]
    fn round_numbers_and_dates_say_little() {
        assert!(bits("500") < 4);
        assert!(bits("4711.53") > 16);
        assert!(bits("2025-03-01") < 8);
        assert!(bits("Tax return Miller") > 30);
        assert!(bits("7") <= 3);
    }
}
