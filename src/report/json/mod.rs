//! Machine output: versioned, so that a pipeline may rely on it.

pub mod v1;
