//! The program while target or database misbehave: never green, never hanging, nothing left, and nobody called who may not be.

#![expect(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report of a failure"
)]

mod answers;
mod app;
mod bodies;
mod broken;
mod database;
mod driver;
mod ends;
mod hosts;
mod silent;
mod surroundings;
