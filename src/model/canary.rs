//! Values that stand in one tenant's rows alone, and the search for them in what an attacker received.

mod decode;
mod filter;
#[cfg(test)]
mod properties;
mod scan;
mod tokens;

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use rand::{Rng, RngExt};

use super::rows::RowRef;
use super::verdict::Provenance;

use filter::Filter;
pub use tokens::{SHORTEST, tokens};

/// What every generated canary starts with: rare in any text, so that one search for it finds them all.
pub const PREFIX: &str = "zqpw";

/// How many bytes a generated canary has, the prefix included.
pub const LENGTH: usize = 20;

/// A fresh canary: the rare prefix, then letters and digits at random.
pub fn make(rng: &mut impl Rng) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let rest =
        (PREFIX.len()..LENGTH).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())]));
    PREFIX.chars().chain(rest).collect()
}

/// What is said of a value where it stands.
pub trait Stands: PartialEq {
    /// The value.
    fn value(&self) -> &str;
}

impl Stands for Provenance {
    fn value(&self) -> &str {
        &self.value
    }
}

/// The strong canaries, keyed by one token of their value in lower case; by default those that stand in rows.
#[derive(Debug, Clone)]
pub struct Canaries<P = Provenance> {
    table: HashTable<Entry<P>>,
    /// Most tokens of a text are in no value: this says so sooner.
    filter: Filter,
    /// No key is longer: longer tokens need no look-up.
    longest: usize,
    /// Values that are never canaries, in lower case: tenant keys and slugs, words of the API document.
    barred: HashSet<Box<str>>,
}

/// A value and every place where it stands.
#[derive(Debug, Clone)]
struct Entry<P> {
    /// In lower case.
    value: Box<str>,
    /// The token of the value that it is keyed by.
    key: Range<usize>,
    places: Vec<P>,
}

/// How a canary was written where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Writing {
    /// As it is.
    Plain,
    /// With JSON escapes (`\u0061`).
    JsonEscaped,
    /// With the escapes of XML and HTML (`&#97;`).
    XmlEscaped,
    /// With percent escapes (`%61`).
    Percent,
    /// In base64, standard or URL alphabet.
    Base64,
    /// In hexadecimal.
    Hex,
    /// In a ZIP or gzip file.
    Archive,
}

/// A canary that stood in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit<'a, P = Provenance> {
    /// Every place where the value stands.
    pub provenance: &'a [P],
    /// The first byte of the hit in the text as searched: for JSON, XML and percent escapes, after decoding the whole text; for
    /// base64 and hexadecimal, the first byte of the encoded run; 0 for archives.
    pub at: usize,
    /// How it was written; the outermost way where one lies in another.
    pub writing: Writing,
}

impl<P> Default for Canaries<P> {
    fn default() -> Self {
        Self {
            table: HashTable::new(),
            filter: Filter::default(),
            longest: 0,
            barred: HashSet::new(),
        }
    }
}

impl<P: Stands> Canaries<P> {
    /// Takes a value out for good: it says nothing about where it came from.
    pub fn bar(&mut self, value: &str) {
        self.forget(value);
        self.barred.insert(value.to_ascii_lowercase().into());
    }

    /// Takes a value out, until it is met again.
    pub fn forget(&mut self, value: &str) {
        let value = value.to_ascii_lowercase();
        let hash = hash(&value.as_bytes()[key(&value)]);
        if let Ok(entry) = self.table.find_entry(hash, |e| *e.value == *value) {
            entry.remove();
        }
    }

    /// Takes all values out, until they are met again; those barred stay so.
    pub fn forget_all(&mut self) {
        self.table.clear();
        self.filter = Filter::default();
        self.longest = 0;
    }

    /// Whether a value was taken out for good.
    pub fn is_barred(&self, value: &str) -> bool {
        self.barred.contains(value.to_ascii_lowercase().as_str())
    }

    /// Takes a word out that was met elsewhere; a generated value is nowhere by chance, and stays.
    pub fn bar_word(&mut self, word: &str) {
        if !is_generated(word.as_bytes()) {
            self.bar(word);
        }
    }

    /// Takes out whatever `other` took out.
    pub fn bar_as(&mut self, other: &Self) {
        for value in &other.barred {
            self.bar(value);
        }
    }

    /// Adds a value that stands in a row, unless it was barred. It is found again where the value holds a token (see [`tokens`]): by a generated
    /// canary in it, else by the whole value, letters in any case.
    pub fn insert(&mut self, provenance: P) {
        let value = provenance.value().to_ascii_lowercase();
        if self.barred.contains(value.as_str()) {
            return;
        }
        let key = key(&value);
        let hash = hash(&value.as_bytes()[key.clone()]);
        if let Some(entry) = self.table.find_mut(hash, |e| *e.value == *value) {
            if !entry.places.contains(&provenance) {
                entry.places.push(provenance);
            }
            return;
        }
        self.longest = self.longest.max(key.len());
        let entry = Entry {
            value: value.into(),
            key,
            places: vec![provenance],
        };
        self.table
            .insert_unique(hash, entry, |e| self::hash(e.token()));
        if self.filter.is_full(self.table.len()) {
            self.filter = Filter::for_entries(self.table.len());
            let filter = &mut self.filter;
            self.table
                .iter()
                .for_each(|e| filter.add(self::hash(e.token())));
        } else {
            self.filter.add(hash);
        }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Each value with the places where it stands.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[P])> {
        self.table.iter().map(|e| (&*e.value, &*e.places))
    }

    /// Where a value stands.
    pub fn get(&self, value: &str) -> &[P] {
        let value = value.to_ascii_lowercase();
        let hash = hash(&value.as_bytes()[key(&value)]);
        self.table
            .find(hash, |e| *e.value == *value)
            .map_or(&[], |e| &e.places)
    }

