//! The kill table, also read back to compare with.

use serde::{Deserialize, Serialize};

use super::{SCHEMA, to_text};
use crate::model::kill_table::{Row, median_first_seen};

#[derive(Serialize, Deserialize)]
struct Table {
    schema: String,
    version: u8,
    /// Of the faults that were found.
    median_first_seen: Option<usize>,
    rows: Vec<Row>,
}

/// The table as text.
pub fn kill_table(rows: &[Row]) -> Result<String, serde_json::Error> {
    to_text(&Table {
        schema: SCHEMA.to_owned(),
        version: 1,
        median_first_seen: median_first_seen(rows),
        rows: rows.to_vec(),
    })
}

/// The rows of a table that was written before.
pub fn read_kill_table(text: &str) -> Result<Vec<Row>, serde_json::Error> {
    serde_json::from_str::<Table>(text).map(|table| table.rows)
}
