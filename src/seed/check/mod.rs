//! Check constraints read as limits on generated values.

mod expression;
mod limits;
mod reader;
mod token;

pub use limits::{ColumnLimits, Compare, TableLimits, limits};
