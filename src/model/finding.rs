//! A finding: a deduplicated violation, with what a person needs to believe and to repeat it.

use serde::{Deserialize, Serialize};

use super::exchange::History;
use super::route::RouteId;
use super::shown::Shown;
use super::verdict::{Evidence, Severity};

/// Where the effect shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sink {
    /// One route.
    Route(RouteId),
    /// The same attack crosses on many routes and `plain` does not: the middleware is broken, not a handler.
    AllRoutes,
}

/// How sure partywall is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Seen, not shown by cause.
    Suspected,
    /// Shown by cause, on fresh state.
    Confirmed,
}

/// A deduplicated violation.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Stable over seeds and values: made from oracle, mechanism and sink.
    pub id: String,
    /// The attack that shows it most simply.
    pub attack: String,
    /// Further attacks that cross at the same sink.
    pub also: Vec<String>,
    /// Those of `also` that only carry along what crosses without them: attacks on what stands before the handler, where
    /// the handler itself is broken.
    pub carried: Vec<String>,
    /// Where it shows.
    pub sink: Sink,
    /// Every route on which it was seen, in order.
    pub routes: Vec<RouteId>,
    /// What other oracles saw of the same defect, where it is before all handlers: which, and on which routes.
    pub beside: Vec<(&'static str, Vec<RouteId>)>,
    /// How much it matters: the worst of all that was seen.
    pub severity: Severity,
    /// How sure partywall is.
    pub confidence: Confidence,
    /// How it was confirmed, or why it could not be, in a sentence.
    pub proof: String,
    /// In how many replays of its batch it crossed, of how many: where it did not cross when made alone.
    pub rate: Option<(usize, usize)>,
    /// How many exchanges showed it.
    pub count: usize,
    /// How many calls the sweep had made when it was first seen; where several targets are attacked, that one's.
    pub first_seen: usize,
    /// The evidence.
    pub evidence: Evidence,
    /// The history that the evidence is about.
    pub history: History,
    /// The requests that repeat it by hand, in order, as they may be shown; the last is the one that shows it.
    pub requests: Vec<Shown>,
}
