//! The way through a run: baseline, sweep, confirmation, and what else drives the lab.

pub mod background;
pub mod baseline;
pub mod bind;
pub mod body;
pub mod case;
pub mod confirm;
mod controls;
mod cursor;
pub mod discover;
pub mod error;
pub mod findings;
pub mod ground;
mod guard;
pub mod interference;
mod lab;
pub mod login;
pub mod names;
pub mod parting;
mod plan;
pub mod probation;
pub mod replay;
pub mod run;
pub mod shown;
pub mod sides;
pub mod subject;
pub mod sweep;
pub mod ways;
mod witness;

pub use discover::{discover, token};
pub use error::RunError;
pub use replay::replay;
pub use run::run;
