//! A rate limit for dear routes: so many calls a bucket in a window.
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Calls that a bucket may hold in a window.
pub(crate) const CALLS: usize = 25;
const WINDOW: Duration = Duration::from_secs(2);

/// Counts calls by bucket.
#[derive(Debug, Default)]
pub(crate) struct Limiter(Mutex<HashMap<String, (Instant, usize)>>);

impl Limiter {
    /// Whether the bucket has room for one call more.
    pub(crate) fn allows(&self, bucket: &str) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = buckets
            .entry(bucket.to_owned())
            .or_insert((Instant::now(), 0));
        if entry.0.elapsed() >= WINDOW {
            *entry = (Instant::now(), 0);
        }
        entry.1 += 1;
        entry.1 <= CALLS
    }
}
