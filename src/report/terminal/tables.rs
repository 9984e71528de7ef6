//! The tables between findings and summary: advisories, warnings, reasons, coverage, baseline.

use std::collections::BTreeMap;

use crate::model::event::{RouteBaseline, Tally};
use crate::model::route::RouteId;
use crate::model::verdict::Reason;

use super::super::style::{Cell, Layout, Tone};
use super::super::{View, text};
use super::heading;

/// Every table that has something to say.
pub fn all(view: &View<'_>, layout: Layout) -> Vec<String> {
    let report = view.report;
    [
        baseline(&report.baseline, layout),
        coverage(&report.attacks, layout),
        reasons(&report.inconclusive, layout),
        unshown(&report.unshown, layout),
        sentences(
            "Advisories",
            "worth knowing, never a failure",
            &report.advisories,
            layout,
        ),
        sentences(
            "Warnings",
            "what weakens this result",
            &report.warnings,
            layout,
        ),
        stages(view, layout),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Routes that worked and what they were bound to; only the others, unless verbose.
pub fn baseline(routes: &[RouteBaseline], layout: Layout) -> Option<String> {
    if routes.is_empty() {
        return None;
    }
    let worked = routes.iter().filter(|r| r.worked.0 > 0).count();
    let canaries = routes.iter().filter(|r| r.canaries).count();
    let about = format!(
        "{worked} of {} worked for their rightful tenants, {} with values to recognise{}",
        text::count(routes.len(), "route"),
        canaries,
        if layout.verbose() || worked == routes.len() {
            ""
        } else {
            "; the others:"
        }
    );
    let shown: Vec<Vec<Cell>> = routes
        .iter()
        .filter(|route| layout.verbose() || route.worked.0 == 0)
        .map(route_line)
        .collect();
    Some(heading(layout, "Baseline", &about) + &layout.table(&shown))
}

fn route_line(route: &RouteBaseline) -> Vec<Cell> {
    let (worked, tried) = route.worked;
    let tone = if worked == 0 {
        Tone::Warning
    } else {
        Tone::Good
    };
    let status = route
        .status
        .filter(|_| worked == 0)
        .map_or_else(String::new, |status| status.to_string());
    let said = route
        .reason
        .clone()
        .unwrap_or_else(|| route.bindings.join(", "));
    vec![
        Cell::right(format!("{worked}/{tried}")).toned(tone),
        Cell::left(route.route.to_string()),
        Cell::right(status),
        Cell::left(said),
    ]
}

/// Outcomes by attack; by family, unless verbose.
fn coverage(attacks: &[(String, Tally)], layout: Layout) -> Option<String> {
    if attacks.is_empty() {
        return None;
    }
    let lines: Vec<(String, Tally)> = if layout.verbose() {
        attacks.to_vec()
    } else {
        families(attacks)
    };
    // The empty last column keeps the numbers before it aligned: the table pads all but the last.
    let mut rows = vec![
        ["", "held", "violated", "inconclusive", ""]
            .map(|title| Cell::right(title).toned(Tone::Faint))
            .to_vec(),
    ];
    rows.extend(lines.into_iter().map(|(name, tally)| {
        let violated = Cell::right(text::number(tally.violated));
        vec![
            Cell::left(name),
            Cell::right(text::number(tally.held)),
            if tally.violated > 0 {
                violated.toned(Tone::Bad)
            } else {
                violated
            },
            Cell::right(text::number(tally.inconclusive)),
            Cell::left(""),
        ]
    }));
    let about = if layout.verbose() {
        "cases by attack and outcome"
    } else {
        "cases by family of attacks and outcome"
    };
    Some(heading(layout, "Coverage", about) + &layout.table(&rows))
}

/// Attacks of one family together, in the order in which families first come.
fn families(attacks: &[(String, Tally)]) -> Vec<(String, Tally)> {
    let mut order: Vec<String> = Vec::new();
    let mut sums: BTreeMap<String, (Tally, usize)> = BTreeMap::new();
    for (attack, tally) in attacks {
        let family = attack.split('.').next().unwrap_or(attack).to_owned();
        if !order.contains(&family) {
            order.push(family.clone());
        }
        let (sum, members) = sums.entry(family).or_default();
        *sum += *tally;
        *members += 1;
    }
    order
        .into_iter()
        .filter_map(|family| {
            let (sum, members) = *sums.get(&family)?;
            Some((
                format!("{family} ({})", text::count(members, "attack")),
                sum,
            ))
        })
        .collect()
}

fn reasons(reasons: &[(Reason, usize)], layout: Layout) -> Option<String> {
    if reasons.is_empty() {
        return None;
    }
    let mut sorted = reasons.to_vec();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let rows: Vec<Vec<Cell>> = sorted
        .into_iter()
        .map(|(reason, cases)| {
            vec![
                Cell::right(text::number(cases)),
                Cell::left(reason.to_string()),
            ]
        })
        .collect();
    let about = "cases that show nothing, by reason";
    Some(heading(layout, "Inconclusive", about) + &layout.table(&rows))
}

fn unshown(routes: &[(RouteId, Reason)], layout: Layout) -> Option<String> {
    if routes.is_empty() {
        return None;
    }
    let row = |(route, reason): &(RouteId, Reason)| {
        vec![
            Cell::left(route.to_string()),
            Cell::left(reason.to_string()),
        ]
    };
    let rows: Vec<Vec<Cell>> = routes.iter().map(row).collect();
    let about = "routes on which not one case showed anything, with the commonest reason";
    Some(heading(layout, "Not shown", about) + &layout.table(&rows))
}

fn sentences(name: &str, about: &str, all: &[String], layout: Layout) -> Option<String> {
    if all.is_empty() {
        return None;
    }
    let rows: Vec<Vec<Cell>> = all
        .iter()
        .map(|sentence| vec![Cell::left("-"), Cell::left(sentence.as_str())])
        .collect();
    Some(heading(layout, name, about) + &layout.table(&rows))
}

fn stages(view: &View<'_>, layout: Layout) -> Option<String> {
    if !layout.verbose() || view.report.stages.is_empty() {
        return None;
    }
    let rows: Vec<Vec<Cell>> = view
        .report
        .stages
        .iter()
        .map(|(name, time)| {
            vec![
                Cell::right(text::duration(*time)),
                Cell::left(name.as_str()),
            ]
        })
        .collect();
    Some(heading(layout, "Stages", "where the time went") + &layout.table(&rows))
}
