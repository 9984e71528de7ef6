//! Oracles: judges that take a history and say whether data crossed. One file an oracle, one registry, no I/O.

pub mod cache_header;
pub mod conservation;
pub mod contract;
pub mod controls;
pub mod existence;
pub mod leak;
pub mod leaves;
pub mod log;
pub mod noninterference;
pub mod own_data;
pub mod reference;
pub mod write;

mod coincidence;
mod difference;
mod effect;
mod observed;
mod order;
mod records;
mod registry;
mod remembered;
mod served;
mod side;
mod signature;
#[cfg(test)]
pub(crate) mod testing;
mod weak;

pub use controls::held;
pub use registry::ORACLES;
pub use remembered::remembering;

use crate::model::exchange::History;
use crate::model::knowledge::Knowledge;
use crate::model::verdict::{Evidence, Reason};

/// A judge.
pub trait Oracle: Sync {
    /// Its id: file name, settings key, heading of its page.
    fn id(&self) -> &'static str;

    /// When it says `Violated`, in one line.
    fn title(&self) -> &'static str;

    /// Its page for `partywall explain`: what it looks at, what it does not, an example.
    fn doc(&self) -> &'static str;

    /// CWE number of what it finds, e.g. 639.
    fn cwe(&self) -> u16;

    /// OWASP API Security Top 10 (2023) id, e.g. `API1:2023`.
    fn owasp(&self) -> &'static str;

    /// Judges one history. All violations are returned, the gravest first; none is `Ok(vec![])`.
    /// Whether the case *held* is for the controls to say ([`held`]), not for the oracle.
    fn judge(&self, history: &History, knowledge: &Knowledge) -> Result<Vec<Evidence>, Reason>;

    /// What is worth knowing about a history and never gates, a sentence each. The sentences hold no values of rows, so
    /// that the same trait of a target gives the same sentence, and the caller can list each once.
    fn advisories(&self, _history: &History, _knowledge: &Knowledge) -> Vec<String> {
        Vec::new()
    }
}
