//! What needs more than Postgres: a container engine, or Cargo itself. Run by `cargo test --features e2e`; what is missing is an error that says
//! so, never a test that passes.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, a panic is the report of a failure"
)]

mod browser;
mod compose;
mod containers;
#[path = "../integration/binary/driver.rs"]
#[expect(dead_code, reason = "the other tests use the rest of it")]
mod driver;
mod engine;
mod example;
