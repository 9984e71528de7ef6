//! What tells two answers apart once what varies by itself, and what the caller sent, is masked.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

use crate::model::call::SlotRef;
use crate::model::exchange::{Exchange, Response};

/// Headers that come and go, or vary, for reasons that say nothing of a row.
const VOLATILE: &[&str] = &[
    "age",
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "keep-alive",
    "retry-after",
    "server-timing",
    "set-cookie",
    "trace",
    "transfer-encoding",
    "vary",
];

/// Parts of names of such headers.
const VOLATILE_PARTS: &[&str] = &[
    "ratelimit",
    "rate-limit",
    "request-id",
    "trace",
    "runtime",
    "response-time",
];

/// An answer, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The status.
    pub status: u16,
    /// The body's keys and kinds of values, without any text.
    pub keys: String,
    /// The body's text: of a JSON document its strings and booleans.
    pub text: String,
    /// The names of the headers.
    pub headers: BTreeSet<String>,
}

impl Signature {
    /// The signature of an exchange's answer; what stands in `slots` was sent.
    pub fn of(exchange: &Exchange, response: &Response, slots: &[SlotRef]) -> Self {
        let mut sent: Vec<String> = slots.iter().filter_map(|s| exchange.call.slot(s)).collect();
        sent.extend(exchange.call.path.values().cloned());
        sent.retain(|v| !v.is_empty());
        sent.sort_by_key(|v| std::cmp::Reverse(v.len()));
        let (keys, text) = match response.json() {
            Some(json) => (keys(&json, &sent), strings(&json)),
            None => (String::new(), response.text()),
        };
        Self {
            status: response.status,
            keys,
            text: mask(&text, &sent),
            headers: headers(response),
        }
    }
}

fn headers(response: &Response) -> BTreeSet<String> {
    let names = response.headers.iter().map(|(name, _)| name.as_str());
    names
        .filter(|name| is_constant(name))
        .map(str::to_owned)
        .collect()
}

/// Whether a header of that lower-case name neither comes and goes nor varies by itself.
pub fn is_constant(name: &str) -> bool {
    !VOLATILE.contains(&name) && !VOLATILE_PARTS.iter().any(|part| name.contains(part))
}

/// Keys and kinds; of a list, whether it is empty and the different kinds of its elements.
fn keys(json: &Json, sent: &[String]) -> String {
    match json {
        Json::Object(map) => {
            let mut inner: Vec<String> = map
                .iter()
                .map(|(k, v)| format!("{}:{}", mask(k, sent), keys(v, sent)))
                .collect();
            inner.sort();
            format!("{{{}}}", inner.join(","))
        }
        Json::Array(items) => {
            let kinds: BTreeSet<String> = items.iter().map(|i| keys(i, sent)).collect();
            format!("[{}]", kinds.into_iter().collect::<Vec<_>>().join("|"))
        }
        Json::String(_) => "text".to_owned(),
        Json::Number(_) => "number".to_owned(),
        Json::Bool(_) => "boolean".to_owned(),
        Json::Null => "null".to_owned(),
    }
}

fn strings(json: &Json) -> String {
    match json {
        Json::Object(map) => join(map.values()),
        Json::Array(items) => join(items.iter()),
        Json::String(text) => text.clone(),
        Json::Bool(yes) => yes.to_string(),
        Json::Number(_) | Json::Null => String::new(),
    }
}

fn join<'a>(items: impl Iterator<Item = &'a Json>) -> String {
    let texts: Vec<String> = items.map(strings).filter(|t| !t.is_empty()).collect();
    texts.join(" · ")
}

/// Opaque tokens (UUIDs, digests, request ids: long, with a digit) and numbers, with dates and times among them.
static VARYING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9_+/=-]*[0-9][A-Za-z0-9_+/=-]*([:.][0-9]+)*").ok());

/// The text without what the caller sent and what varies.
fn mask(text: &str, sent: &[String]) -> String {
    let mut masked = text.to_owned();
    for value in sent {
        // Digits are masked below: a short number must not cut words apart here.
        if value.len() > 2 && !value.bytes().all(|b| b.is_ascii_digit()) {
            masked = replace_ignoring_case(&masked, value);
        }
    }
    // Most keys and texts hold nothing that varies: no digit, no search.
    match &*VARYING {
        _ if !masked.bytes().any(|b| b.is_ascii_digit()) => masked,
        Some(varying) => varying.replace_all(&masked, "#").into_owned(),
        None => masked,
    }
}

fn replace_ignoring_case(text: &str, value: &str) -> String {
    let (lower, value) = (text.to_ascii_lowercase(), value.to_ascii_lowercase());
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in lower.match_indices(&value) {
        out.push_str(&text[from..at]);
        out.push('#');
        from = at + value.len();
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::{answer, attack};

    fn signature(id: &str, status: u16, body: &str) -> Signature {
        let exchange = attack(id, status, body);
        let response = exchange.response().cloned().unwrap_or(answer(0, ""));
        Signature::of(&exchange, &response, &[])
    }

    #[test]
    fn sent_ids_and_varying_parts_do_not_tell_answers_apart() {
        let one = r#"{"error":"Task AB-cd not found","requestId":"7f3a9c52-1b44","at":"2025-03-01T10:00:00Z","n":4}"#;
        let two = r#"{"error":"Task EF-gh not found","requestId":"01HXYZ9QK","at":"2025-03-01T10:00:07.5Z","n":17}"#;
        assert_eq!(signature("ab-CD", 404, one), signature("EF-gh", 404, two));
        let other = one.replace("not found", "belongs to others");
        assert_ne!(
            signature("ab-CD", 404, one),
            signature("ab-CD", 404, &other)
        );
        let keyed = one.replace("requestId", "owner");
        assert_ne!(
            signature("x", 404, one).keys,
            signature("x", 404, &keyed).keys
        );
    }

    #[test]
    fn headers_count_by_name_save_those_that_come_and_go() {
        let mut exchange = attack("x", 404, "");
        let plain = Signature::of(&exchange, exchange.response().unwrap(), &[]);
        let response = exchange.outcome.as_mut().unwrap();
        response
            .headers
            .push(("x-ratelimit-remaining".into(), "4".into()));
        response.headers.push(("date".into(), "now".into()));
        assert_eq!(
            plain,
            Signature::of(&exchange, exchange.response().unwrap(), &[])
        );
        let response = exchange.outcome.as_mut().unwrap();
        response
            .headers
            .push(("last-modified".into(), "then".into()));
        assert_ne!(
            plain,
            Signature::of(&exchange, exchange.response().unwrap(), &[])
        );
    }
}
