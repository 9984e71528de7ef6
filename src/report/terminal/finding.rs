//! One finding: what happened, how that is known, how to repeat it, what it is called.

use crate::model::finding::{Confidence, Finding};
use crate::model::shown::Shown;

use super::super::steps::steps;
use super::super::style::{Layout, Tone};
use super::super::{View, curl, sentence, text};
use super::LABEL;

/// Leaked values shown before the rest is only counted.
const VALUES: usize = 3;

/// One finding.
pub fn finding(view: &View<'_>, finding: &Finding, layout: Layout) -> String {
    let names = view.names();
    let mut lines = vec![head(view, finding, layout), arrow(finding, layout)];
    for (oracle, routes) in &finding.beside {
        let said = sentence::beside(oracle, routes, layout.verbose());
        lines.push(layout.labelled(Tone::Strong, "besides", LABEL, &said));
    }
    let facts = sentence::facts(finding, &names);
    let leaks = facts.iter().filter(|(label, _)| *label == "leaked").count();
    let shown = if layout.verbose() {
        leaks
    } else {
        leaks.min(VALUES)
    };
    let rest = leaks - shown;
    for (label, fact) in facts.iter().take(facts.len() - rest) {
        lines.push(layout.labelled(Tone::Strong, label, LABEL, fact));
    }
    if rest > 0 {
        let said = format!(
            "and {} (--verbose shows all)",
            text::count(rest, "further value")
        );
        lines.push(layout.labelled(Tone::Strong, "", LABEL, &said));
    }
    let certain = match finding.confidence {
        Confidence::Confirmed => "confirmed",
        Confidence::Suspected => "suspected",
    };
    let proof = format!(
        "{} ({})",
        finding.proof,
        text::count(finding.count, "exchange")
    );
    lines.push(layout.labelled(Tone::Strong, certain, LABEL, &proof));
    lines.push(layout.labelled(Tone::Strong, "attack", LABEL, &attack(finding)));
    lines.push(layout.labelled(Tone::Strong, "class", LABEL, &class(view, finding)));
    for request in &finding.requests {
        lines.push(command(view, request, layout));
    }
    for (number, step) in steps(&finding.history.browsed, &names).iter().enumerate() {
        let label = if number == 0 { "browser" } else { "" };
        let said = format!("{}. {step}", number + 1);
        lines.push(layout.labelled(Tone::Strong, label, LABEL, &said));
    }
    if let Some(path) = view.replays.get(&finding.id) {
        let path = curl::bare_or_quoted(&path.display().to_string());
        let replay = format!("partywall replay {path}");
        lines.push(unwrapped(layout, "replay", &[replay]));
    }
    lines.push(layout.labelled(Tone::Faint, "id", LABEL, &finding.id));
    lines.join("\n") + "\n"
}

fn head(view: &View<'_>, finding: &Finding, layout: Layout) -> String {
    let severity = text::severity(finding.severity);
    let tone = Layout::tone(finding.severity);
    let head = format!("{}: ", layout.paint(tone, severity));
    let sentence = sentence::headline(finding, &view.names());
    layout.hanging(&head, severity.len() + 2, &sentence)
}

fn arrow(finding: &Finding, layout: Layout) -> String {
    let arrow = format!("{}--> ", " ".repeat(LABEL - 3));
    let painted = layout.paint(Tone::Faint, arrow.trim_end()) + " ";
    layout.hanging(&painted, LABEL + 1, &sentence::place(finding))
}

fn attack(finding: &Finding) -> String {
    let mut said = finding.attack.clone();
    if !finding.history.variant.is_empty() {
        said = format!("{said} ({})", finding.history.variant);
    }
    let adds = |a: &&String| !finding.carried.contains(a);
    let also: Vec<String> = finding.also.iter().filter(adds).cloned().collect();
    if !also.is_empty() {
        said = format!("{said}; also by {}", text::list(&also));
    }
    if !finding.carried.is_empty() {
        said = format!(
            "{said}; likewise with {}",
            text::list(&families(&finding.carried))
        );
    }
    said
}

/// `9 header attacks`, `1 host attack`: attacks by their family, in the order in which families first come.
fn families(attacks: &[String]) -> Vec<String> {
    let family = |attack: &String| attack.split('.').next().unwrap_or_default().to_owned();
    let mut order: Vec<String> = Vec::new();
    for family in attacks.iter().map(family) {
        if !order.contains(&family) {
            order.push(family);
        }
    }
    let count = |of: String| {
        let members = attacks.iter().filter(|a| family(a) == of).count();
        text::count(members, &format!("{of} attack"))
    };
    order.into_iter().map(count).collect()
}

fn class(view: &View<'_>, finding: &Finding) -> String {
    let oracle = finding.evidence.oracle;
    (view.classify)(oracle).map_or_else(
        || format!("oracle {oracle}"),
        |class| format!("oracle {oracle}, CWE-{}, OWASP {}", class.cwe, class.owasp),
    )
}

/// The `curl` command, broken between options only, so that it can be pasted.
fn command(view: &View<'_>, request: &Shown, layout: Layout) -> String {
    let parts = curl::parts(request, view.description);
    let text = unwrapped(layout, "curl", &parts);
    match &request.bent {
        Some(bent) => {
            let note = format!("(by hand, without this: {bent}; the replay does it)");
            text + "\n" + &layout.labelled(Tone::Strong, "", LABEL, &note)
        }
        None => text,
    }
}

/// Words that stay whole: as many a line as fit, continued as a shell continues lines.
fn unwrapped(layout: Layout, label: &str, parts: &[String]) -> String {
    let room = layout.width().saturating_sub(LABEL + 3);
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.chars().count() + part.chars().count() < room => {
                *line = format!("{line} {part}");
            }
            Some(_) => lines.push(format!("  {part}")),
            None => lines.push(part.clone()),
        }
    }
    let pad = " ".repeat(LABEL.saturating_sub(label.len()));
    let label = layout.paint(Tone::Strong, label);
    let indent = " ".repeat(LABEL + 1);
    format!("{pad}{label} {}", lines.join(&format!(" \\\n{indent}")))
}
