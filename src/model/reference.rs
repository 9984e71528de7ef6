//! References from row to row that no foreign key declares: learnt where a column's values all lie in another table's keys.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::rows::{Row, Rows};
use super::schema::{ColumnRef, Kind, Schema, Table};

/// A column with fewer different values than this teaches nothing.
const ENOUGH: usize = 3;

/// Keys at least this long do not coincide by chance; shorter ones need a telling column name.
const OPAQUE: usize = 12;

/// So few different ones are enough of those.
const ENOUGH_OPAQUE: usize = 2;

/// A column whose values are keys of another table, without a foreign key that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The column that points.
    pub from: ColumnRef,
    /// The key column that it points to.
    pub to: ColumnRef,
    /// Only in rows where this column of the same table holds this word (type and id pairs).
    pub when: Option<(usize, Arc<str>)>,
}

impl Reference {
    /// The keys that a row of the pointing table holds by this reference.
    pub fn keys(&self, row: &Row) -> Vec<Arc<str>> {
        let applies = self
            .when
            .as_ref()
            .is_none_or(|(column, word)| row.get(*column).and_then(Option::as_ref) == Some(word));
        match row.get(self.from.column).and_then(Option::as_ref) {
            Some(value) if applies => elements(value),
            _ => Vec::new(),
        }
    }
}

/// The elements of an array in Postgres' text form; the value itself where it is none.
pub fn elements(value: &Arc<str>) -> Vec<Arc<str>> {
    let Some(inner) = value.strip_prefix('{').and_then(|v| v.strip_suffix('}')) else {
        return vec![Arc::clone(value)];
    };
    inner
        .split(',')
        .map(|e| e.trim_matches('"'))
        .filter(|e| !e.is_empty() && *e != "NULL")
        .map(Arc::from)
        .collect()
}

/// The columns that hold keys of one other table in every seeded row, though no foreign key declares it: plain ones,
/// arrays, and pairs of a type and an id. Integers and short words count only where the column is named after the table.
pub fn learn_references(schema: &Schema, rows: &Rows) -> Vec<Reference> {
    let keys = Keys::of(schema, rows);
    let mut learnt = Vec::new();
    for table in &schema.tables {
        for column in 0..table.columns.len() {
            if may_point(table, column) {
                let all = column_values(table, column, rows, None);
                match keys.target(schema, table, column, &all, None) {
                    Some(to) if are_enough(&all) => learnt.push(Reference {
                        from: at(table, column),
                        to,
                        when: None,
                    }),
                    Some(_) => {}
                    None => learnt.extend(by_type(schema, rows, &keys, table, column)),
                }
            }
        }
    }
    learnt
}

fn at(table: &Table, column: usize) -> ColumnRef {
    ColumnRef {
        table: table.id,
        column,
    }
}

fn are_enough(values: &BTreeSet<Arc<str>>) -> bool {
    values.len() >= ENOUGH || (values.len() >= ENOUGH_OPAQUE && are_opaque(values))
}

fn are_opaque(values: &BTreeSet<Arc<str>>) -> bool {
    values.iter().all(|v| v.len() >= OPAQUE)
}

fn is_key_kind(kind: &Kind) -> bool {
    match kind {
        Kind::Text | Kind::Uuid | Kind::Integer(_) => true,
        Kind::Array(of) => is_key_kind(of),
        _ => false,
    }
}

fn may_point(table: &Table, column: usize) -> bool {
    let declared = table
        .foreign_keys
        .iter()
        .any(|f| f.columns.contains(&column));
    !declared && table.single_key() != Some(column) && is_key_kind(&table.columns[column].kind)
}

/// The different keys in a column, of all rows or of those where another column holds a word.
fn column_values(
    table: &Table,
    column: usize,
    rows: &Rows,
    when: Option<&(usize, Arc<str>)>,
) -> BTreeSet<Arc<str>> {
    let reference = Reference {
        from: at(table, column),
        to: at(table, column),
        when: when.cloned(),
    };
    rows.of(table.id)
        .flat_map(|(_, row)| reference.keys(row))
        .filter(|key| !key.is_empty())
        .collect()
}

