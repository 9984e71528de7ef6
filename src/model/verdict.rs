//! What an oracle says of a history, and the evidence for it.

use serde::{Deserialize, Serialize};

use super::exchange::Purpose;
use super::observed::Sighting;
use super::ownership::Owners;
use super::rows::{Operation, RowRef};
use super::tenant::TenantKey;

/// An oracle's answer. Never a bool.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The wall held, and was shown to be tried: see [`crate::model::verdict`] and the design's first promise.
    Held,
    /// Data crossed.
    Violated(Evidence),
    /// Nothing was shown either way.
    Inconclusive(Reason),
}

/// Why a case shows nothing.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    thiserror::Error,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The route worked for members of one tenant alone.
    #[error("it worked for members of one tenant alone, so there is no neighbour to reach for")]
    Alone,
    /// The owner's call did not return or change its own row in this state.
    #[error("the owner's own call did not work")]
    OwnerControlFailed,
    /// The owner's call succeeded, but neither its answer nor a row change shows that it reached an own row.
    #[error("the owner's own call worked, but showed nothing to recognise")]
    NothingShown,
    /// The attacker's same call with its own part did not succeed: it may be refused for role, session or validation.
    #[error("the attacker's same call on its own rows did not work")]
    OwnControlFailed,
    /// No answer, or a broken one.
    #[error("the target did not answer")]
    NoAnswer,
    /// The target throttled.
    #[error("the target throttled the call")]
    Throttled,
    /// The target answered with an error of its own (5xx): neither served nor refused.
    #[error("the target answered with an error of its own")]
    ServerError,
    /// The victim's row did not stand afterwards, for a reason that is not the attack.
    #[error("the victim's row did not stand afterwards")]
    RowGone,
    /// The oracle does not apply to this history.
    #[error("not applicable")]
    NotApplicable,
}

/// How much a violation matters.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; never gates.
    Info,
    /// Little or nothing crosses by itself.
    Low,
    /// A number, an existence, a promise broken.
    Medium,
    /// Rows of another tenant are read, or planted.
    High,
    /// Rows of another tenant are changed, or anybody may read them.
    Critical,
}

/// Where a leaked or changed value came from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Provenance {
    /// The row.
    pub row: RowRef,
    /// Index of the column in its table.
    pub column: usize,
    /// The value.
    pub value: String,
    /// Who owns the row.
    pub owners: Owners,
}

/// What crossed.
#[derive(Debug, Clone, PartialEq)]
pub enum Crossing {
    /// Values of foreign rows stood in an answer.
    Leaked {
        /// The values and where they come from; at least one.
        values: Vec<Provenance>,
        /// Strong canaries, or weak values that coincide in one row.
        strong: bool,
        /// Where in the answer: a JSON pointer, `header NAME`, `body at BYTE`.
        at: String,
    },
    /// Values that stand in no row, first seen in another tenant's answer, stood in an answer.
    Observed {
        /// The values and where they were first seen; at least one.
        values: Vec<Sighting>,
        /// Where the first of them stood: a JSON pointer, `header NAME`, `body at BYTE`.
        at: String,
    },
    /// A foreign row was inserted, changed or deleted.
    Wrote {
        /// What happened.
        operation: Operation,
        /// To which row.
        row: RowRef,
        /// Names of the columns that changed.
        columns: Vec<String>,
        /// Who owned it before.
        before: Owners,
        /// Who owns it now.
        after: Owners,
    },
    /// A row now points to another tenant's row.
    Referenced {
        /// The row that points.
        from: RowRef,
        /// By which column.
        column: String,
        /// The foreign row.
        to: RowRef,
        /// Who owns that.
        owners: Owners,
        /// Declared foreign key, or learnt from the values.
        declared: bool,
    },
    /// Foreign and missing ids can be told apart.
    Detected {
        /// The sentence that says by what, e.g. `403 for a foreign id, 404 for a missing one`.
        difference: String,
        /// Whether the ids can be guessed (integers, short words).
        guessable: bool,
    },
    /// The victim can no longer read or change its own.
    Blocked {
        /// What the victim did before and cannot any more.
        sentence: String,
    },
    /// A part of an answer moved when rows of other tenants alone were taken away, and moved back with them.
    Moved {
        /// Where in the answer: a JSON pointer, `header NAME`, `line N`, `number of lines`, `status`.
        at: String,
        /// What stood there while the rows were there; `None` where the part was not there.
        with: Option<String>,
        /// What stood there while they were away.
        without: Option<String>,
        /// Which rows were away.
        rows: Vec<RowRef>,
        /// Who owns those.
        owners: Owners,
    },
    /// An answer with the caller's own data may be kept by caches that others are served from.
    Cacheable {
        /// The header that says so: `Cache-Control: public`.
        header: String,
        /// One of the values that nobody else may see.
        value: Provenance,
        /// Where it stands in the answer.
        at: String,
    },
    /// A declared promise was not kept.
    Broke {
        /// The promise, e.g. `header.* answers 403`.
        promise: String,
        /// What came instead.
        instead: String,
    },
}

/// A violation with its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The oracle's id.
    pub oracle: &'static str,
    /// What crossed.
    pub crossing: Crossing,
    /// Whose data, or whose work, is concerned.
    pub victim: Option<TenantKey>,
    /// How much it matters.
    pub severity: Severity,
    /// Which exchange of the history shows it: its purpose and its index among those of that purpose.
    pub shown_by: (Purpose, usize),
}
