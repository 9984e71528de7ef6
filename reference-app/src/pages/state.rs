//! What the dashboard held that was rendered last. Only a fault keeps it.
use std::sync::{Mutex, PoisonError};

/// The store, which is one for all visitors.
#[derive(Debug, Default)]
pub(crate) struct LastState(Mutex<Option<String>>);

impl LastState {
    /// Keeps what this visitor sees, and gives what the visitor before saw.
    pub(super) fn turn(&self, state: String) -> Option<String> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.replace(state)
    }
}
