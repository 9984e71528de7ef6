//! Every oracle, in the order in which they are asked.

use super::Oracle;
use super::leak::Leak;
use super::write::Write;

/// Every oracle.
pub static ORACLES: &[&dyn Oracle] = &[&Write, &Leak];
