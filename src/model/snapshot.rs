//! What came of aggregates, tenant by tenant: a text that may be kept, or why there is none.

use super::route::RouteId;
use super::secret::Secrets;

/// The aggregates of a target.
#[derive(Debug, Clone)]
pub struct Snapshots {
    /// What reports call the target.
    pub target: String,
    /// Each route and tenant.
    pub shots: Vec<Shot>,
    /// Declared routes of which nothing could be said, and why.
    pub unreached: Vec<(RouteId, String)>,
    /// What weakens the result.
    pub warnings: Vec<String>,
    /// Whether only some routes were wanted.
    pub partial: bool,
    /// Everything that must not be printed.
    pub secrets: Secrets,
}

/// One tenant's answer of an aggregate route.
#[derive(Debug, Clone)]
pub struct Shot {
    /// The route.
    pub route: RouteId,
    /// The tenant's slug.
    pub tenant: String,
    /// Who called.
    pub actor: String,
    /// Whether the description names the route as an aggregate; else it was recognised.
    pub declared: bool,
    /// What came of it.
    pub taken: Taken,
}

/// What came of an aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is the tenant's own.
    Verified {
        /// The answer, redacted, its keys in order.
        text: String,
        /// Whether SQL said the same of a figure in it.
        by_sql: bool,
    },
    /// It moves with rows of others.
    Moved {
        /// Where: a JSON pointer that names the bucket.
        at: String,
        /// With them.
        with: Option<String>,
        /// Without them.
        without: Option<String>,
    },
    /// SQL says otherwise.
    Wrong {
        /// What is declared.
        promise: String,
        /// What the answer says.
        instead: String,
    },
    /// Nothing could be shown.
    Unverified(String),
}

impl Taken {
    /// Whether another tenant's share, or a wrong figure, stands in it.
    pub fn is_foreign(&self) -> bool {
        matches!(self, Self::Moved { .. } | Self::Wrong { .. })
    }
}

/// A snapshot beside what was accepted.
pub struct Beside<'a> {
    /// What was taken.
    pub shot: &'a Shot,
    /// The accepted file's name.
    pub file: String,
    /// How it compares.
    pub compared: Compared,
}

/// How a snapshot compares with what was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// It is the same.
    Same,
    /// Nothing was accepted yet.
    New,
    /// Something else was accepted.
    Changed {
        /// What.
        accepted: String,
    },
    /// It is not verified, so that nothing is compared.
    Not {
        /// Whether something was accepted once.
        accepted: bool,
    },
}
