//! Signatures and seals that were handed out: noted only under the faults that look them up in place of comparing them.
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

/// What was handed out since the start.
#[derive(Debug, Default)]
pub(crate) struct Issued(Mutex<HashSet<String>>);

impl Issued {
    /// Notes one.
    pub(crate) fn note(&self, seal: &str) {
        let mut seals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seals.insert(seal.to_owned());
    }

    /// Whether it was handed out, with whatever it seals.
    pub(crate) fn has(&self, seal: &str) -> bool {
        let seals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seals.contains(seal)
    }
}
