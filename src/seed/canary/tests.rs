//! Tests of the canary index.
