//! Aggregates: which routes answer with them, what they must be, and what snapshots of them leave out: `[analytics]`.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

opaque!(Analytics);

/// Aggregates: counts, sums, series, statistics.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Analytics {
    /// Route ids or patterns (`GET /stats/*`) whose answers are aggregates, beside those that are recognised: an answer in
    /// which numbers stand and no key of a row does.
    pub routes: Vec<String>,
    /// JSON paths (`$.generatedAt`, `$.series[*].id`) that snapshots leave out, because they differ each time.
    pub redact: Vec<String>,
    /// The day that `partywall snapshot` seeds around, `2026-01-22`, so that snapshots stay as they are. Default: that of
    /// `seed.now`, or today.
    pub now: Option<String>,
    /// The target's environment while `partywall snapshot` runs it, over `target.env`: a fixed clock, where it has one.
    pub env: BTreeMap<String, String>,
    /// What figures must be.
    pub check: Vec<Check>,
}

/// What a figure must be, by SQL.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The route, or a pattern.
    pub route: String,
    /// The JSON path of the figure in its answer: `$.revenue`, or `$.series[*].revenue` for a series.
    pub value: String,
    /// For a series, the JSON path of the names of its buckets: `$.series[*].month`.
    #[serde(default)]
    pub key: Option<String>,
    /// A query for what it is for one tenant, in whose place `{tenant.key}` or `{tenant.slug}` stands, without quotes: one
    /// value, or for a series rows of bucket and value.
    #[serde(default)]
    pub sql: Option<String>,
    /// A query for what the values of all tenants must add up to, likewise.
    #[serde(default)]
    pub conserve: Option<String>,
}
