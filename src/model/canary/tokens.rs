//! The split of text into tokens: what the canary index is keyed by, and what a scan looks up.

/// A run of token characters shorter than this is no token.
pub const SHORTEST: usize = 12;

/// Letters, digits, `-` and `_`.
pub(super) const TOKEN: u8 = 1;
/// `+` and `/`: with the token characters (but `-` and `_`) the standard base64 alphabet.
pub(super) const JOINT: u8 = 2;
/// `A` to `Z`.
pub(super) const UPPER: u8 = 4;
/// `-` and `_`.
pub(super) const DASH: u8 = 8;
/// No hexadecimal digit.
pub(super) const NOT_HEX: u8 = 16;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop ends at 255")]
        let b = byte as u8;
        let mut class = 0;
        if b.is_ascii_alphanumeric() {
            class |= TOKEN;
        }
        if b == b'-' || b == b'_' {
            class |= TOKEN | DASH;
        }
        if b == b'+' || b == b'/' {
            class |= JOINT;
        }
        if b.is_ascii_uppercase() {
            class |= UPPER;
        }
        if !b.is_ascii_hexdigit() {
            class |= NOT_HEX;
        }
        classes[byte] = class;
        byte += 1;
    }
    classes
}

/// Whether a byte may stand in a token.
pub(super) fn in_token(byte: u8) -> bool {
    CLASSES[usize::from(byte)] & TOKEN != 0
}

/// A maximal run of bytes of some classes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub start: usize,
    pub end: usize,
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
    fn next(&mut self) -> Option<Run> {
        loop {
            let probe = self.from + SHORTEST - 1;
            let hit = CLASSES[usize::from(*self.text.get(probe)?)];
            if hit & self.mask == 0 {
                self.from = probe + 1;
                continue;
            }
            let mut classes = hit;
            let mut start = probe;
            while start > self.from {
                let class = CLASSES[usize::from(self.text[start - 1])];
                if class & self.mask == 0 {
                    break;
                }
                classes |= class;
                start -= 1;
            }
            let mut end = probe + 1;
            while let Some(&byte) = self.text.get(end) {
                let class = CLASSES[usize::from(byte)];
                if class & self.mask == 0 {
                    break;
                }
                classes |= class;
                end += 1;
            }
            self.from = end + 1;
            if end - start >= SHORTEST {
                return Some(Run {
                    start,
                    end,
                    classes,
                });
            }
        }
    }
}

/// The tokens of a text: maximal runs of ASCII letters, digits, `-` and `_`, of at least [`SHORTEST`] characters, in
/// order. The index is keyed by them in lower case.
pub fn tokens(text: &str) -> impl Iterator<Item = &str> {
    // A run holds ASCII bytes alone, so that its ends lie on character boundaries.
    Runs::new(text.as_bytes(), TOKEN).filter_map(|run| text.get(run.start..run.end))
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
