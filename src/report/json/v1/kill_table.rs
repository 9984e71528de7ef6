//! The kill table, also read back: to compare with, and to be brought up to date.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{SCHEMA, to_text};
use crate::model::kill_table::{Catch, Noticed, Planted, Row, median_first_seen};

#[derive(Serialize, Deserialize)]
struct Table {
    schema: String,
    version: u8,
    /// Of the faults that were found.
    median_first_seen: Option<usize>,
    rows: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    planted: What,
    name: String,
    class: String,
    leak: Option<String>,
    expected: Option<Who>,
    found: Option<Who>,
    also: Vec<String>,
    noticed_by: By,
    first_seen: Option<usize>,
    findings: usize,
    calls: usize,
    problem: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum What {
    Fault,
    Quirk,
}

#[derive(Serialize, Deserialize)]
struct Who {
    oracle: String,
    attack: String,
}

#[derive(Serialize, Deserialize)]
struct By {
    attacks: BTreeSet<String>,
    oracles: BTreeSet<String>,
}

/// The table as text.
pub fn kill_table(rows: &[Row]) -> Result<String, serde_json::Error> {
    to_text(&Table {
        schema: SCHEMA.to_owned(),
        version: 1,
        median_first_seen: median_first_seen(rows),
        rows: rows.iter().cloned().map(Line::from).collect(),
    })
}

/// The rows of a table that was written before.
pub fn read_kill_table(text: &str) -> Result<Vec<Row>, serde_json::Error> {
    let table: Table = serde_json::from_str(text)?;
    Ok(table.rows.into_iter().map(Row::from).collect())
}

impl From<Row> for Line {
    fn from(row: Row) -> Self {
        let who = |catch: Catch| Who {
            oracle: catch.oracle,
            attack: catch.attack,
        };
        Self {
            planted: match row.planted {
                Planted::Fault => What::Fault,
                Planted::Quirk => What::Quirk,
            },
            name: row.name,
            class: row.class,
            leak: row.leak,
            expected: row.expected.map(who),
            found: row.found.map(who),
            also: row.also,
            noticed_by: By {
                attacks: row.by.attacks,
                oracles: row.by.oracles,
            },
            first_seen: row.first_seen,
            findings: row.findings,
            calls: row.calls,
            problem: row.problem,
        }
    }
}

impl From<Line> for Row {
    fn from(line: Line) -> Self {
        let catch = |who: Who| Catch {
            oracle: who.oracle,
            attack: who.attack,
        };
        Self {
            planted: match line.planted {
                What::Fault => Planted::Fault,
                What::Quirk => Planted::Quirk,
            },
            name: line.name,
            class: line.class,
            leak: line.leak,
            expected: line.expected.map(catch),
            found: line.found.map(catch),
            also: line.also,
            by: Noticed {
                attacks: line.noticed_by.attacks,
                oracles: line.noticed_by.oracles,
            },
            first_seen: line.first_seen,
            findings: line.findings,
            calls: line.calls,
            problem: line.problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_back() {
        let found = Catch {
            oracle: "leak".into(),
            attack: "id.path".into(),
        };
        let row = Row {
            planted: Planted::Fault,
            name: "a-fault".into(),
            class: "read".into(),
            leak: Some("RL-05".into()),
            expected: Some(found.clone()),
            found: Some(found),
            also: vec!["id.query".into()],
            by: Noticed {
                attacks: ["id.path".to_owned()].into(),
                oracles: ["leak".to_owned()].into(),
            },
            first_seen: Some(15),
            findings: 1,
            calls: 900,
            problem: None,
        };
        let rows = [row];
        let read = read_kill_table(&kill_table(&rows).unwrap()).unwrap();
        assert_eq!(read, rows);
    }
}
