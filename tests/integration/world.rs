//! The world against a real Postgres and a real process.

mod driver;
mod end;
mod rows;
mod servers;
mod target;
mod undo;
