//! Rows as CSV.
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::Value;

/// A CSV answer with a header line.
pub(crate) fn answer(name: &str, columns: &[&str], rows: &[Value]) -> Response {
    let mut text = columns.join(",");
    text.push_str("\r\n");
    for row in rows {
        let cells: Vec<_> = columns.iter().map(|column| cell(&row[*column])).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.csv\""),
        ),
    ];
    (headers, text).into_response()
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
