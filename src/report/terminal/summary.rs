//! The last lines: what was tested, what came of it, what the exit code means. To be read in ten seconds.

use crate::model::event::Report;
use crate::model::exchange::Watch;
use crate::model::exit::Exit;
use crate::model::explored::Explored;
use crate::model::finding::Confidence;

use super::super::gate::{percent, total};
use super::super::style::{Layout, Tone};
use super::super::{View, text};
use super::LABEL;

/// The summary.
pub fn summary(view: &View<'_>, layout: Layout) -> String {
    let report = view.report;
    let all = total(report);
    let cases = all.held + all.violated + all.inconclusive;
    let mut lines = vec![
        layout.labelled(Tone::Strong, "Tested", LABEL, &tested(report, cases)),
        layout.labelled(Tone::Strong, "World", LABEL, &world(report)),
        layout.labelled(Tone::Good, "Held", LABEL, &text::count(all.held, "case")),
    ];
    if all.violated > 0 || !report.findings.is_empty() {
        let violated = format!(
            "{}: {}",
            text::count(all.violated, "case"),
            findings(report)
        );
        lines.push(layout.labelled(Tone::Bad, "Violated", LABEL, &violated));
    }
    if all.inconclusive > 0 {
        let said = format!(
            "{} ({} %){}",
            text::count(all.inconclusive, "case"),
            percent(all.inconclusive, cases),
            most_common(report)
        );
        lines.push(layout.labelled(Tone::Warning, "Inconclusive", LABEL, &said));
    }
    if let Some(explored) = &report.explored {
        lines.push(layout.labelled(Tone::Strong, "Explored", LABEL, &sequences(explored)));
    }
    if let Some(why) = &report.cut_short {
        lines.push(layout.labelled(Tone::Warning, "Cut short", LABEL, &why.to_string()));
    }
    lines.push(result(view, layout));
    lines.join("\n") + "\n"
}

fn tested(report: &Report, cases: usize) -> String {
    let worked = report.baseline.iter().filter(|r| r.worked.0 > 0).count();
    let time: std::time::Duration = report.stages.iter().map(|(_, time)| *time).sum();
    format!(
        "{}: {worked} of {}, {}, {}, {} in {}",
        report.target,
        text::count(report.baseline.len(), "route"),
        text::count(report.attacks.len(), "attack"),
        text::count(cases, "case"),
        text::count(report.calls, "call"),
        text::duration(time),
    )
}

/// `400 sequences of 2,113 steps: 127 different ones on 11 routes, 7 new in the last of 8 rounds`.
fn sequences(explored: &Explored) -> String {
    let last = explored.rounds.last().map_or(0, |round| round.new);
    format!(
        "{} of {}: {} different ones on {}, {} new in the last of {}",
        text::count(explored.sequences(), "sequence"),
        text::count(explored.steps(), "step"),
        text::number(explored.kinds),
        text::count(explored.routes, "route"),
        text::number(last),
        text::count(explored.rounds.len(), "round"),
    )
}

fn world(report: &Report) -> String {
    let watch = match report.watch {
        Watch::Exact => "",
        Watch::Compared => "; rows only compared, which is weaker than streaming",
        Watch::None => "; row changes not watched",
    };
    format!("{}{watch}; seed {}", report.world, report.seed)
}

/// `3 findings (1 critical, 2 high), 1 suspected`.
fn findings(report: &Report) -> String {
    let of = |confidence| {
        report
            .findings
            .iter()
            .filter(move |f| f.confidence == confidence)
    };
    let confirmed = of(Confidence::Confirmed).count();
    let suspected = of(Confidence::Suspected).count();
    let grades: Vec<String> = text::SEVERITIES
        .into_iter()
        .map(|s| {
            (
                s,
                of(Confidence::Confirmed)
                    .filter(|f| f.severity == s)
                    .count(),
            )
        })
        .filter(|(_, n)| *n > 0)
        .map(|(s, n)| format!("{n} {}", text::severity(s)))
        .collect();
    let grades = if grades.is_empty() {
        String::new()
    } else {
        format!(" ({})", grades.join(", "))
    };
    format!(
        "{}{grades}, {suspected} suspected",
        text::count(confirmed, "confirmed finding")
    )
}

fn most_common(report: &Report) -> String {
    report
        .inconclusive
        .iter()
        .max_by_key(|(_, cases)| *cases)
        .map_or_else(String::new, |(reason, cases)| {
            format!(", {} because {reason}", text::number(*cases))
        })
}

fn result(view: &View<'_>, layout: Layout) -> String {
    let outcome = view.outcome;
    let tone = match outcome.exit {
        Exit::Held => Tone::Good,
        Exit::Leak | Exit::Bug => Tone::Bad,
        _ => Tone::Warning,
    };
    let said = format!(
        "{} (exit code {}: {})",
        outcome.why,
        outcome.exit.code(),
        outcome.exit.meaning()
    );
    let label = match outcome.exit {
        Exit::Held => "HELD",
        Exit::Leak => "LEAK",
        Exit::Interrupted => "STOPPED",
        Exit::Inconclusive => "UNSHOWN",
        Exit::Usage | Exit::BaselineFailed | Exit::Bug => "FAILED",
    };
    layout.labelled(tone, label, LABEL, &said)
}
