//! References that no constraint declares: a column named after a table, of the type of that table's key.

use crate::model::schema::{ForeignKey, Kind, Schema, Table, TableId};
use crate::seed::names;

/// Adds an undeclared foreign key (see [`ForeignKey::is_declared`]) for each column that is named after a table.
pub fn infer(schema: &mut Schema) {
    let found: Vec<(TableId, ForeignKey)> = schema
        .tables
        .iter()
        .flat_map(|table| {
            (0..table.columns.len())
                .filter(|&c| {
                    table.single_key() != Some(c) || names::words(&table.columns[c].name).len() > 1
                })
                .filter(|&c| !table.is_foreign_key(c))
                .filter_map(|c| Some((table.id, key_of(c, parent_of(schema, table, c)?))))
        })
        .collect();
    for (id, key) in found {
        schema.tables[id.0].foreign_keys.push(key);
    }
}

fn key_of(column: usize, (parent, key): (TableId, usize)) -> ForeignKey {
    ForeignKey {
        name: String::new(),
        columns: vec![column],
        table: parent,
        references: vec![key],
        deferrable: true,
    }
}

/// The table that a column is named after, and that table's key.
fn parent_of(schema: &Schema, table: &Table, column: usize) -> Option<(TableId, usize)> {
    let here = &table.columns[column];
    let mut reference = names::reference_words(&here.name)?;
    if reference == ["parent"] {
        let key = table.single_key()?;
        return (key != column && comparable(&here.kind, &table.columns[key].kind))
            .then_some((table.id, key));
    }
    if let Some(last) = reference.last_mut() {
        *last = names::singular(last);
    }
    let mut best: Option<(usize, TableId, usize)> = None;
    for parent in &schema.tables {
        let Some(key) = parent.single_key() else {
            continue;
        };
        let same_column = parent.id == table.id && key == column;
        let fits = comparable(&here.kind, &parent.columns[key].kind)
            && !too_short(here.max_length, parent.columns[key].max_length);
        if same_column || !fits {
            continue;
        }
        // The more words agree the better; of equals, one in the same schema.
        let score = 2 * agreement(&reference, &names::table_words(&parent.name))
            + usize::from(parent.schema == table.schema);
        if score > 1 && best.is_none_or(|(other, ..)| score > other) {
            best = Some((score, parent.id, key));
        }
    }
    best.map(|(_, parent, key)| (parent, key))
}

/// How many words of a reference's end are a table's whole name.
fn agreement(reference: &[String], table: &[String]) -> usize {
    if reference.ends_with(table) {
        table.len()
    } else {
        0
    }
}

/// A bounded column cannot refer to longer keys.
fn too_short(here: Option<u32>, there: Option<u32>) -> bool {
    here.is_some_and(|h| there.is_some_and(|t| h < t))
}

/// Whether values of two kinds can be the same key.
pub fn comparable(a: &Kind, b: &Kind) -> bool {
    match (a, b) {
        (Kind::Integer(_), Kind::Integer(_))
        | (Kind::Text | Kind::Uuid, Kind::Text | Kind::Uuid) => true,
        _ => a == b,
    }
}
