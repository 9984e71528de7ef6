//! Names compared as people mean them: camel, snake and kebab case alike, plural as singular, `_id` left out.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Names that were taken apart before: a run asks for the same few hundred, over and over.
static KNOWN: LazyLock<Mutex<HashMap<String, Vec<String>>>> = LazyLock::new(Mutex::default);

/// More names than these are not kept: a schema has fewer.
const KEPT: usize = 20_000;

/// The words of a name in lower case, the last one singular: `ServiceRequests` and `service-request` are the same.
pub fn words(name: &str) -> Vec<String> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(words) = known.get(name) {
        return words.clone();
    }
    if known.len() >= KEPT {
        known.clear();
    }
    let words = taken_apart(name);
    known.insert(name.to_owned(), words.clone());
    words
}

fn taken_apart(name: &str) -> Vec<String> {
    let snake = cruet::to_snake_case(name);
    let mut words: Vec<String> = snake
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect();
    if let Some(last) = words.last_mut() {
        *last = cruet::to_singular(last);
    }
    words
}

/// What a reference is about: `service_id`, `serviceIds` and `service` are about `service`; plain `id` is about nothing.
pub fn stem(name: &str) -> Vec<String> {
    let mut words = words(name);
    while words.last().is_some_and(|w| {
        matches!(
            w.as_str(),
            "id" | "uuid" | "key" | "ref" | "slug" | "pk" | "guid"
        )
    }) {
        words.pop();
    }
    words
}

/// Whether a name says that it holds a row's key.
pub fn is_key(name: &str) -> bool {
    words(name)
        .last()
        .is_some_and(|w| matches!(w.as_str(), "id" | "uuid" | "key" | "ref" | "pk" | "guid"))
}

/// How alike two names are: 3 the same, 2 one ends with the other, 1 they share their last word, 0 otherwise.
pub fn likeness(a: &[String], b: &[String]) -> u32 {
    if a.is_empty() || b.is_empty() {
        0
    } else if a == b {
        3
    } else if a.ends_with(b) || b.ends_with(a) {
        2
    } else {
        u32::from(a.last() == b.last())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_plural_do_not_matter() {
        assert_eq!(words("ServiceRequests"), words("service-request"));
        assert_eq!(words("issue_labels"), ["issue", "label"]);
        assert_eq!(stem("workspace_id"), ["workspace"]);
        assert_eq!(stem("assigneeIds"), ["assignee"]);
        assert!(stem("id").is_empty());
    }

    #[test]
    fn likeness_prefers_the_same_name() {
        assert_eq!(likeness(&words("labels"), &words("label")), 3);
        assert_eq!(likeness(&words("labels"), &words("issue_label")), 2);
        assert_eq!(likeness(&words("comments"), &words("issue")), 0);
    }
}
