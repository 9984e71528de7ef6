//! What the target promises about its answers: `[expect]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which statuses keep a promise.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Statuses {
    /// This one.
    One(u16),
    /// Any of these.
    AnyOf(Vec<u16>),
}

impl Statuses {
    /// All of them.
    pub fn all(&self) -> &[u16] {
        match self {
            Self::One(status) => std::slice::from_ref(status),
            Self::AnyOf(statuses) => statuses,
        }
    }
}

/// A promise about the answers to an attack.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Promise {
    /// A status, or several of which any will do.
    Status(Statuses),
    /// A status, a word in the body, for some routes.
    Full {
        /// The status, or several of which any will do.
        #[serde(default)]
        status: Option<Statuses>,
        /// Words that the body must hold, in any case.
        #[serde(default)]
        body: Option<String>,
        /// Route ids or patterns; all where empty.
        #[serde(default)]
        routes: Vec<String>,
    },
}

impl Promise {
    /// Whether nothing could break it.
    pub fn is_empty(&self) -> bool {
        let none = |statuses: &Statuses| statuses.all().is_empty();
        match self {
            Self::Status(status) => none(status),
            Self::Full { status, body, .. } => {
                status.as_ref().is_none_or(none) && body.as_ref().is_none_or(String::is_empty)
            }
        }
    }
}
