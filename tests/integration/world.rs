//! The world against a real Postgres and a real process.

mod driver;
mod end;
mod rows;
mod target;
mod undo;
