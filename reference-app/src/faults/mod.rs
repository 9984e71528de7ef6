//! Planted defects: a typed enum, a table that says what each must yield, and the set that is on.
use std::fmt;

mod bodies;
mod cookies;
mod exports;
mod filters;
mod guards;
mod ids;
mod kept;
mod kinds;
mod numbers;
mod pages;
mod paths;
mod reads;
mod sequences;
mod spoofed;
mod tokens;
mod writes;

pub use kinds::Fault;
pub use sequences::shortest_history;

/// What a fault lets an attacker do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// See another tenant's data.
    Read,
    /// Change, make, move or point at another tenant's rows.
    Write,
    /// Learn that a row exists.
    Existence,
    /// Learn a number that depends on other tenants' rows.
    Aggregate,
    /// Keep another tenant from what is its own.
    Block,
    /// Nothing crosses, but a promised answer is not given.
    Contract,
}

/// How the application must be set up for a fault to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// As it is described: subdomains, one secret.
    Usual,
    /// A header names the firm by its slug (`REFERENCE_APP_TENANT_HEADER`), as behind a gateway.
    TenantHeader,
    /// Tokens are signed by a pair of keys (`JWT_PRIVATE_KEY`, `JWT_PUBLIC_KEY`).
    KeyPair,
    /// The base domain has two labels (`BASE_DOMAIN=firms.localhost`): browsers take its cookies for all subdomains.
    ParentDomain,
}

impl Setup {
    /// What it differs in from how the application is described.
    pub fn needs(self) -> Option<&'static str> {
        match self {
            Self::Usual => None,
            Self::TenantHeader => Some("a header that names the firm, in the subdomain's place"),
            Self::KeyPair => Some("tokens that are signed by a pair of keys"),
            Self::ParentDomain => {
                Some("a base domain of two labels, so that browsers take cookies for all firms")
            }
        }
    }
}

/// One line of the fault table.
#[derive(Clone, Copy, Debug)]
pub struct FaultEntry {
    /// The fault.
    pub fault: Fault,
    /// Its name on the command line.
    pub name: &'static str,
    /// The wrong decision, in a sentence.
    pub title: &'static str,
    /// The entry of the collection of real leaks that it is grounded in.
    pub leak: Option<&'static str>,
    /// What it lets an attacker do.
    pub class: Class,
    /// The routes on which it shows; `*` stands for every route of a tenant, and some on which it is tried may follow.
    /// Where it takes a history, the routes of the steps before follow.
    pub routes: &'static [&'static str],
    /// The oracle that is expected to speak.
    pub oracle: &'static str,
    /// The attack that is expected to be first to show it.
    pub attack: &'static str,
}

const PARTS: &[&[FaultEntry]] = &[
    reads::ENTRIES,
    writes::ENTRIES,
    ids::ENTRIES,
    bodies::ENTRIES,
    guards::ENTRIES,
    spoofed::ENTRIES,
    paths::ENTRIES,
    cookies::ENTRIES,
    filters::ENTRIES,
    exports::ENTRIES,
    tokens::ENTRIES,
    kept::ENTRIES,
    sequences::ENTRIES,
    numbers::ENTRIES,
    pages::ENTRIES,
];
const COUNT: usize = count(PARTS);
static TABLE: [FaultEntry; COUNT] = concat(PARTS);

/// Every fault, with what is expected to catch it.
pub static FAULTS: &[FaultEntry] = &TABLE;

const fn count(parts: &[&[FaultEntry]]) -> usize {
    let (mut part, mut all) = (0, 0);
    while part < parts.len() {
        all += parts[part].len();
        part += 1;
    }
    all
}

#[expect(
    clippy::large_stack_arrays,
    reason = "the compiler makes it: it stands on no stack"
)]
const fn concat(parts: &[&[FaultEntry]]) -> [FaultEntry; COUNT] {
    let mut table = [reads::ENTRIES[0]; COUNT];
    let (mut part, mut at) = (0, 0);
    while part < parts.len() {
        let mut row = 0;
        while row < parts[part].len() {
            table[at] = parts[part][row];
            at += 1;
            row += 1;
        }
        part += 1;
    }
    table
}

impl Fault {
    /// The fault of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        FAULTS
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| entry.fault)
    }

    /// How the application must be set up for it to show.
    pub fn setup(self) -> Setup {
        match self {
            Self::LeftOutHeaderMeansAll => Setup::TenantHeader,
            Self::PublicKeyAsSecret => Setup::KeyPair,
            Self::MismatchNotRedirected | Self::RecentOnParentDomain => Setup::ParentDomain,
            _ => Setup::Usual,
        }
    }

    /// Its line in the table.
    pub fn entry(self) -> Option<&'static FaultEntry> {
        FAULTS.iter().find(|entry| entry.fault == self)
    }
}

/// The faults that are on: one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultSet([u64; WORDS]);

/// How many words the bits of all faults take.
const WORDS: usize = COUNT.div_ceil(64);

impl FaultSet {
    /// Switches a fault on.
    pub fn insert(&mut self, fault: Fault) {
        let at = fault as usize;
        self.0[at / 64] |= 1 << (at % 64);
    }

    /// Whether a fault is on.
    pub fn on(self, fault: Fault) -> bool {
        let at = fault as usize;
        self.0[at / 64] & (1 << (at % 64)) != 0
    }
}

impl fmt::Display for FaultSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = FAULTS
            .iter()
            .filter(|entry| self.on(entry.fault))
            .map(|entry| entry.name)
            .collect();
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_faults_are_unique_and_kebab_case() {
        let mut seen = FaultSet::default();
        for entry in FAULTS {
            assert!(!seen.on(entry.fault), "{} stands twice", entry.name);
            seen.insert(entry.fault);
            assert!(
                entry
                    .name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-'),
                "{}",
                entry.name
            );
            assert_eq!(
                Fault::from_name(entry.name),
                Some(entry.fault),
                "{}",
                entry.name
            );
            assert!(!entry.routes.is_empty() && !entry.title.is_empty());
        }
    }

    #[test]
    fn two_fifths_of_the_faults_write() {
        let writes = FAULTS
            .iter()
            .filter(|entry| entry.class == Class::Write)
            .count();
        assert!(
            writes * 100 / FAULTS.len() >= 35,
            "{writes} of {}",
            FAULTS.len()
        );
    }
}
