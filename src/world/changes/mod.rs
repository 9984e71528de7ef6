//! Row changes: streamed where Postgres lets us, else found by comparing; and taken back.

mod compared;
mod decode;
pub mod identity;
mod pending;
mod stream;
pub mod undo;

use crate::model::rows::{Operation, Row};

pub use compared::Compared;
pub use pending::Pending;
pub use stream::{Stream, StreamConfig};
pub use undo::Undo;

/// A row change as the database reported it: values in text form, in the order of `columns`. What an update left as it was
/// out of line stands in the new image, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawChange {
    /// The table's schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// The columns' names; the stream leaves generated columns out.
    pub columns: Vec<String>,
    /// What happened.
    pub operation: Operation,
    /// The row before; `None` for an insert.
    pub old: Option<Row>,
    /// The row after; `None` for a delete.
    pub new: Option<Row>,
    /// The transaction; 0 where changes are found by comparing.
    pub xid: u32,
}
