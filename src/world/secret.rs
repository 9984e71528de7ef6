//! Passwords and secrets: random words that need no quoting anywhere.

use rand::RngExt;
use rand::distr::Alphanumeric;

/// A random word of letters and digits, starting with a letter.
pub fn word(length: usize) -> String {
    let mut rng = rand::rng();
    let rest = (1..length).map(|_| char::from(rng.sample(Alphanumeric)));
    std::iter::once('p').chain(rest).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_differ_and_have_the_length() {
        let (a, b) = (super::word(32), super::word(32));
        assert_eq!(a.len(), 32);
        assert_ne!(a, b);
        assert!(a.chars().all(|c| c.is_ascii_alphanumeric()));
    }
}
