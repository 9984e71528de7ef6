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

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The text with each secret masked, also where a line was broken within one. Where one secret holds another, the longer
    /// goes first.
    pub fn scrub(&self, text: String) -> String {
        let mut all: Vec<&str> = self.iter().collect();
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let whole = all.iter().fold(text, |text, secret| {
            if text.contains(secret) {
                text.replace(secret, MASK)
            } else {
                text
            }
        });
        let joined = Joined::of(&whole);
        if all.iter().any(|secret| joined.text.contains(secret)) {
            return all.iter().fold(whole, |text, s| mask_broken(text, s));
        }
        whole
    }
}

/// A text without line breaks and the indentation behind them, and where each of its bytes stood.
struct Joined {
    text: String,
    at: Vec<usize>,
}

impl Joined {
    fn of(broken: &str) -> Self {
        let (mut text, mut at) = (String::new(), Vec::new());
        let mut within_indentation = false;
        for (index, c) in broken.char_indices() {
            within_indentation = c == '\n' || within_indentation && c == ' ';
            if !within_indentation {
                text.push(c);
                at.extend(index..index + c.len_utf8());
            }
        }
        Self { text, at }
    }
}

/// The text with a secret masked in which lines were broken.
fn mask_broken(mut text: String, secret: &str) -> String {
    loop {
        let joined = Joined::of(&text);
        let found = joined.text.find(secret);
        // What stands in place of secrets would be found for ever.
        let Some(found) = found.filter(|_| !MASK.contains(secret)) else {
            return text;
        };
        let last = joined.at[found + secret.len() - 1];
        text.replace_range(joined.at[found]..=last, MASK);
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
    fn a_secret_is_masked_where_a_line_was_broken_within_it() {
        let mut secrets = Secrets::default();
        secrets.extend(["hunter2-hunter2-ü", "another-secret"]);
        let text = "a hunter2-\n      hunter2-ü b\n  c hunter2-hunter2-ü";
        assert_eq!(secrets.scrub(text.to_owned()), "a <secret> b\n  c <secret>");
        let text = "hunter2-\n\n  x\n";
        assert_eq!(secrets.scrub(text.to_owned()), text);
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
