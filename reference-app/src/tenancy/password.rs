//! Passwords: `hmac-sha256$ROUNDS$SALT$HASH`, salted and iterated.
//!
//! A memory-hard hash would be right for people; here every test run logs in dozens of generated users in debug builds,
//! where argon2 costs a second each. The scheme stands in the string, so that another can be added beside it.
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const SCHEME: &str = "hmac-sha256";
const ROUNDS: u32 = 600;

/// Hashes a password for the column `"User"."passwordHash"`.
pub fn hash(password: &str) -> String {
    let salt = hex::encode(rand::random::<[u8; 16]>());
    let digest = derive(password, &salt, ROUNDS);
    format!("{SCHEME}${ROUNDS}${salt}${digest}")
}

/// Whether a password is the one that was hashed.
pub(crate) fn verify(password: &str, stored: &str) -> bool {
    let mut parts = stored.split('$');
    let (Some(SCHEME), Some(rounds), Some(salt), Some(digest), None) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
        return false;
    };
    let Ok(rounds) = rounds.parse::<u32>() else {
        return false;
    };
    // A damaged row must not keep the thread busy for minutes.
    rounds <= 100_000 && same(derive(password, salt, rounds).as_bytes(), digest.as_bytes())
}

fn derive(password: &str, salt: &str, rounds: u32) -> String {
    let mut block = sign(password.as_bytes(), salt.as_bytes());
    let mut total = block.clone();
    for _ in 1..rounds {
        block = sign(password.as_bytes(), &block);
        total
            .iter_mut()
            .zip(&block)
            .for_each(|(sum, byte)| *sum ^= byte);
    }
    hex::encode(total)
}

/// HMAC-SHA256 of a message.
pub(crate) fn sign(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length: the error type is there for other algorithms.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mut mac| {
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        })
        .unwrap_or_default()
}

/// Compares without telling by its time where two strings differ.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    !a.is_empty() && a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (x, y)| sum | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_verifies() {
        let stored = hash("correct horse");
        assert!(verify("correct horse", &stored));
        assert!(!verify("correct hors", &stored));
        assert!(!verify("correct horse", "plain$correct horse"));
        assert_ne!(stored, hash("correct horse"), "salted");
    }
}
