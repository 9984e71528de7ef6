//! Links between the calls of a history: a value that an earlier exchange brought, and that a later call says.

use serde::{Deserialize, Serialize};

use super::call::SlotRef;

/// A value of one call that an earlier exchange of the same history brought. Whoever makes the calls again takes it from
/// there: ids, codes and file names are others each time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Which exchange says it, by its place in the history.
    pub to: usize,
    /// Where it says it.
    pub slot: SlotRef,
    /// Which exchange brought it: one before that.
    pub from: usize,
    /// Where that has it.
    pub origin: Origin,
}

/// Where an exchange has a value that later calls may say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// In its answer: a JSON pointer, `header NAME`.
    Answer(String),
    /// In the row that it inserted into a table.
    Row {
        /// The table, its schema before it where that is not `public`.
        table: String,
        /// The column.
        column: String,
    },
    /// In its own call.
    Sent(SlotRef),
}
