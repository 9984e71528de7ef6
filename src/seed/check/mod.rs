//! Check constraints read as limits on generated values.

mod constant;
mod counted;
mod derived;
mod expression;
mod limits;
mod narrow;
mod reader;
mod token;

pub use expression::Expression;
pub use limits::{ColumnLimits, Compare, TableLimits, limits};
