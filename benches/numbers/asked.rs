//! A request as the fast target was asked it, and the same for the bare client.

use axum::http::request::Parts;
use partywall::model::call::Wire;
use serde::{Deserialize, Serialize};

/// A request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Asked {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Asked {
    /// As it was taken.
    pub fn of(parts: &Parts, body: &[u8]) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = parts.headers.iter();
        Self {
            method: parts.method.to_string(),
            target: parts.uri.to_string(),
            headers: headers
                .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
                .collect(),
            body: text(body),
        }
    }

    /// The same, sent to a target that may listen elsewhere. What an attack wrote in an odd way goes out tidily, on a kept
    /// connection: that makes the bare client faster, not slower.
    pub fn wire(&self, base: &str) -> Wire {
        let authority = base.rsplit('/').next().unwrap_or(base).to_owned();
        let own = |name: &str| matches!(name, "host" | "content-length" | "connection");
        let headers = self.headers.iter().filter(|(name, _)| !own(name));
        let headers = headers.map(|(name, value)| (titled(name), value.trim().to_owned()));
        Wire {
            base: base.to_owned(),
            method: self.method.clone(),
            target: self.target.clone(),
            headers: std::iter::once(("Host".to_owned(), authority))
                .chain(headers)
                .collect(),
            body: self.body.clone().into(),
        }
    }
}

/// `x-request-id` as `X-Request-Id`.
fn titled(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}
