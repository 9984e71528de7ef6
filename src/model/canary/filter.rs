//! A filter before the index: tells most tokens that are in none of its values, from a fraction of its memory.

/// How many entries share a word of the filter when it is full.
const FULL: usize = 8;

/// The words of the smallest filter.
const FEWEST: usize = 64;

/// Two bits for each hash, both in one word, so that a question costs one look into memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    words: Vec<u64>,
}

impl Filter {
    /// A filter for so many entries and as many again.
    pub fn for_entries(number: usize) -> Self {
        let words = (2 * number / FULL).next_power_of_two().max(FEWEST);
        Self {
            words: vec![0; words],
        }
    }

    /// Whether it is too small for so many entries.
    pub fn is_full(&self, number: usize) -> bool {
        number > self.words.len() * FULL
    }

    /// Adds a hash.
    pub fn add(&mut self, hash: u64) {
        let (at, bits) = self.place(hash);
        if let Some(word) = self.words.get_mut(at) {
            *word |= bits;
        }
    }

    /// Whether a hash may have been added; never no for one that was.
    pub fn may_hold(&self, hash: u64) -> bool {
        let (at, bits) = self.place(hash);
        self.words.get(at).is_some_and(|word| word & bits == bits)
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        let at = (hash >> 12) as usize & self.words.len().wrapping_sub(1);
        (at, 1 << (hash & 63) | 1 << (hash >> 6 & 63))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_added_is_missed_and_little_else_is_found() {
        let hash = |n: u64| (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31);
        let hash = |n: u64| hash(n).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let mut filter = Filter::for_entries(10_000);
        assert!(!filter.is_full(20_000));
        (0..10_000).for_each(|n| filter.add(hash(n)));
        assert!((0..10_000).all(|n| filter.may_hold(hash(n))));
        let wrong = (10_000..20_000)
            .filter(|n| filter.may_hold(hash(*n)))
            .count();
        assert!(wrong < 1_000, "{wrong}");
        assert!(!Filter::default().may_hold(7));
        assert!(Filter::default().is_full(1));
    }
}