/// Pairs of a type and an id: `entity_type` beside `entity_id`. Each word of the type has a table of its own.
fn by_type(
    schema: &Schema,
    rows: &Rows,
    keys: &Keys,
    table: &Table,
    column: usize,
) -> Vec<Reference> {
    let stem = stem(&table.columns[column].name);
    let kind_of = |name: &str| {
        let name = plain(name);
        name == format!("{stem}type") || name == format!("{stem}kind")
    };
    let Some(typed) = table.columns.iter().position(|c| kind_of(&c.name)) else {
        return Vec::new();
    };
    let words: BTreeSet<Arc<str>> = rows
        .of(table.id)
        .filter_map(|(_, row)| row[typed].clone())
        .collect();
    words
        .into_iter()
        .filter_map(|word| {
            let when = Some((typed, Arc::clone(&word)));
            let values = column_values(table, column, rows, when.as_ref());
            let to = keys.target(schema, table, column, &values, Some(&word))?;
            Some(Reference {
                from: at(table, column),
                to,
                when,
            })
        })
        .collect()
}

/// Where each key stands.
struct Keys {
    columns: HashMap<Arc<str>, Vec<ColumnRef>>,
}

impl Keys {
    fn of(schema: &Schema, rows: &Rows) -> Self {
        let mut columns: HashMap<Arc<str>, Vec<ColumnRef>> = HashMap::new();
        for table in &schema.tables {
            let singles = table.uniques.iter().filter(|u| u.predicate.is_none());
            let singles = singles.filter_map(|u| match u.columns[..] {
                [only] => Some(only),
                _ => None,
            });
            // The primary key first: it wins where several columns hold the same keys.
            for column in table.single_key().into_iter().chain(singles) {
                for (_, row) in rows.of(table.id) {
                    if let Some(value) = &row[column] {
                        columns
                            .entry(Arc::clone(value))
                            .or_default()
                            .push(at(table, column));
                    }
                }
            }
        }
        Self { columns }
    }

    /// The key column that holds all these values. Named after its table, or its keys are too long for chance.
    fn target(
        &self,
        schema: &Schema,
        table: &Table,
        column: usize,
        values: &BTreeSet<Arc<str>>,
        word: Option<&str>,
    ) -> Option<ColumnRef> {
        let mut left = values.iter();
        let mut common = self.columns.get(left.next()?)?.clone();
        common.retain(|c| *c != at(table, column));
        for value in left {
            let here = self.columns.get(value)?;
            common.retain(|c| here.contains(c));
        }
        let name = word.map_or_else(|| stem(&table.columns[column].name), plain);
        let named = |c: &&ColumnRef| is_named_after(&name, table, schema.table(c.table));
        let opaque = are_opaque(values);
        let free = |c: &&ColumnRef| {
            let there = schema.table(c.table);
            !there
                .foreign_keys
                .iter()
                .any(|f| f.columns.contains(&c.column))
        };
        let unnamed = || common.iter().find(|c| opaque && free(c));
        common.iter().find(named).or_else(unnamed).copied()
    }
}

/// Lower case, letters and digits alone.
fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// What a column that points is named after: `task` for `task_id`, `taskIds`, `task_ref`.
fn stem(name: &str) -> String {
    let plain = plain(name);
    ["ids", "id", "uuid", "ref", "key", "fk"]
        .iter()
        .find_map(|suffix| plain.strip_suffix(suffix))
        .unwrap_or(&plain)
        .to_owned()
}

fn singular(name: &str) -> String {
    let plain = plain(name);
    if let Some(stem) = plain.strip_suffix("ies") {
        return format!("{stem}y");
    }
    plain.strip_suffix('s').unwrap_or(&plain).to_owned()
}

fn is_named_after(stem: &str, from: &Table, to: &Table) -> bool {
    let table = singular(&to.name);
    let stem = singular(stem);
    if from.id == to.id {
        return matches!(&*stem, "parent" | "root" | "previous" | "original") || stem == table;
    }
    !stem.is_empty() && (stem.ends_with(&table) || (stem.len() > 2 && table.ends_with(&stem)))
}

#[cfg(test)]
mod tests;
