//! Check constraints read as limits on generated values.

mod expression;
mod limits;

pub use limits::{ColumnLimits, Compare, TableLimits, limits};
