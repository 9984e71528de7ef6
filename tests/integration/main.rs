//! Integration tests: one binary, one module a room.

mod architecture;
mod binary;
mod cli;
mod engine;
mod faults;
mod readme;
mod seed;
mod target;
mod tiny;
mod trouble;
mod world;
