//! The kill table, also read back to compare with.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{SCHEMA, to_text};
use crate::model::kill_table::{Catch, Planted, Row, median_first_seen};

#[derive(Serialize)]
struct Table<'a> {
    schema: &'static str,
    version: u8,
    /// Of the faults that were found.
    median_first_seen: Option<usize>,
    rows: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    planted: &'static str,
    name: &'a str,
    class: &'a str,
    leak: Option<&'a str>,
    expected: Option<Who>,
    found: Option<Who>,
    also: &'a [String],
    noticed_by: Noticed<'a>,
    first_seen: Option<usize>,
    findings: usize,
    calls: usize,
    problem: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct Who {
    oracle: String,
    attack: String,
}

#[derive(Serialize)]
struct Noticed<'a> {
    attacks: &'a BTreeSet<String>,
    oracles: &'a BTreeSet<String>,
}

/// The table as text.
pub fn kill_table(rows: &[Row]) -> Result<String, serde_json::Error> {
    to_text(&Table {
        schema: SCHEMA,
        version: 1,
        median_first_seen: median_first_seen(rows),
        rows: rows.iter().map(line).collect(),
    })
}

fn line(row: &Row) -> Line<'_> {
    let who = |catch: &Catch| Who {
        oracle: catch.oracle.clone(),
        attack: catch.attack.clone(),
    };
    Line {
        planted: match row.planted {
            Planted::Fault => "fault",
            Planted::Quirk => "quirk",
        },
        name: &row.name,
        class: &row.class,
        leak: row.leak.as_deref(),
        expected: row.expected.as_ref().map(who),
        found: row.found.as_ref().map(who),
        also: &row.also,
        noticed_by: Noticed {
            attacks: &row.by.attacks,
            oracles: &row.by.oracles,
        },
        first_seen: row.first_seen,
        findings: row.findings,
        calls: row.calls,
        problem: row.problem.as_deref(),
    }
}

#[derive(Deserialize)]
struct Kept {
    rows: Vec<KeptLine>,
}

#[derive(Deserialize)]
struct KeptLine {
    name: String,
    found: Option<Who>,
}

/// Who caught what is planted by each name, in a table that was written before.
pub fn read_kill_table(text: &str) -> Result<BTreeMap<String, Option<Catch>>, serde_json::Error> {
    let kept: Kept = serde_json::from_str(text)?;
    let catch = |who: Who| Catch {
        oracle: who.oracle,
        attack: who.attack,
    };
    let lines = kept.rows.into_iter();
    Ok(lines
        .map(|line| (line.name, line.found.map(catch)))
        .collect())
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
            found: Some(found.clone()),
            also: vec!["id.query".into()],
            by: crate::model::kill_table::Noticed::default(),
            first_seen: Some(15),
            findings: 1,
            calls: 900,
            problem: None,
        };
        let read = read_kill_table(&kill_table(&[row]).unwrap()).unwrap();
        assert_eq!(read, BTreeMap::from([("a-fault".to_owned(), Some(found))]));
    }
}
