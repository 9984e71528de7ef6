//! How much a character of a column's random ids says, measured on the column itself: by the characters that it uses, where
//! it uses them evenly and in every place.

use std::collections::{HashMap, HashSet};

/// So many pieces of one length must a column hold before anything is measured on them.
const SAMPLE: usize = 16;

/// How many bits the evenness of a character may lack to an even use of all: the letters of words lack more.
const UNEVEN: f64 = 0.3;

/// In a random place the commonest character is no commoner than one time in so many.
const COMMONEST: usize = 4;

/// So many different characters has a random piece at least: `aaaa00000001` was made by hand.
const DIFFERENT: usize = 7;

/// The most that a letter or digit can say, upper and lower case being one.
pub const MOST: f64 = 5.17;

/// The random pieces of a column, by their length.
#[derive(Default)]
pub struct Alphabets {
    bits: HashMap<usize, f64>,
}

impl Alphabets {
    /// Measures the pieces that stand in a column once.
    pub fn of<'a>(pieces: impl Iterator<Item = &'a str>) -> Self {
        let mut by_length: HashMap<usize, Vec<&[u8]>> = HashMap::new();
        for piece in pieces.filter(|piece| piece.is_ascii()) {
            by_length
                .entry(piece.len())
                .or_default()
                .push(piece.as_bytes());
        }
        let measured = by_length
            .into_iter()
            .filter(|(_, alike)| alike.len() >= SAMPLE)
            .filter_map(|(length, alike)| Some((length, bits(length, &alike)?)));
        Self {
            bits: measured.collect(),
        }
    }

    /// The bits of a piece, where it is like the others of its length, and those are random.
    pub fn bits(&self, piece: &str) -> Option<f64> {
        let bits = *self.bits.get(&piece.len())?;
        may_be_random(piece).then_some(bits)
    }
}

/// Whether a piece has the looks of a random one: digits and letters, of many kinds.
pub fn may_be_random(piece: &str) -> bool {
    let different: HashSet<u8> = piece.bytes().collect();
    let mixed = different.iter().any(u8::is_ascii_digit)
        && different.iter().any(u8::is_ascii_alphabetic)
        && different.iter().all(u8::is_ascii_alphanumeric);
    mixed && different.len() >= DIFFERENT
}

/// The bits of pieces of one length: so many places as vary freely, times what a character of them says. `None` where the
/// characters are not used evenly: what looks like that may be words.
fn bits(length: usize, alike: &[&[u8]]) -> Option<f64> {
    let counts = |place: usize| {
        let mut counts: HashMap<u8, usize> = HashMap::new();
        for piece in alike {
            *counts.entry(piece[place]).or_default() += 1;
        }
        counts
    };
    let mut used: HashMap<u8, usize> = HashMap::new();
    let mut free = 0_u32;
    for counts in (0..length).map(counts) {
        if counts.values().all(|n| n * COMMONEST <= alike.len()) {
            free += 1;
            for (byte, n) in counts {
                *used.entry(byte).or_default() += n;
            }
        }
    }
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    let all = count(used.values().sum());
    if all < 2.0 {
        return None;
    }
    let same: f64 = used.values().map(|&n| count(n) * count(n - 1)).sum();
    // How likely two characters are the same says how evenly they are used; how many there are, what one says.
    let even = -(same / (all * (all - 1.0))).log2();
    let full = count(used.len()).log2();
    (full - even <= UNEVEN).then(|| f64::from(free) * full.min(MOST))
}

#[cfg(test)]
mod tests {
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    const BASE_32: &str = "0123456789abcdefghjkmnpqrstvwxyz";

    fn random(alphabet: &str, length: usize, seed: u64) -> Vec<String> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let letters = alphabet.as_bytes();
        let mut one = || {
            let letters = (0..length).map(|_| letters[rng.random_range(0..letters.len())]);
            letters.map(char::from).collect()
        };
        (0..36).map(|_| one()).collect()
    }

    fn measured(pieces: &[String], piece: &str) -> Option<f64> {
        Alphabets::of(pieces.iter().map(String::as_str)).bits(piece)
    }

    #[test]
    fn random_pieces_say_what_their_alphabet_says() {
        for seed in 0..50 {
            let ids = random(BASE_32, 12, seed);
            let bits = measured(&ids, "k3f9x2m7q8zb").unwrap();
            assert!((55.0..=60.0).contains(&bits), "{bits}");
            let hex = random("0123456789abcdef", 12, seed);
            let bits = measured(&hex, "0a1b2c3d4e5f").unwrap();
            assert!(bits <= 48.0, "{bits}");
        }
    }

    #[test]
    fn places_that_do_not_vary_say_nothing() {
        let ids = random(BASE_32, 6, 1);
        let ids: Vec<String> = ids.iter().map(|id| format!("01jx7k{id}")).collect();
        let bits = measured(&ids, "01jx7kq8zb3f").unwrap();
        assert!(bits <= 30.0, "{bits}");
    }

    #[test]
    fn few_pieces_words_serials_and_pieces_made_by_hand_say_nothing() {
        let few = &random(BASE_32, 12, 1)[..SAMPLE - 1];
        assert_eq!(measured(few, "k3f9x2m7q8zb"), None);
        let serials: Vec<String> = (0..40).map(|n| format!("sn2024a{n:05}")).collect();
        let bits = measured(&serials, "sn2024a00017").unwrap_or(0.0);
        assert!(bits < 20.0, "{bits}");
        let ids = random(BASE_32, 12, 1);
        for piece in ["aaaa00000001", "abcdefghijkl", "202401311200"] {
            assert_eq!(measured(&ids, piece), None, "{piece}");
        }
        let words = "internationalization reconsiderations overwhelmingly notwithstanding \
            acknowledgement congratulations straightforward misunderstanding interchangeable \
            confidentiality characteristics experimentation standardization appropriateness \
            uncomplimentary professionalism serialised";
        let words: Vec<String> = words
            .split_whitespace()
            .map(|w| format!("{}1", &w[..9.min(w.len())]))
            .collect();
        assert!(words.len() >= SAMPLE);
        assert_eq!(measured(&words, "reconside1"), None);
    }
}
