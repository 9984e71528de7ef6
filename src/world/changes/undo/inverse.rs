//! The statements that take one change back.

use std::collections::HashMap;

use super::RawChange;
use crate::model::rows::{Operation, Row, Value};
use crate::model::schema::quote;
use crate::world::error::WorldError;
use crate::world::postgres::database::literal;
use crate::world::text;

/// What the catalog says of a table.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// Its columns by name.
    pub columns: HashMap<String, Column>,
}

/// What the catalog says of a column.
#[derive(Debug, Clone)]
pub struct Column {
    /// As `format_type` prints it.
    pub type_name: String,
    /// `GENERATED ALWAYS AS IDENTITY`.
    pub always: bool,
    /// `GENERATED ALWAYS AS (…)`: it follows from the others, and may not be written.
    pub generated: bool,
    /// Part of the primary key.
    pub key: bool,
}

/// The statements that take one change back, each of one row.
pub fn inverse(change: &RawChange, shape: &Shape) -> Result<Vec<String>, WorldError> {
    if let Some(missing) = change
        .columns
        .iter()
        .find(|c| !shape.columns.contains_key(*c))
    {
        return Err(WorldError::Undo {
            table: change.table.clone(),
            reason: format!("its column {missing} is gone"),
        });
    }
    let statement = Statement { change, shape };
    match (change.operation, &change.old, &change.new) {
        (Operation::Insert, _, Some(new)) => Ok(vec![statement.delete(new)]),
        (Operation::Delete, Some(old), _) => Ok(vec![statement.insert(old)]),
        (Operation::Update, Some(old), Some(new)) => Ok(statement.update(old, new)),
        (Operation::Truncate, ..) => Err(WorldError::Undo {
            table: change.table.clone(),
            reason: "it was truncated, and the stream does not say which rows went".to_owned(),
        }),
        _ => Err(WorldError::Undo {
            table: change.table.clone(),
            reason: "an image of the row is missing".to_owned(),
        }),
    }
}

struct Statement<'a> {
    change: &'a RawChange,
    shape: &'a Shape,
}

impl Statement<'_> {
    fn table(&self) -> String {
        format!(
            "{}.{}",
            quote(&self.change.schema),
            quote(&self.change.table)
        )
    }

    fn column(&self, at: usize) -> &Column {
        &self.shape.columns[&self.change.columns[at]]
    }

    fn name(&self, at: usize) -> String {
        quote(&self.change.columns[at])
    }

    /// The columns that may be written.
    fn written(&self, row: &Row) -> impl Iterator<Item = usize> {
        (0..row.len()).filter(|&c| !self.column(c).generated)
    }

    /// A literal of the column's own type: what its output wrote, its input reads.
    fn value(&self, at: usize, value: &Value) -> String {
        match value {
            Some(text) => format!("{}::{}", escaped(text), self.column(at).type_name),
            None => "NULL".to_owned(),
        }
    }

    /// By primary key; else by all values in text form, since not every type can be compared, and of equal rows only one.
    fn place(&self, row: &Row) -> String {
        let keys: Vec<usize> = (0..row.len()).filter(|&c| self.column(c).key).collect();
        if !keys.is_empty() {
            return conjunction(
                keys.iter()
                    .map(|&c| format!("{} = {}", self.name(c), self.value(c, &row[c]))),
            );
        }
        let same = conjunction(self.written(row).map(|c| {
            let value = row[c].as_deref();
            text::shows(
                &self.name(c),
                value,
                &value.map(escaped).unwrap_or_default(),
            )
        }));
        let table = self.table();
        format!("(tableoid, ctid) = (SELECT tableoid, ctid FROM {table} WHERE {same} LIMIT 1)")
    }

    fn delete(&self, row: &Row) -> String {
        format!("DELETE FROM {} WHERE {}", self.table(), self.place(row))
    }

    fn insert(&self, row: &Row) -> String {
        let names: Vec<String> = self.written(row).map(|c| self.name(c)).collect();
        let values = self.written(row).map(|c| self.value(c, &row[c]));
        let values: Vec<String> = values.collect();
        format!(
            "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})",
            self.table(),
            names.join(", "),
            values.join(", ")
        )
    }

    /// An identity that is always generated cannot be set by UPDATE: the row goes and comes back.
    fn update(&self, old: &Row, new: &Row) -> Vec<String> {
        let changed = self.written(old).filter(|&c| old[c] != new[c]);
        let changed: Vec<usize> = changed.collect();
        if changed.is_empty() {
            return Vec::new();
        }
        if changed.iter().any(|&c| self.column(c).always) {
            return vec![self.delete(new), self.insert(old)];
        }
        let set: Vec<String> = changed
            .iter()
            .map(|&c| format!("{} = {}", self.name(c), self.value(c, &old[c])))
            .collect();
        vec![format!(
            "UPDATE {} SET {} WHERE {}",
            self.table(),
            set.join(", "),
            self.place(new)
        )]
    }
}

fn conjunction(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() {
        "true".to_owned()
    } else {
        parts.join(" AND ")
    }
}

/// A string in SQL, whatever `standard_conforming_strings` says.
fn escaped(text: &str) -> String {
    if text.contains('\\') {
        format!("E{}", literal(&text.replace('\\', "\\\\")))
    } else {
        literal(text)
    }
}

#[cfg(test)]
mod tests;
