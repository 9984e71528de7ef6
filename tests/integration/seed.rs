//! Seeding against a real Postgres: schemas of several styles, introspection, owners, rows, canaries, calls.

mod calls;
mod cases;
mod driver;
mod reading;
mod rows;
mod target;
