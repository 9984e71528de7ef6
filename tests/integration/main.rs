//! Integration tests: one binary, one module a room.

mod architecture;
mod cli;
mod seed;
mod target;
