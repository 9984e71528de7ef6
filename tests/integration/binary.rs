//! The program itself, end to end, against the reference application: what a user and a pipeline see of it.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report of a failure"
)]

mod browser;
pub mod driver;
mod ends;
mod names;
mod runs;
mod secrets;
mod snapshots;
