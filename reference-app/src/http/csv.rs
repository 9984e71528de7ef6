//! Rows as CSV.
use axum::response::Response;
use serde_json::Value;

use super::export;

/// A CSV answer with a header line.
pub(crate) fn answer(name: &str, columns: &[&str], rows: &[Value]) -> Response {
    let kind = "text/csv; charset=utf-8";
    export::file(kind, &format!("{name}.csv"), text(columns, rows))
}

/// The rows, after a header line.
pub(crate) fn text(columns: &[&str], rows: &[Value]) -> String {
    let mut text = columns.join(",");
    text.push_str("\r\n");
    for row in rows {
        let cells: Vec<_> = columns.iter().map(|column| cell(&row[*column])).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}
