//! Every oracle, in the order in which they are asked.

use super::Oracle;
use super::cache_header::CacheHeader;
use super::conservation::Conservation;
use super::contract::Contract;
use super::existence::Existence;
use super::leak::Leak;
use super::log::Log;
use super::noninterference::Noninterference;
use super::own_data::OwnData;
use super::reference::Reference;
use super::write::Write;

/// Every oracle.
pub static ORACLES: &[&dyn Oracle] = &[
    &Write,
    &Leak,
    &Reference,
    &Noninterference,
    &OwnData,
    &Existence,
    &Contract,
    &CacheHeader,
    &Log,
    &Conservation,
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_oracle_has_an_id_of_its_own_a_page_and_an_example() {
        let mut ids = HashSet::new();
        for oracle in ORACLES {
            let id = oracle.id();
            assert!(ids.insert(id), "{id} stands twice");
            let kebab = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(!id.is_empty() && id.chars().all(kebab), "{id}");
            assert!(!oracle.title().is_empty(), "{id} has no title");
            for part in ["Example: ", "Severity: "] {
                assert!(oracle.doc().contains(part), "{id} lacks `{part}`");
            }
            assert!(oracle.cwe() > 0, "{id}");
            assert!(oracle.owasp().ends_with(":2023"), "{id}");
        }
    }

    #[test]
    fn the_oracles_of_the_design_are_there() {
        let ids: HashSet<&str> = ORACLES.iter().map(|o| o.id()).collect();
        for id in [
            "leak",
            "write",
            "reference",
            "noninterference",
            "existence",
            "own-data",
            "contract",
            "cache-header",
            "log",
            "conservation",
        ] {
            assert!(ids.contains(id), "{id} is missing");
        }
    }
}
