//! Answers taken apart: records (a JSON object, a CSV line, a row of an HTML table) and the place of a value in them.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

use crate::model::call::text;
use crate::model::exchange::Response;
use crate::model::pointer::escaped;

/// How many records of one answer are looked at.
const MOST: usize = 5000;

/// Named values that stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where: a JSON pointer, `line N`, `table row N`.
    pub at: String,
    /// The values with their names; the names are empty where the answer has none.
    pub entries: Vec<(String, String)>,
}

/// The records of an answer's body.
pub fn records(response: &Response) -> Vec<Record> {
    let mut found = match Format::of(response) {
        Format::Json(documents) => {
            let mut found = Vec::new();
            for (at, document) in &documents {
                json_records(document, at, &mut found);
            }
            found
        }
        Format::Lines(lines) => line_records(&lines),
        Format::Html(page) => html_records(&page),
        Format::Other => Vec::new(),
    };
    found.truncate(MOST);
    found
}

/// Where in the body the first value stands for which `wanted` says yes: a JSON pointer or the cell of a line. `None`
/// where the body has neither, or the value spans several.
pub fn locate(response: &Response, wanted: impl Fn(&str) -> bool) -> Option<String> {
    match Format::of(response) {
        Format::Json(documents) => documents
            .iter()
            .find_map(|(at, document)| pointer(document, at, &wanted)),
        Format::Lines(lines) => lines.iter().enumerate().find_map(|(line, cells)| {
            let cell = cells.iter().position(|c| wanted(c))?;
            let name = lines.first().filter(|_| line > 0).and_then(|h| h.get(cell));
            let name = name.map(|n| format!(" ({n})")).unwrap_or_default();
            Some(format!("line {}, cell {}{name}", line + 1, cell + 1))
        }),
        Format::Html(page) => html_records(&page).iter().find_map(|row| {
            let cell = row.entries.iter().position(|(_, v)| wanted(v))?;
            Some(format!("{}, cell {}", row.at, cell + 1))
        }),
        Format::Other => None,
    }
}

/// How a body is written.
pub(super) enum Format {
    /// Documents with the prefix of their pointers; several in a stream.
    Json(Vec<(String, Json)>),
    /// Separated values.
    Lines(Vec<Vec<String>>),
    /// A page.
    Html(String),
    /// Anything else.
    Other,
}

impl Format {
    /// How the body of a response is written.
    pub(super) fn of(response: &Response) -> Self {
        let kind = response.header("content-type").unwrap_or_default();
        let kind = kind.to_ascii_lowercase();
        let first = response.body.iter().find(|b| !b.is_ascii_whitespace());
        if matches!(first, Some(b'{' | b'[')) {
            return Self::Json(documents(&response.body));
        }
        if kind.contains("event-stream") {
            return Self::Json(events(&response.text()));
        }
        let attached = response
            .header("content-disposition")
            .is_some_and(|d| d.to_ascii_lowercase().contains(".csv"));
        if attached || kind.contains("csv") || kind.contains("tab-separated") {
            return Self::Lines(lines(&response.body));
        }
        if kind.contains("html") || matches!(first, Some(b'<')) {
            return Self::Html(response.text());
        }
        Self::Other
    }
}

/// One JSON document, or several one after the other; what follows a broken one is not read.
fn documents(body: &[u8]) -> Vec<(String, Json)> {
    let stream = serde_json::Deserializer::from_slice(body).into_iter::<Json>();
    let all: Vec<Json> = stream.map_while(Result::ok).take(MOST).collect();
    let alone = all.len() == 1;
    let prefix = |n: usize| {
        if alone {
            String::new()
        } else {
            format!("document {} ", n + 1)
        }
    };
    let numbered = all.into_iter().enumerate();
    numbered.map(|(n, json)| (prefix(n), json)).collect()
}

/// The JSON data of server-sent events.
fn events(stream: &str) -> Vec<(String, Json)> {
    let data = stream.lines().enumerate().filter_map(|(n, line)| {
        let json = serde_json::from_str(line.strip_prefix("data:")?.trim()).ok()?;
        Some((format!("event line {} ", n + 1), json))
    });
    data.take(MOST).collect()
}