    /// The hash of a token that may be the key of an entry; `None` where it is none.
    fn known(&self, token: &[u8]) -> Option<u64> {
        let hash = hash(token);
        (token.len() <= self.longest && self.filter.may_hold(hash)).then_some(hash)
    }

    /// The entries whose key is the token `text[at]` of that hash, and whose whole value stands around it.
    fn matching(
        &self,
        text: &[u8],
        at: Range<usize>,
        hash: u64,
    ) -> impl Iterator<Item = &Entry<P>> {
        let candidates = self.table.iter_hash(hash);
        candidates.filter(move |e| e.stands(text, at.clone()))
    }
}

impl Canaries {
    /// Forgets that a value stands in that column of a row; the value itself when it stands nowhere else.
    pub fn remove(&mut self, row: &RowRef, column: usize, value: &str) {
        let value = value.to_ascii_lowercase();
        let hash = hash(&value.as_bytes()[key(&value)]);
        let Ok(mut found) = self.table.find_entry(hash, |e| *e.value == *value) else {
            return;
        };
        let places = &mut found.get_mut().places;
        places.retain(|p| p.column != column || p.row != *row);
        if places.is_empty() {
            found.remove();
        }
    }
}

impl<P> Entry<P> {
    fn token(&self) -> &[u8] {
        &self.value.as_bytes()[self.key.clone()]
    }

    /// Whether the token `text[at]` is the key, and the rest of the value stands around it; of a value that holds a
    /// generated canary, that one alone is asked for.
    fn stands(&self, text: &[u8], at: Range<usize>) -> bool {
        let around = || {
            let start = at.start.checked_sub(self.key.start)?;
            text.get(start..start + self.value.len())
        };
        at.len() == self.key.len()
            && (around().is_some_and(|it| it.eq_ignore_ascii_case(self.value.as_bytes()))
                || is_generated(self.token()) && text[at].eq_ignore_ascii_case(self.token()))
    }
}

/// Whether these bytes, in any case, look like a generated canary.
fn is_generated(token: &[u8]) -> bool {
    token.len() == LENGTH
        && token[..PREFIX.len()].eq_ignore_ascii_case(PREFIX.as_bytes())
        && token.iter().all(u8::is_ascii_alphanumeric)
}

/// Which part of a value in lower case it is keyed by: the first generated canary in it, else its longest token, else
/// (never found by a scan) all of it.
fn key(value: &str) -> Range<usize> {
    let generated = memchr::memmem::find_iter(value.as_bytes(), PREFIX)
        .map(|at| at..at + LENGTH)
        .find(|at| value.as_bytes().get(at.clone()).is_some_and(is_generated));
    let longest = || {
        tokens::Runs::new(value.as_bytes(), tokens::TOKEN)
            .map(|run| run.at)
            .max_by_key(|at| (at.len(), std::cmp::Reverse(at.start)))
    };
    generated.or_else(longest).unwrap_or(0..value.len())
}

/// A hash that does not see the case of ASCII letters (nor some other differences, which the comparison sees): of length,
/// both ends and the middle, which tell random values apart as well as all of them does.
fn hash(token: &[u8]) -> u64 {
    const FOLD: u64 = 0x2020_2020_2020_2020;
    let mut hasher = FixedState::with_seed(0).build_hasher();
    let middle = token.get(token.len() / 2 - token.len().min(8) / 2..);
    let ends = (
        token.first_chunk(),
        middle.and_then(<[u8]>::first_chunk),
        token.last_chunk(),
    );
    if let (Some(first), Some(middle), Some(last)) = ends {
        for word in [first, middle, last] {
            hasher.write_u64(u64::from_le_bytes(*word) | FOLD);
        }
    } else {
        let mut all = [0; 8];
        all[..token.len()].copy_from_slice(token);
        hasher.write_u64(u64::from_le_bytes(all) | FOLD);
    }
    hasher.write_usize(token.len());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ownership::Owners;
    use crate::model::schema::TableId;

    fn place(value: &str, key: &str) -> Provenance {
        Provenance {
            row: RowRef {
                table: TableId(0),
                key: vec![Some(key.into())],
            },
            column: 1,
            value: value.to_owned(),
            owners: Owners::default(),
        }
    }

    #[test]
    fn a_value_is_gone_when_its_last_place_is() {
        let mut canaries = Canaries::default();
        let (one, two) = (
            place("Alpha-Beta-Gamma", "1"),
            place("alpha-beta-gamma", "2"),
        );
        canaries.insert(one.clone());
        canaries.insert(one.clone());
        canaries.insert(two.clone());
        assert_eq!(canaries.len(), 1);
        assert_eq!(canaries.get("ALPHA-beta-gamma").len(), 2);
        canaries.remove(&one.row, 1, &one.value);
        assert_eq!(canaries.get("alpha-beta-gamma"), std::slice::from_ref(&two));
        canaries.remove(&two.row, 1, &two.value);
        assert!(canaries.is_empty());
        assert!(canaries.scan(b"alpha-beta-gamma").is_empty());
    }

    #[test]
    fn values_with_the_same_token_are_kept_apart() {
        let mut canaries = Canaries::default();
        canaries.insert(place("gertrude.stein-1874@a.test", "1"));
        canaries.insert(place("gertrude.stein-1874@b.test", "2"));
        canaries.insert(place("stein-1874-rose", "3"));
        let found = |text: &str| -> Vec<String> {
            let hits = canaries.scan(text.as_bytes());
            hits.iter().map(|h| h.provenance[0].value.clone()).collect()
        };
        assert_eq!(found("stein-1874-rose"), ["stein-1874-rose"]);
        assert!(found("gertrude.stein-1874@c.test").is_empty());
    }
}
