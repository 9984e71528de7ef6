//! Rows in Postgres' own text form, the whole database as a map of them, and the changes that keep it current.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::ownership::Owners;
use super::schema::{Schema, Table, TableId};
use super::values::{Standing, ValueIndex};

/// A value in Postgres' text form; `None` is NULL.
pub type Value = Option<Arc<str>>;

/// The values of one row, in the order of [`Table::columns`].
pub type Row = Vec<Value>;

/// What tells a row from all others of its table: the primary key's values, or all values where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowRef {
    /// The table.
    pub table: TableId,
    /// The key's values; NULL only where the table has no primary key.
    pub key: Vec<Value>,
}

impl RowRef {
    /// The reference of `row`, a row of `table`.
    pub fn of(table: &Table, row: &Row) -> Self {
        let key = if table.primary_key.is_empty() {
            row.clone()
        } else {
            table.primary_key.iter().map(|&c| row[c].clone()).collect()
        };
        Self {
            table: table.id,
            key,
        }
    }
}

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// It appeared.
    Insert,
    /// Its values changed.
    Update,
    /// It went.
    Delete,
    /// Its whole table was emptied; `old` and `new` are both `None`.
    Truncate,
}

/// One row change as the database reported it, in commit order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Change {
    /// The table.
    pub table: TableId,
    /// What happened.
    pub operation: Operation,
    /// The row before; `None` for an insert.
    pub old: Option<Row>,
    /// The row after; `None` for a delete.
    pub new: Option<Row>,
    /// The transaction.
    pub xid: u32,
    /// Who owned the row before (by the rows as they stood before the change); for a truncation, all who had rows there.
    pub owners_before: Owners,
    /// Who owns it afterwards.
    pub owners_after: Owners,
}

impl Change {
    /// The columns whose value differs between the images (all of them for an insert or a delete).
    pub fn columns(&self) -> Vec<usize> {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => (0..new.len())
                .filter(|&c| old.get(c) != new.get(c))
                .collect(),
            (Some(row), None) | (None, Some(row)) => (0..row.len()).collect(),
            (None, None) => Vec::new(),
        }
    }

    /// The row that it is about: its key before, or after for an insert.
    pub fn row(&self, schema: &Schema) -> Option<RowRef> {
        let image = self.old.as_ref().or(self.new.as_ref())?;
        Some(RowRef::of(schema.table(self.table), image))
    }
}

/// All rows of the database, by table and key.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    tables: Vec<HashMap<RowRef, Row>>,
    /// Made when first asked for, kept current from then on.
    values: OnceLock<ValueIndex>,
}

impl Rows {
    /// No rows, for as many tables as `schema` has.
    pub fn empty(schema: &Schema) -> Self {
        Self {
            tables: vec![HashMap::new(); schema.tables.len()],
            values: OnceLock::new(),
        }
    }

    /// Puts a row in, replacing the one of the same key.
    pub fn insert(&mut self, schema: &Schema, table: TableId, row: Row) {
        if self.tables.len() <= table.0 {
            self.tables
                .resize_with(schema.tables.len().max(table.0 + 1), HashMap::new);
        }
        let at = RowRef::of(schema.table(table), &row);
        if let Some(values) = self.values.get_mut() {
            if let Some(old) = self.tables[table.0].get(&at) {
                values.remove(&at, old);
            }
            values.add(&at, &row);
        }
        self.tables[table.0].insert(at, row);
    }

    /// Where a value in [`canonical`](super::values::canonical) form stands.
    pub fn standing(&self, canonical: &str) -> Standing<'_> {
        let index = || {
            let mut values = ValueIndex::default();
            for (at, row) in self.tables.iter().flatten() {
                values.add(at, row);
            }
            values
        };
        self.values.get_or_init(index).get(canonical)
    }

    /// The row of that key.
    pub fn get(&self, at: &RowRef) -> Option<&Row> {
        self.tables.get(at.table.0)?.get(at)
    }

    /// All rows of a table, in no order.
    pub fn of(&self, table: TableId) -> impl Iterator<Item = (&RowRef, &Row)> {
        self.tables.get(table.0).into_iter().flatten()
    }

    /// How many rows a table has.
    pub fn count(&self, table: TableId) -> usize {
        self.tables.get(table.0).map_or(0, HashMap::len)
    }

    /// The first row of `table` whose `columns` hold `values`; by key where the columns are the primary key.
    pub fn find(
        &self,
        schema: &Schema,
        table: TableId,
        columns: &[usize],
        values: &[Value],
    ) -> Option<&Row> {
        if values.iter().any(Option::is_none) {
            return None;
        }
        if schema.table(table).primary_key == columns {
            return self.get(&RowRef {
                table,
                key: values.to_vec(),
            });
        }
        self.of(table)
            .map(|(_, row)| row)
            .find(|row| columns.iter().zip(values).all(|(&c, v)| row[c] == *v))
    }

    /// Puts other rows in the place of all that a table had.
    pub fn replace(&mut self, schema: &Schema, table: TableId, with: Vec<Row>) {
        self.values.take();
        if let Some(rows) = self.tables.get_mut(table.0) {
            rows.clear();
        }
        for row in with {
            self.insert(schema, table, row);
        }
    }

    /// Makes the rows what they are after `change`.
    pub fn apply(&mut self, schema: &Schema, change: &Change) {
        let table = schema.table(change.table);
        if change.operation == Operation::Truncate {
            if let Some(rows) = self.tables.get_mut(change.table.0) {
                rows.clear();
            }
            self.values.take();
            return;
        }
        if let (Some(old), Some(rows)) = (&change.old, self.tables.get_mut(change.table.0)) {
            let at = RowRef::of(table, old);
            if let (Some(gone), Some(values)) = (rows.remove(&at), self.values.get_mut()) {
                values.remove(&at, &gone);
            }
        }
        if let Some(new) = &change.new {
            self.insert(schema, change.table, new.clone());
        }
    }
}
