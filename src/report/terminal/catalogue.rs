//! Lists of attacks, oracles, faults and quirks, and single pages of them.

use super::super::style::{Cell, Layout, Tone};

/// Ids with their titles, one a line.
pub fn catalogue(entries: &[(&str, &str)], layout: Layout) -> String {
    let rows: Vec<Vec<Cell>> = entries
        .iter()
        .map(|(id, title)| vec![Cell::left(*id).toned(Tone::Strong), Cell::left(*title)])
        .collect();
    layout.table(&rows)
}

/// A page: heading, then paragraphs, wrapped; lines that begin with a space or a list sign stay as they are.
pub fn page(id: &str, kind: &str, title: &str, body: &str, layout: Layout) -> String {
    let head = layout.paint(Tone::Strong, id);
    let mut text = format!("{head} ({kind})\n\n{}\n", layout.hanging("", 0, title));
    for paragraph in body.trim_end().trim_start_matches('\n').split("\n\n") {
        text.push('\n');
        text += &self::paragraph(paragraph, layout);
        text.push('\n');
    }
    text
}

fn paragraph(paragraph: &str, layout: Layout) -> String {
    let kept = |line: &str| line.starts_with([' ', '-', '*', '|', '#', '`', '\t']);
    if paragraph.lines().any(kept) {
        return paragraph.trim_end().to_owned();
    }
    let joined = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    layout.hanging("", 0, &joined)
}
