//! The split of text into tokens: what the canary index is keyed by, and what a scan looks up.

use std::ops::Range;

/// A run of token characters shorter than this is no token.
pub const SHORTEST: usize = 12;

/// Whether a byte may stand in a token.
pub(super) const fn in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Whether a byte stands beside letters and digits in the standard base64 alphabet.
pub(super) const fn is_joint(byte: u8) -> bool {
    matches!(byte, b'+' | b'/')
}

/// The class of what may stand in a token.
pub(super) const TOKEN: u8 = 1;
/// The class of `+` and `/`.
pub(super) const JOINT: u8 = 2;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte: u8 = 0;
    while byte.is_ascii() {
        classes[byte as usize] = if in_token(byte) {
            TOKEN
        } else if is_joint(byte) {
            JOINT
        } else {
            0
        };
        byte += 1;
    }
    classes
};

/// A maximal run of bytes of some classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// Where it lies in the text.
    pub at: Range<usize>,
    /// The classes of all its bytes together.
    pub classes: u8,
}

/// The maximal runs of at least [`SHORTEST`] bytes whose class is in `mask`.
pub(super) struct Runs<'a> {
    text: &'a [u8],
    mask: u8,
    /// No run that is still to come starts before this.
    from: usize,
}

impl<'a> Runs<'a> {
    pub fn new(text: &'a [u8], mask: u8) -> Self {
        Self {
            text,
            mask,
            from: 0,
        }
    }
}

impl Iterator for Runs<'_> {
    type Item = Run;

    /// Looks only at every twelfth byte until one is of the class: short words are jumped over.
    #[inline]
    fn next(&mut self) -> Option<Run> {
        loop {
            let probe = self.from + SHORTEST - 1;
            let mut classes = CLASSES[usize::from(*self.text.get(probe)?)] & self.mask;
            if classes == 0 {
                self.from = probe + 1;
                continue;
            }
            let mut at = probe..probe + 1;
            for &byte in self.text[self.from..probe].iter().rev() {
                let class = CLASSES[usize::from(byte)] & self.mask;
                if class == 0 {
                    break;
                }
                classes |= class;
                at.start -= 1;
            }
            for &byte in &self.text[at.end..] {
                let class = CLASSES[usize::from(byte)] & self.mask;
                if class == 0 {
                    break;
                }
                classes |= class;
                at.end += 1;
            }
            self.from = at.end + 1;
            if at.len() >= SHORTEST {
                return Some(Run { at, classes });
            }
        }
    }
}

/// The tokens of a text: maximal runs of ASCII letters, digits, `-` and `_`, of at least [`SHORTEST`] characters, in
/// order. The index is keyed by them in lower case.
pub fn tokens(text: &str) -> impl Iterator<Item = &str> {
    // A run holds ASCII bytes alone, so that its ends lie on character boundaries.
    Runs::new(text.as_bytes(), TOKEN).filter_map(|run| text.get(run.at))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(text: &str) -> Vec<&str> {
        text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
            .filter(|t| t.len() >= SHORTEST)
            .collect()
    }

    #[test]
    fn a_token_has_twelve_characters_at_least() {
        let text = "abcdefghijkl, abcdefghijk; AB-CD_EF01234é";
        assert_eq!(
            tokens(text).collect::<Vec<_>>(),
            ["abcdefghijkl", "AB-CD_EF01234"]
        );
    }

    proptest! {
        #[test]
        fn the_jumping_split_finds_what_a_plain_split_finds(
            words in prop::collection::vec("[a-zA-Z0-9_-]{0,30}|[ .,é\"]{1,3}", 0..20)
        ) {
            let text = words.concat();
            prop_assert_eq!(tokens(&text).collect::<Vec<_>>(), naive(&text));
        }
    }
}
