//! Which unique keys are taken, so that few inserts are refused.

use std::collections::HashSet;

use super::draft::Cell;
use crate::model::rows::Row;
use crate::model::schema::Table;

/// The taken keys of one table.
pub struct Taken {
    keys: Vec<Vec<usize>>,
    values: Vec<HashSet<Vec<String>>>,
}

impl Taken {
    /// Those of the rows that are there. Partial indexes are left to the database.
    pub fn new(table: &Table, rows: &[Row]) -> Self {
        let plain = table
            .uniques
            .iter()
            .filter(|u| u.predicate.is_none())
            .map(|u| u.columns.clone());
        let keys: Vec<Vec<usize>> = std::iter::once(table.primary_key.clone())
            .chain(plain)
            .filter(|k| !k.is_empty())
            .collect();
        let mut taken = Self {
            values: vec![HashSet::new(); keys.len()],
            keys,
        };
        for row in rows {
            taken.add(row);
        }
        taken
    }

    /// Takes a row's keys.
    pub fn add(&mut self, row: &Row) {
        for (key, values) in self.keys.iter().zip(&mut self.values) {
            let value: Option<Vec<String>> = key
                .iter()
                .map(|&c| row[c].as_deref().map(str::to_owned))
                .collect();
            values.extend(value);
        }
    }

    /// Whether a draft has a key that is taken.
    pub fn has(&self, cells: &[Cell]) -> bool {
        self.keys.iter().zip(&self.values).any(|(key, values)| {
            let value: Option<Vec<String>> = key
                .iter()
                .map(|&c| cells[c].text().map(str::to_owned))
                .collect();
            value.is_some_and(|v| values.contains(&v))
        })
    }
}
