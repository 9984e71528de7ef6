//! The way through a run: baseline, sweep, confirmation, and what else drives the lab.

pub mod background;
pub mod baseline;
pub mod bind;
pub mod body;
pub mod case;
pub mod confirm;
mod controls;
mod cursor;
mod declared;
pub mod discover;
pub mod error;
pub mod findings;
pub mod ground;
pub mod interference;
mod lab;
pub mod login;
mod masked;
pub mod names;
mod open;
pub mod parting;
mod plan;
pub mod probation;
pub mod replay;
pub mod run;
mod sessions;
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
