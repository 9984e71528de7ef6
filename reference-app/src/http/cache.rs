//! A small cache of answers, keyed by tenant and path. Entries live for seconds and end with the next write of their tenant.
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const LIFETIME: Duration = Duration::from_secs(3);

/// Answers that were given a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<Key, (Instant, String)>>);

/// Whose answer it is, to which question.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) tenant: String,
    pub(crate) question: String,
}

impl Cache {
    /// An answer that is still fresh.
    pub(crate) fn get(&self, key: &Key) -> Option<String> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .get(key)
            .filter(|(stored, _)| stored.elapsed() < LIFETIME)
            .map(|(_, answer)| answer.clone())
    }

    /// Keeps an answer.
    pub(crate) fn put(&self, key: Key, answer: &str) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() > 1_000 {
            entries.retain(|_, (stored, _)| stored.elapsed() < LIFETIME);
        }
        entries.insert(key, (Instant::now(), answer.to_owned()));
    }

    /// Drops a tenant's answers.
    pub(crate) fn forget(&self, tenant: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|key, _| key.tenant != tenant);
    }
}