fn json_records(json: &Json, at: &str, into: &mut Vec<Record>) {
    if into.len() >= MOST {
        return;
    }
    match json {
        Json::Object(map) => {
            let scalars = map.iter().filter(|(_, v)| is_scalar(v));
            let entries: Vec<_> = scalars.map(|(k, v)| (k.clone(), text(v))).collect();
            push(at, entries, into);
            for (key, value) in map {
                json_records(value, &format!("{at}/{}", escaped(key)), into);
            }
        }
        Json::Array(items) => {
            let scalars = items.iter().filter(|v| is_scalar(v));
            push(
                at,
                scalars.map(|v| (String::new(), text(v))).collect(),
                into,
            );
            for (index, item) in items.iter().enumerate() {
                json_records(item, &format!("{at}/{index}"), into);
            }
        }
        _ => {}
    }
}

fn push(at: &str, entries: Vec<(String, String)>, into: &mut Vec<Record>) {
    if !entries.is_empty() {
        into.push(Record {
            at: name_root(at),
            entries,
        });
    }
}

/// The pointer of the whole document is empty; it needs a name.
fn name_root(pointer: &str) -> String {
    if pointer.is_empty() { "/" } else { pointer }.to_owned()
}

fn is_scalar(json: &Json) -> bool {
    !json.is_object() && !json.is_array()
}

fn pointer(json: &Json, at: &str, wanted: &impl Fn(&str) -> bool) -> Option<String> {
    match json {
        Json::Object(map) => map.iter().find_map(|(key, value)| {
            let here = format!("{at}/{}", escaped(key));
            if wanted(key) {
                return Some(here);
            }
            pointer(value, &here, wanted)
        }),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| pointer(item, &format!("{at}/{index}"), wanted)),
        other => wanted(&text(other)).then(|| name_root(at)),
    }
}

/// Separated values, by the separator that the first line holds most of; broken lines are left out.
fn lines(body: &[u8]) -> Vec<Vec<String>> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let head = body.split(|&b| b == b'\n').next().unwrap_or_default();
    let count = |separator: &u8| memchr::memchr_iter(*separator, head).count();
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(count);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.unwrap_or(b','))
        .from_reader(body);
    let cells = |record: &csv::ByteRecord| -> Vec<String> {
        let cell = |c: &[u8]| String::from_utf8_lossy(c).into_owned();
        record.iter().map(cell).collect()
    };
    let records = reader.byte_records().map_while(Result::ok);
    records.take(MOST).map(|r| cells(&r)).collect()
}

fn line_records(lines: &[Vec<String>]) -> Vec<Record> {
    let names = lines.first().map(Vec::as_slice).unwrap_or_default();
    let record = |(line, cells): (usize, &Vec<String>)| Record {
        at: format!("line {}", line + 1),
        entries: named(names, cells.iter().cloned()),
    };
    // The first line counts, too: not every file has a head.
    lines.iter().enumerate().map(record).collect()
}

fn named(names: &[String], values: impl Iterator<Item = String>) -> Vec<(String, String)> {
    let name = |index: usize| names.get(index).cloned().unwrap_or_default();
    values.enumerate().map(|(i, v)| (name(i), v)).collect()
}

static ROW: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?is)<tr\b.*?(</tr>|\z)").ok());
static CELL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?is)<t[dh]\b[^>]*>(.*?)(?:</t[dh]>|\z)").ok());
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?s)<[^>]*>").ok());

fn html_records(page: &str) -> Vec<Record> {
    let (Some(row), Some(cell), Some(tag)) = (&*ROW, &*CELL, &*TAG) else {
        return Vec::new();
    };
    let content = |raw: &str| entities(tag.replace_all(raw, "").trim());
    let cells = |row: &str| -> Vec<String> {
        cell.captures_iter(row)
            .filter_map(|c| c.get(1))
            .map(|c| content(c.as_str()))
            .collect()
    };
    let rows: Vec<Vec<String>> = row.find_iter(page).map(|r| cells(r.as_str())).collect();
    let names = rows.first().cloned().unwrap_or_default();
    let numbered = rows.into_iter().enumerate();
    let record = |(index, cells): (usize, Vec<String>)| Record {
        at: format!("table row {}", index + 1),
        entries: named(&names, cells.into_iter()),
    };
    numbered.map(record).take(MOST).collect()
}

/// The entities that templates write.
fn entities(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (entity, plain)| {
        text.replace(entity, plain)
    })
}

#[cfg(test)]
mod tests;
