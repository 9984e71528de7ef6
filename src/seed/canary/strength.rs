//! How hard a value is to guess, by its shape and by what else stands in its column.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};

use super::alphabet::{Alphabets, MOST, may_be_random};

/// A value with at least so many bits cannot stand somewhere by chance.
const ENOUGH: f64 = 60.0;

/// What the values of one column have in common.
pub struct Distribution {
    /// The beginning that all share.
    prefix: usize,
    /// How often each piece between `-` and `_` stands in the column.
    pieces: HashMap<String, usize>,
    /// What its random pieces have been seen to hold.
    alphabets: Alphabets,
}

impl Distribution {
    /// The distribution of a column's distinct values.
    pub fn of<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut pieces: HashMap<String, usize> = HashMap::new();
        let mut first: Option<&str> = None;
        let mut prefix = usize::MAX;
        let mut number = 0;
        for value in values {
            number += 1;
            let first = *first.get_or_insert(value);
            prefix = prefix.min(
                first
                    .bytes()
                    .zip(value.bytes())
                    .take_while(|(a, b)| a == b)
                    .count(),
            );
            for piece in split(value) {
                *pieces.entry(piece.to_owned()).or_default() += 1;
            }
        }
        let once = pieces.iter().filter(|(_, n)| **n == 1);
        let alphabets = Alphabets::of(once.map(|(piece, _)| piece.as_str()));
        Self {
            prefix: if number < 2 { 0 } else { prefix },
            pieces,
            alphabets,
        }
    }

    /// Whether a value of the column is too hard to guess to be anywhere by chance.
    pub fn is_strong(&self, value: &str) -> bool {
        self.bits(value) >= ENOUGH
    }

    fn bits(&self, value: &str) -> f64 {
        if let Some(bits) = uuid_bits(value) {
            return bits;
        }
        // The base64 of `{"`: the head of a token, which all tokens of its kind share.
        if value.starts_with("eyj") || value.starts_with("eyJ") {
            return 0.0;
        }
        // What all have in common says nothing; neither does a piece that several have.
        let rest = value.get(self.prefix..).unwrap_or_default();
        let alone = |piece: &&str| self.pieces.get(*piece).is_none_or(|n| *n < 2);
        let by_shape: f64 = split(rest).filter(alone).map(piece_bits).sum();
        let alone = split(value).filter(alone);
        let measured: f64 = alone.filter_map(|piece| self.alphabets.bits(piece)).sum();
        by_shape.max(measured)
    }
}

/// Whether a value is strong in the best case: in a column whose values have nothing in common, or are all random.
pub fn may_be_strong(value: &str) -> bool {
    let random = |piece: &str| {
        let length = f64::from(u32::try_from(piece.len()).unwrap_or(u32::MAX));
        if may_be_random(piece) {
            length * MOST
        } else {
            piece_bits(piece)
        }
    };
    split(value).map(random).sum::<f64>() >= ENOUGH
        || Distribution::of(std::iter::empty()).is_strong(value)
}

/// Whether a value looks drawn at random by its shape alone, whoever made it: no words, no text in base64 or hexadecimal
/// (a page's cursor, the payload of a token).
pub fn is_drawn(value: &str) -> bool {
    if let Some(bits) = uuid_bits(value) {
        return bits >= ENOUGH;
    }
    // A time in letters and digits (`20240131T120000Z`) changes between them three times.
    let random = split(value).filter(|piece| changes(piece.as_bytes()) > 3);
    random.map(piece_bits).sum::<f64>() >= ENOUGH && !is_encoded_text(value)
}

/// Whether a value of a place in answers is hard to guess by what `others` stand there.
pub fn is_drawn_among<'a>(value: &'a str, others: impl Iterator<Item = &'a str>) -> bool {
    let all = others.filter(|other| *other != value);
    is_strong_uuid(value) || Distribution::of(all.chain([value])).is_strong(value)
}

/// Whether a value is text in base64 or hexadecimal.
fn is_encoded_text(value: &str) -> bool {
    let is_text = |bytes: Vec<u8>| bytes.iter().all(|b| (b' '..=b'~').contains(b));
    // Letters beyond ASCII are no digits of either.
    let whole = value
        .get(..value.len() - value.len() % 4)
        .unwrap_or_default();
    let base64 = [BASE64_STANDARD, BASE64_URL_SAFE].into_iter();
    let mut decoded = base64.filter_map(|engine| engine.decode(whole).ok());
    decoded.any(is_text) || hex::decode(value).is_ok_and(is_text)
}

/// Whether a value is a random UUID: strong whatever else stands in its column.
pub fn is_strong_uuid(value: &str) -> bool {
    uuid_bits(value).is_some_and(|bits| bits >= ENOUGH)
}

fn split(value: &str) -> impl Iterator<Item = &str> {
    value.split(['-', '_']).filter(|piece| !piece.is_empty())
}

