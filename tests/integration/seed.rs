//! Seeding against a real Postgres: schemas of several styles, introspection, owners, rows, canaries, calls.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod calls;
mod cases;
mod driver;
mod grown;
mod ordinary;
mod reading;
mod rows;
mod target;
