//! Aggregates: which routes answer with them, what SQL says of their figures, and what of them is a tenant's own.

mod check;
mod figures;
mod recognise;
mod redacted;
mod snapshot;
mod without;

pub use check::sweep;
pub use figures::learn;
pub use recognise::{Aggregate, aggregates};
pub use snapshot::snapshot;
