//! Where rows come from: `[seed]`.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Step;

opaque!(Seed);

/// Where rows come from.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Seed {
    /// A command of the target's own, run after its first start.
    pub command: Option<String>,
    /// SQL run as superuser after the tables are there.
    pub sql: Vec<String>,
    /// Calls that register each user, in order; `{user.email}` and `{user.password}` are made up by partywall. The user
    /// table's row is then found by the log-in column.
    pub register: Vec<Step>,
    /// Calls that make each tenant, as its first user.
    pub create_tenant: Vec<Step>,
    /// Calls that make a user a member, as the tenant's first user.
    pub add_member: Vec<Step>,
    /// Only one user is registered by calls; the others are rows with its password hash.
    pub copy_hash: bool,
    /// Calls made once a tenant, as its strongest user, to create what generated rows cannot.
    pub calls: Vec<Step>,
    /// Rows that are there already make the tenants: none are generated.
    pub existing: bool,
    /// `table.column` to the words that a plain text column may hold.
    pub words: BTreeMap<String, Vec<String>>,
    /// `table.column` to a fixed value for generated rows, a template (`{token}`, `{uuid}`, `{number}`, `{tenant.key}`,
    /// `{tenant.slug}`), or `sql:EXPRESSION`.
    pub values: BTreeMap<String, String>,
    /// The day that the days of generated rows lie around: `2026-01-22`. Default: today.
    pub now: Option<String>,
    /// Generated rows a table and tenant. Default 12.
    pub rows: Option<usize>,
    /// Tables that are left as they are.
    pub skip: Vec<String>,
}

impl Seed {
    /// The day that generated rows lie around, where one is set.
    pub fn today(&self) -> Option<chrono::NaiveDate> {
        self.now.as_deref().and_then(day)
    }
}

/// The day that a text begins with: `2026-01-22`, `2026-01-22T12:00:00Z`.
pub fn day(text: &str) -> Option<chrono::NaiveDate> {
    text.get(..10)?.parse().ok()
}
