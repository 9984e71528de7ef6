//! Every oracle, in the order in which they are asked.

use super::Oracle;

/// Every oracle.
pub static ORACLES: &[&dyn Oracle] = &[];
