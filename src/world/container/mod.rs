//! Containers of ours: the engine that runs them, a network for each run, and the end of all that carries its name.

mod contained;
mod engine;

pub use contained::{Contained, Wanted};
pub use engine::{Engine, LABEL, prefix};
