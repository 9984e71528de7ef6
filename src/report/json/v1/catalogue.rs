//! Lists and pages of attacks, oracles, faults and quirks.

use serde::Serialize;

use super::{SCHEMA, to_text};

#[derive(Serialize)]
struct Catalogue<'a> {
    schema: &'static str,
    version: u8,
    kind: &'a str,
    entries: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct Page<'a> {
    schema: &'static str,
    version: u8,
    kind: &'a str,
    id: &'a str,
    title: &'a str,
    text: &'a str,
}

/// Ids with their titles.
pub fn catalogue(kind: &str, entries: &[(&str, &str)]) -> Result<String, serde_json::Error> {
    to_text(&Catalogue {
        schema: SCHEMA,
        version: 1,
        kind,
        entries: entries
            .iter()
            .map(|&(id, title)| Entry { id, title })
            .collect(),
    })
}

/// One page.
pub fn page(kind: &str, id: &str, title: &str, text: &str) -> Result<String, serde_json::Error> {
    to_text(&Page {
        schema: SCHEMA,
        version: 1,
        kind,
        id,
        title,
        text,
    })
}
