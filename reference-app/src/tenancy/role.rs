//! Roles within a tenant.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a member may do; a later one may do what an earlier one may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Role {
    Client,
    Staff,
    Admin,
}

impl Role {
    /// The role that a column holds.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "CLIENT" => Some(Self::Client),
            "STAFF" => Some(Self::Staff),
            "ADMIN" => Some(Self::Admin),
            _ => None,
        }
    }
}
