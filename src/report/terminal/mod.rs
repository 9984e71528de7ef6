//! What a person reads: findings, then tables, then a summary that takes ten seconds.

mod catalogue;
mod discovery;
mod finding;
mod kill_table;
mod replayed;
mod snapshots;
mod summary;
mod tables;

pub use catalogue::{catalogue, page};
pub use discovery::{discovery, rule};
pub use kill_table::kill_table;
pub use replayed::replayed;
pub use snapshots::snapshots;
pub use summary::summary;

use crate::model::finding::{Confidence, Finding};

use super::View;
use super::style::{Layout, Tone};

/// How wide the labels before the summary and the facts of a finding are.
const LABEL: usize = 12;

/// The whole report.
pub fn report(view: &View<'_>, layout: Layout) -> String {
    let (confirmed, suspected): (Vec<&Finding>, Vec<&Finding>) = view
        .report
        .findings
        .iter()
        .partition(|finding| finding.confidence == Confidence::Confirmed);
    let mut text = String::new();
    for finding in &confirmed {
        text += &finding::finding(view, finding, layout);
        text.push('\n');
    }
    if !suspected.is_empty() {
        let about = "seen, but not shown by cause: look at them, they may be nothing";
        text += &heading(layout, "Suspected", about);
        text.push('\n');
        for finding in &suspected {
            text += &finding::finding(view, finding, layout);
            text.push('\n');
        }
    }
    for table in tables::all(view, layout) {
        text += &table;
        text.push('\n');
    }
    text + &summary(view, layout)
}

/// A section's heading.
fn heading(layout: Layout, name: &str, about: &str) -> String {
    let head = format!("{}: ", layout.paint(Tone::Strong, name));
    layout.hanging(&head, 2, about) + "\n"
}
