//! The world against a real Postgres and a real process.

#![expect(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report of a failure"
)]

mod calls;
mod driver;
mod end;
mod rows;
pub mod servers;
mod target;
mod undo;