/// The bits of a value in the form of a UUID: by its version.
fn uuid_bits(value: &str) -> Option<f64> {
    let groups: Vec<&str> = value.split('-').collect();
    let shape = groups.len() == 5 && groups.iter().map(|g| g.len()).eq([8, 4, 4, 4, 12]);
    if !shape || !value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') {
        return None;
    }
    let digits: Vec<u8> = value.bytes().filter(|b| *b != b'-').collect();
    let mut distinct = digits.clone();
    distinct.sort_unstable();
    distinct.dedup();
    // Hand-made ones (`00000000-0000-4000-8000-000000000001`) repeat a few digits.
    let longest_run = digits
        .chunk_by(|a, b| a == b)
        .map(<[u8]>::len)
        .max()
        .unwrap_or(0);
    if distinct.len() < 8 || longest_run >= 7 {
        return Some(0.0);
    }
    Some(match digits[12] {
        b'3' | b'4' | b'5' => 122.0,
        b'7' => 74.0,
        // The others are made of time and place.
        _ => 0.0,
    })
}

/// How often a piece changes between digits and anything else.
fn changes(piece: &[u8]) -> usize {
    let change = |w: &&[u8]| w[0].is_ascii_digit() != w[1].is_ascii_digit();
    piece.windows(2).filter(change).count()
}

/// The bits of a piece by its shape alone, on the careful side.
fn piece_bits(piece: &str) -> f64 {
    let bytes = piece.as_bytes();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let length = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    if digits == bytes.len() {
        // Counters, dates and times.
        return 0.0;
    }
    if digits == 0 || changes(bytes) < 3 {
        // Words, and words with a number behind: a letter of running text holds little more than one bit.
        return length * 1.3;
    }
    if bytes.iter().all(u8::is_ascii_hexdigit) {
        return length * 4.0;
    }
    // The index holds values in lower case.
    length * 4.5
}

#[cfg(test)]
mod tests {
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    fn alone(value: &str) -> bool {
        Distribution::of([value].into_iter()).is_strong(value)
    }

    #[test]
    fn random_values_are_strong() {
        for value in [
            "3f2b8c1e-9d47-4a6b-8e05-7c1f2d9ab346",
            "018f3b8c-1e9d-7a6b-8e05-7c1f2d9ab346",
            "d41d8cd98f00b204e9800998ecf8427e",
            "x7k2p9q4r8s3t6v1w5z0",
        ] {
            assert!(alone(value), "{value}");
        }
    }

    #[test]
    fn words_numbers_dates_and_made_up_ids_are_weak() {
        for value in [
            "internationalization",
            "quarterly-report-for-the-board",
            "20240131120000123456",
            "2024-01-31T12-00-00",
            "00000000-0000-4000-8000-000000000001",
            "11111111-1111-4111-8111-111111111111",
            "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            "invoice-2024-00017",
            "notification_settings",
            "eyjhbgcioijiuzi1niisinr5cci6ikpxvcj9",
        ] {
            assert!(!alone(value), "{value}");
        }
    }

    #[test]
    fn short_random_ids_are_strong_where_their_column_shows_that_they_are_random() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut id = || -> String {
            let letters = b"0123456789abcdefghjkmnpqrstvwxyz";
            let letters = (0..12).map(|_| letters[rng.random_range(0..32)]);
            letters.map(char::from).collect()
        };
        let ids: Vec<String> = (0..40).map(|_| id()).collect();
        let column = Distribution::of(ids.iter().map(String::as_str));
        let strong = ids.iter().filter(|id| column.is_strong(id)).count();
        assert!(strong >= 36, "{strong}");
        for id in ids.iter().filter(|id| column.is_strong(id)) {
            assert!(may_be_strong(id) && !alone(id), "{id}");
        }
        assert!(!column.is_strong("2024a0000017"));
    }

    #[test]
    fn what_is_drawn_has_no_words_and_no_text_in_it() {
        for value in [
            "3f2b8c1e-9d47-4a6b-8e05-7c1f2d9ab346",
            "x7k2p9q4r8s3t6v1w5z0",
            "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
            "01HQ3K5V8W2N6M9P4R7T1X0Y3Z",
        ] {
            assert!(is_drawn(value), "{value}");
        }
        for value in [
            "a-long-name-of-an-article-that-nobody-would-ever-write-down-like-this",
            // `cursor:v1:offset=20:limit=20`
            "Y3Vyc29yOnYxOm9mZnNldD0yMDpsaW1pdD0yMA",
            // `page 2 of the list`
            "706167652032206f6620746865206c697374",
            "20240131T120000Z-export-of-all-bookings",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        ] {
            assert!(!is_drawn(value), "{value}");
        }
        let one = "a1b2c3d4e5f6a7b8c9d0-0001";
        assert!(is_drawn_among(
            one,
            std::iter::once("x1y2z3a4b5c6d7e8f9g0-0001")
        ));
        assert!(!is_drawn_among(
            one,
            std::iter::once("a1b2c3d4e5f6a7b8c9d0-0002")
        ));
    }

    #[test]
    fn what_a_column_has_in_common_does_not_count() {
        let values = ["a1b2c3d4e5f6a7b8c9d0-0001", "a1b2c3d4e5f6a7b8c9d0-0002"];
        assert!(alone(values[0]));
        assert!(!Distribution::of(values.into_iter()).is_strong(values[0]));
    }
}
