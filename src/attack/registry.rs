//! Every attack, the simplest of each family first: the first that crosses names the finding.

use super::Attack;

/// Every attack.
pub static ATTACKS: &[&dyn Attack] = &[];
