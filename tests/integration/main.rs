//! Integration tests: one binary, one module a room.

mod world;
