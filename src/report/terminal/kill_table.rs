//! The kill table as a person reads it.

use super::super::style::{Cell, Layout, Tone};
use super::super::text;
use crate::model::kill_table::{Planted, Row, median_first_seen};

/// The heading of the table, then a line a row, then what is not as it must be.
pub fn kill_table(rows: &[Row], layout: Layout) -> String {
    let head = [
        "planted",
        "calls until seen",
        "oracle",
        "found by",
        "expected, or what was found beside",
    ];
    let head: Vec<Cell> = head.map(|name| Cell::left(name).toned(Tone::Strong)).into();
    let lines: Vec<Vec<Cell>> = std::iter::once(head).chain(rows.iter().map(line)).collect();
    let mut said = layout.table(&lines);
    let faults = rows
        .iter()
        .filter(|row| row.planted == Planted::Fault)
        .count();
    let problems: Vec<&Row> = rows.iter().filter(|row| row.problem.is_some()).collect();
    let median = median_first_seen(rows).map_or_else(String::new, |median| {
        format!("; first seen after {median} calls in the median")
    });
    let sum = format!(
        "\n{} and {}; {} not as it must be{median}\n",
        text::count(faults, "fault"),
        text::count(rows.len() - faults, "quirk"),
        problems.len(),
    );
    said += &sum;
    for row in problems {
        let why = row.problem.as_deref().unwrap_or_default();
        said += &layout.hanging("  ", 2, &format!("{}: {why}", row.name));
        said.push('\n');
    }
    said
}

fn line(row: &Row) -> Vec<Cell> {
    let tone = if row.problem.is_some() {
        Tone::Warning
    } else {
        Tone::Good
    };
    let (oracle, attack) = match (&row.found, row.findings) {
        (Some(found), _) => (found.oracle.clone(), found.attack.clone()),
        (None, 0) => (String::new(), "nothing found".to_owned()),
        (None, findings) => (String::new(), text::count(findings, "other finding")),
    };
    let seen = row
        .first_seen
        .map_or_else(String::new, |calls| calls.to_string());
    let expected = row
        .expected
        .as_ref()
        .filter(|expected| Some(*expected) != row.found.as_ref());
    let beside = expected.map_or_else(
        || row.also.join(" "),
        |catch| format!("{} ({})", catch.attack, catch.oracle),
    );
    vec![
        Cell::left(row.name.as_str()).toned(tone),
        Cell::right(seen),
        Cell::left(oracle),
        Cell::left(attack),
        Cell::left(beside),
    ]
}
