//! The rows that are there while others are generated, in a stable order, with their owners.

use std::collections::HashMap;

use crate::model::ownership::{Owners, Ownership, Rule};
use crate::model::rows::{Row, RowRef, Rows};
use crate::model::schema::{Schema, TableId};

/// The rows that are there.
pub struct Store {
    rows: Rows,
    order: Vec<Vec<Row>>,
    /// Owners of rows, and how many membership rows there were when they were found.
    owners: HashMap<TableId, (usize, Vec<Owners>)>,
}

impl Store {
    /// Takes over rows as read, sorted by key so that runs are repeatable.
    pub fn new(schema: &Schema, rows: Rows) -> Self {
        let mut order = Vec::new();
        for table in &schema.tables {
            let mut sorted: Vec<(&RowRef, &Row)> = rows.of(table.id).collect();
            sorted.sort();
            order.push(sorted.into_iter().map(|(_, row)| row.clone()).collect());
        }
        Self {
            rows,
            order,
            owners: HashMap::new(),
        }
    }

    /// The rows of a table, oldest first.
    pub fn of(&self, table: TableId) -> &[Row] {
        self.order.get(table.0).map_or(&[], Vec::as_slice)
    }

    /// Takes in a row.
    pub fn push(&mut self, schema: &Schema, table: TableId, row: Row) {
        self.rows.insert(schema, table, row.clone());
        self.order[table.0].push(row);
    }

    /// Puts another row in the place of one.
    pub fn replace(&mut self, schema: &Schema, table: TableId, index: usize, row: Row) {
        self.order[table.0][index] = row;
        self.rebuild(schema);
    }

    /// Forgets the rows of a table from one on.
    pub fn truncate(&mut self, schema: &Schema, table: TableId, length: usize) {
        if self.order[table.0].len() > length {
            self.order[table.0].truncate(length);
            self.rebuild(schema);
        }
    }

    fn rebuild(&mut self, schema: &Schema) {
        let mut rows = Rows::empty(schema);
        for table in &schema.tables {
            for row in &self.order[table.id.0] {
                rows.insert(schema, table.id, row.clone());
            }
        }
        self.rows = rows;
        self.owners.clear();
    }

    /// The owners of a table's rows, in their order.
    pub fn owners(
        &mut self,
        schema: &Schema,
        ownership: &Ownership,
        table: TableId,
    ) -> Vec<Owners> {
        // Owners of identities, and of what hangs on them, change with each membership.
        let ties: usize = ownership
            .rules
            .iter()
            .filter_map(|r| match r {
                Rule::Members { membership, .. } => Some(self.of(*membership).len()),
                _ => None,
            })
            .sum();
        let (then, mut known) = self.owners.remove(&table).unwrap_or_default();
        if then != ties {
            known.clear();
        }
        for row in &self.order[table.0][known.len()..] {
            known.push(ownership.owners(schema, &self.rows, table, row));
        }
        self.owners.insert(table, (ties, known.clone()));
        known
    }
}
