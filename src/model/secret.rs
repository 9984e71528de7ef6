//! Values that must never appear in output or files, and their removal from text that is about to be written.

use std::collections::BTreeSet;
use std::fmt;

/// What stands in place of a secret.
pub const MASK: &str = "<secret>";

/// A shorter value would be masked inside ordinary words.
const SHORTEST: usize = 8;

/// Values that must never appear in output or files: passwords, tokens, cookies, signing secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets(BTreeSet<String>);

impl Secrets {
    /// Adds a value; those shorter than eight bytes are left out, for they would be found inside ordinary words, and so
    /// are addresses without anything behind them, for every `curl` line begins with one.
    pub fn insert(&mut self, value: impl Into<String>) {
        let value = value.into();
        if value.len() >= SHORTEST && !is_address(&value) {
            self.0.insert(value);
        }
    }

    /// The text with each secret masked. Where one secret holds another, the longer goes first.
    pub fn scrub(&self, text: String) -> String {
        let mut found: Vec<&String> = self
            .0
            .iter()
            .filter(|s| text.contains(s.as_str()))
            .collect();
        found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        found
            .into_iter()
            .fold(text, |text, secret| text.replace(secret.as_str(), MASK))
    }
}

/// Scheme, host and port, and nothing that could be a credential: no user, no path, no query.
fn is_address(value: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .filter_map(|scheme| value.strip_prefix(scheme))
        .any(|rest| !rest.trim_end_matches('/').contains(['@', '/', '?', '#']))
}

impl<S: Into<String>> Extend<S> for Secrets {
    fn extend<I: IntoIterator<Item = S>>(&mut self, values: I) {
        for value in values {
            self.insert(value);
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_secret_is_masked_before_the_one_it_holds() {
        let mut secrets = Secrets::default();
        secrets.extend(["hunter2hunter2", "hunter2hunter2.sig", "short"]);
        assert_eq!(
            secrets.scrub("a hunter2hunter2.sig b hunter2hunter2 short".to_owned()),
            "a <secret> b <secret> short"
        );
    }

    #[test]
    fn an_address_is_no_secret_but_what_stands_in_one_may_be() {
        let mut secrets = Secrets::default();
        secrets.extend([
            "http://127.0.0.1:8080",
            "http://h/reset/k3y",
            "postgres://u:p4ss@h/d",
        ]);
        let text = "http://127.0.0.1:8080/a http://h/reset/k3y postgres://u:p4ss@h/d";
        assert_eq!(
            secrets.scrub(text.to_owned()),
            "http://127.0.0.1:8080/a <secret> <secret>"
        );
    }

    #[test]
    fn debug_output_gives_only_their_number() {
        let mut secrets = Secrets::default();
        secrets.insert("hunter2hunter2");
        assert_eq!(format!("{secrets:?}"), "Secrets(1)");
    }
}
