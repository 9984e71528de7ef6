//! Limits: calls in flight, calls and log-ins a minute, and a target's own wish to be left alone for a moment.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::model::exchange::Response;
use crate::target::description::Limits;

/// Calls in flight.
const CONCURRENCY: usize = 4;

/// The longest that a throttling target is waited for; one that asks for more is taken at its word.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a throttled call is sent again.
const TRIES: u32 = 2;

/// Keeps calls within limits.
#[derive(Debug)]
pub struct Pace {
    flights: Arc<Semaphore>,
    calls: Option<Spacing>,
    logins: Option<Spacing>,
}

impl Pace {
    /// The limits of a description.
    pub fn new(limits: &Limits) -> Self {
        Self {
            flights: Arc::new(Semaphore::new(
                limits.concurrency.unwrap_or(CONCURRENCY).max(1),
            )),
            calls: limits.requests_per_minute.map(Spacing::new),
            logins: limits.logins_per_minute.map(Spacing::new),
        }
    }

    /// Waits for a turn; the call is in flight as long as what is returned lives.
    pub async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if let Some(calls) = &self.calls {
            calls.turn().await;
        }
        // The semaphore is never closed.
        Arc::clone(&self.flights).acquire_owned().await.ok()
    }

    /// Waits for a turn to log in.
    pub async fn login(&self) {
        if let Some(logins) = &self.logins {
            logins.turn().await;
        }
    }
}

/// Turns at equal distances: a burst at the start of a minute would break a limit that counts over any minute.
#[derive(Debug)]
struct Spacing {
    distance: Duration,
    next: Mutex<Option<Instant>>,
}

impl Spacing {
    fn new(a_minute: u32) -> Self {
        Self {
            distance: Duration::from_mins(1) / a_minute.max(1),
            next: Mutex::new(None),
        }
    }

    async fn turn(&self) {
        let at = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let at = next.unwrap_or_else(Instant::now).max(Instant::now());
            *next = Some(at + self.distance);
            at
        };
        tokio::time::sleep_until(at).await;
    }
}

/// How long to wait before a throttled call is sent again; `None` where it is to be taken as it is.
pub fn asked_to_wait(response: &Response, asked: u32) -> Option<Duration> {
    if response.status != 429 || asked >= TRIES {
        return None;
    }
    // A date instead of seconds, or nothing: one second is a fair guess.
    let wait = response
        .header("retry-after")
        .and_then(|v| v.trim().parse().ok())
        .map_or(Duration::from_secs(1), |seconds: f64| {
            Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
        });
    (wait <= PATIENCE).then_some(wait)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn response(status: u16, retry_after: Option<&str>) -> Response {
        Response {
            status,
            headers: retry_after
                .map(|v| ("retry-after".to_owned(), v.to_owned()))
                .into_iter()
                .collect(),
            body: Bytes::new(),
            trailers: Vec::new(),
            truncated: false,
        }
    }

    #[test]
    fn only_short_waits_are_waited() {
        let wait = |status, header, asked| asked_to_wait(&response(status, header), asked);
        assert_eq!(wait(429, Some("2"), 0), Some(Duration::from_secs(2)));
        assert_eq!(wait(429, None, 1), Some(Duration::from_secs(1)));
        assert_eq!(wait(429, Some("900"), 0), None);
        assert_eq!(wait(429, Some("-1"), 0), None);
        assert_eq!(wait(429, Some("1e300"), 0), None);
        assert_eq!(wait(429, Some("1"), TRIES), None);
        assert_eq!(wait(503, Some("1"), 0), None);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_keep_their_distance() {
        let pace = Pace::new(&Limits {
            requests_per_minute: Some(60),
            ..Limits::default()
        });
        let begun = Instant::now();
        for _ in 0..4 {
            drop(pace.enter().await);
        }
        assert_eq!(begun.elapsed().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_calls_are_in_flight_than_allowed() {
        let pace = Pace::new(&Limits {
            concurrency: Some(2),
            ..Limits::default()
        });
        let (_a, b) = (pace.enter().await, pace.enter().await);
        let third = tokio::time::timeout(Duration::from_mins(1), pace.enter());
        assert!(third.await.is_err());
        drop(b);
        assert!(pace.enter().await.is_some());
    }
}
