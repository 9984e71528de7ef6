//! Family `filter`: what chooses the rows of a list or of a bulk write, in values and forms that nobody thought of.

pub(super) mod include;
pub(super) mod limit;
pub(super) mod operator;
pub(super) mod search;
pub(super) mod sort;
