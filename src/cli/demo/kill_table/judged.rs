//! What a row of the kill table says of a run: who found the fault, and whether that is as it must be.

use reference_app::faults::{FaultEntry, shortest_history};

use super::plant::Plant;
use crate::model::event::Report;
use crate::model::exchange::Purpose;
use crate::model::finding::{Confidence, Finding};
use crate::model::kill_table::{Catch, Noticed, Planted, Row};

/// The row of what is planted.
pub(super) fn row(plant: &Plant, report: &Report) -> Row {
    let row = Row {
        planted: Planted::Quirk,
        name: plant.name().to_owned(),
        class: String::new(),
        leak: None,
        expected: None,
        found: None,
        also: Vec::new(),
        by: noticed(report),
        first_seen: None,
        findings: report.findings.len(),
        calls: report.calls,
        problem: None,
    };
    match plant {
        Plant::Fault(entry) => caught(row, entry, report),
        _ => Row {
            problem: clean(report),
            ..row
        },
    }
}

/// The fault is confirmed by the expected oracle and by the expected attack, be it among others.
fn caught(row: Row, entry: &FaultEntry, report: &Report) -> Row {
    let told_of =
        |f: &&Finding| f.confidence == Confidence::Confirmed && f.evidence.oracle == entry.oracle;
    let shown = |f: &&Finding| {
        let mut attacks = std::iter::once(&f.attack).chain(&f.also);
        attacks.any(|attack| attack == entry.attack)
    };
    let mut confirmed = report.findings.iter().filter(told_of);
    let found = confirmed.clone().find(shown);
    let nearest = found.or_else(|| confirmed.next());
    let too_long = found.and_then(|found| longer_than_needed(entry, found));
    let unfound = found.is_none().then(|| {
        let seen = report
            .findings
            .iter()
            .map(|f| format!("{} by {}", f.id, f.attack));
        let seen: Vec<String> = seen.collect();
        format!(
            "{} was expected to be shown by {}; found: {seen:?}; {}",
            entry.oracle,
            entry.attack,
            silent(report)
        )
    });
    Row {
        planted: Planted::Fault,
        class: format!("{:?}", entry.class).to_lowercase(),
        leak: entry.leak.map(str::to_owned),
        expected: Some(Catch {
            oracle: entry.oracle.to_owned(),
            attack: entry.attack.to_owned(),
        }),
        found: nearest.map(|f| Catch {
            oracle: f.evidence.oracle.to_owned(),
            attack: f.attack.clone(),
        }),
        also: nearest.map_or_else(Vec::new, |f| f.also.clone()),
        first_seen: nearest.map(|f| f.first_seen),
        problem: unfound.or(too_long),
        ..row
    }
}

/// A history is shrunk to the shortest that shows the fault.
fn longer_than_needed(entry: &FaultEntry, found: &Finding) -> Option<String> {
    let shortest = shortest_history(entry.fault)?;
    let made = found.history.exchanges.iter();
    let calls = made.filter(|(purpose, _)| matches!(purpose, Purpose::Setup | Purpose::Attack));
    let calls = calls.count();
    (calls > shortest).then(|| format!("shown by {calls} calls, though {shortest} would do"))
}

/// All attacks and oracles that found anything.
fn noticed(report: &Report) -> Noticed {
    let findings = || report.findings.iter();
    let attacks = findings().flat_map(|f| std::iter::once(&f.attack).chain(&f.also));
    let beside = findings().flat_map(|f| f.beside.iter().map(|(oracle, _)| *oracle));
    let oracles = findings().map(|f| f.evidence.oracle).chain(beside);
    Noticed {
        attacks: attacks.cloned().collect(),
        oracles: oracles.map(str::to_owned).collect(),
    }
}

/// Nothing is found, suspected findings included, on routes that work.
fn clean(report: &Report) -> Option<String> {
    if !report.findings.is_empty() {
        let found = report.findings.iter().map(|f| {
            format!(
                "{:?} {} by {} ({}): {:?}",
                f.confidence, f.id, f.attack, f.history.variant, f.evidence.crossing
            )
        });
        return Some(format!("found: {:?}", found.collect::<Vec<_>>()));
    }
    let worked = report
        .baseline
        .iter()
        .filter(|r| r.reason.is_none())
        .count();
    (worked * 10 < report.baseline.len() * 9).then(|| silent(report))
}

/// Which routes never worked, and why.
fn silent(report: &Report) -> String {
    let reasons = report
        .baseline
        .iter()
        .filter_map(|r| Some(format!("{}: {}", r.route, r.reason.as_ref()?)));
    format!(
        "routes that never worked: {:?}",
        reasons.collect::<Vec<_>>()
    )
}
