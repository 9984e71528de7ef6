//! Requests until each fault is first seen: as the kept kill table has it, which `partywall kill-table` makes.

use partywall::model::kill_table::median_first_seen;
use partywall::report::json::v1::read_kill_table;

use super::Failed;
use super::table::{Measure, Target};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/kill-table.json");

/// Reads the table.
pub fn measure() -> Result<Vec<Measure>, Failed> {
    let rows = read_kill_table(&std::fs::read_to_string(TABLE)?)?;
    let median =
        median_first_seen(&rows).ok_or("the kept kill table has no fault that was seen")?;
    let seen = rows.iter().filter(|row| row.first_seen.is_some()).count();
    Ok(vec![Measure {
        what: "requests until a fault is first seen, median".into(),
        target: Target::AtMost(200.0),
        value: median as f64,
        unit: "",
        about: format!("{seen} faults of snapshots/kill-table.json, one lane"),
    }])
}
