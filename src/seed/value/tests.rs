//! Tests of generated values.
