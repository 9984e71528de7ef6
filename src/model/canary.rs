//! Values that stand in one tenant's rows alone, and the search for them in what an attacker received.

mod tokens;

pub use tokens::{SHORTEST, tokens};

use std::collections::{HashMap, HashSet};

use super::verdict::Provenance;

/// What every generated canary starts with: rare in any text, so that one search for it finds them all.
pub const PREFIX: &str = "zqpw";

/// How many bytes a generated canary has, the prefix included.
pub const LENGTH: usize = 20;

/// The strong canaries: by value in lower case.
#[derive(Debug, Clone, Default)]
pub struct Canaries {
    by_value: HashMap<String, Vec<Provenance>>,
    /// Values that are never canaries, in lower case: tenant keys and slugs, words of the API document.
    barred: HashSet<String>,
}

/// A canary that stood in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit<'a> {
    /// Every place in the database where the value stands.
    pub provenance: &'a [Provenance],
    /// The first byte of the hit in the text as searched (after decoding).
    pub at: usize,
}

impl Canaries {
    /// Takes a value out for good: it says nothing about where it came from.
    pub fn bar(&mut self, value: &str) {
        let value = value.to_ascii_lowercase();
        self.by_value.remove(&value);
        self.barred.insert(value);
    }

    /// Adds a value that stands in a row, unless it was barred.
    pub fn insert(&mut self, provenance: Provenance) {
        if self.barred.contains(&provenance.value.to_ascii_lowercase()) {
            return;
        }
        let places = self
            .by_value
            .entry(provenance.value.to_ascii_lowercase())
            .or_default();
        if !places.contains(&provenance) {
            places.push(provenance);
        }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.by_value.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_value.is_empty()
    }

    /// Where a value stands.
    pub fn get(&self, value: &str) -> &[Provenance] {
        self.by_value
            .get(&value.to_ascii_lowercase())
            .map_or(&[], Vec::as_slice)
    }
}
