//! A summary in Markdown, as a pipeline shows it beside a pull request.

use super::gate::{percent, total};
use super::{View, sentence, text};
use crate::model::exit::Exit;
use crate::model::finding::{Confidence, Finding};

/// More findings than these are counted, and more routes that never worked.
const SHOWN: usize = 50;

/// The summary: the verdict, what crossed, what was tried, what is not known.
pub fn summary(view: &View<'_>) -> String {
    let report = view.report;
    let verdict = match view.outcome.exit {
        Exit::Held => "held",
        Exit::Leak => "LEAK",
        _ => "not shown to hold",
    };
    let mut text = format!(
        "## Partywall: {verdict}\n\n{}: {} (exit code {}).\n",
        cell(&report.target),
        cell(&view.outcome.why),
        view.outcome.exit.code()
    );
    text += &findings(view);
    text += &tried(view);
    text += &unknown(view);
    text
}

fn findings(view: &View<'_>) -> String {
    let all = &view.report.findings;
    if all.is_empty() {
        return String::new();
    }
    let names = view.names();
    let row = |finding: &Finding| {
        let sure = match finding.confidence {
            Confidence::Confirmed => "confirmed",
            Confidence::Suspected => "suspected",
        };
        format!(
            "| {} | {} | {} | {sure} | `{}` |\n",
            text::severity(finding.severity),
            cell(&sentence::headline(finding, &names)),
            cell(&sentence::place(finding)),
            finding.id
        )
    };
    let rows: String = all.iter().take(SHOWN).map(row).collect();
    format!(
        "\n| severity | what | where | | finding |\n|---|---|---|---|---|\n{rows}{}",
        more(all.len())
    )
}

fn tried(view: &View<'_>) -> String {
    let report = view.report;
    let all = total(report);
    let cases = all.held + all.violated + all.inconclusive;
    let worked = report.baseline.iter().filter(|r| r.worked.0 > 0).count();
    format!(
        "\nTried: {} on {worked} of {}, {} and {}. {} held, {} were violated, {} ({} %) showed nothing.\n",
        text::count(report.attacks.len(), "attack"),
        text::count(report.baseline.len(), "route"),
        text::count(cases, "case"),
        text::count(report.calls, "call"),
        text::number(all.held),
        text::number(all.violated),
        text::number(all.inconclusive),
        percent(all.inconclusive, cases),
    )
}

/// What the verdict says nothing about.
fn unknown(view: &View<'_>) -> String {
    let report = view.report;
    let never = report.baseline.iter().filter(|r| !r.left_out);
    let never = never.filter_map(|r| Some((r.route.to_string(), r.reason.clone()?)));
    let unshown = report.unshown.iter();
    let unshown = unshown.map(|(route, reason)| (route.to_string(), reason.to_string()));
    let all: Vec<(String, String)> = never.chain(unshown).collect();
    let warnings = report.warnings.iter().map(|w| format!("- {}\n", cell(w)));
    let warnings: String = warnings.collect();
    let rows = all.iter().take(SHOWN);
    let rows = rows.map(|(route, why)| format!("| {} | {} |\n", cell(route), cell(why)));
    let table = format!("| route | why |\n|---|---|\n{}", rows.collect::<String>());
    let title = format!("{} not shown to hold", text::count(all.len(), "route"));
    [
        folded(!all.is_empty(), &title, &(table + &more(all.len()))),
        folded(!warnings.is_empty(), "What weakens this result", &warnings),
    ]
    .concat()
}

/// A part that is opened by a click, where it has something to say.
fn folded(says: bool, title: &str, text: &str) -> String {
    if says {
        format!("\n<details><summary>{title}</summary>\n\n{text}\n</details>\n")
    } else {
        String::new()
    }
}

fn more(all: usize) -> String {
    match all.saturating_sub(SHOWN) {
        0 => String::new(),
        rest => format!("\nand {} more\n", text::number(rest)),
    }
}

/// Text that neither ends its cell nor is read as markup.
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' => safe.extend(['\\', c]),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\n' => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_target_says_cannot_leave_its_cell() {
        assert_eq!(cell("a|b\n<img>*"), "a\\|b &lt;img&gt;\\*");
    }
}
