//! What a target promises to log of each request, and what it logged.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the target writes about each request: one line of JSON on its standard output or error.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogPromise {
    /// The header of every answer that holds the request's id. Default `x-request-id`.
    #[serde(default = "request_id")]
    pub header: String,
    /// The field with that id.
    pub request: String,
    /// The field with the tenant that the call acted in: its key or slug.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The field with the user: its id or e-mail.
    #[serde(default)]
    pub user: Option<String>,
}

fn request_id() -> String {
    "x-request-id".to_owned()
}

/// What was logged of one exchange.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Logged {
    /// The lines of the target's output that hold the request's id; none where its answer has no id.
    pub lines: Vec<String>,
}
