//! Calls: a request in its exact wire form goes out, within limits; a response comes back, decoded and bounded.

mod decode;
mod ordinary;
mod pace;
mod raw;
mod tidy;

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use bytes::Bytes;
use url::Url;

use super::guard;
use crate::model::call::Wire;
use crate::model::exchange::{Failure, Response};
use crate::target::description::Limits;

use decode::decoded;
use ordinary::Ordinary;
use pace::Pace;

/// Seconds before a call counts as unanswered.
const TIMEOUT: u64 = 10;

/// Bytes of a body that are read.
const BODY: usize = 8 << 20;

/// A client for one target.
#[derive(Debug)]
pub struct Client {
    ordinary: Ordinary,
    pace: Pace,
    allow_hosts: Vec<String>,
    bounds: Bounds,
}

/// What bounds one answer.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    /// From the first byte sent to the last received.
    time: Duration,
    /// Bytes of a body, before and after decoding.
    body: usize,
}

/// A response as it came: its body not decoded yet.
struct Received {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    trailers: Vec<(String, String)>,
    truncated: bool,
}

/// What came of sending a call.
#[derive(Debug)]
pub struct Sent {
    /// The answer, or why there is none.
    pub outcome: Result<Response, Failure>,
    /// How long that took, waiting for our own limits left out.
    pub elapsed: Duration,
    /// The target throttled it, if only at first: it may have been asked again.
    pub throttled: bool,
}

impl Sent {
    /// A call that never went out.
    pub fn not(failure: Failure) -> Self {
        Self {
            outcome: Err(failure),
            elapsed: Duration::ZERO,
            throttled: false,
        }
    }
}

impl Client {
    /// A client within these limits, for loopback and `allow_hosts`.
    pub fn new(limits: &Limits, allow_hosts: &[String]) -> Result<Self, String> {
        Ok(Self {
            ordinary: Ordinary::new(allow_hosts)?,
            pace: Pace::new(limits),
            allow_hosts: allow_hosts.to_vec(),
            bounds: Bounds {
                time: Duration::from_secs(limits.timeout.unwrap_or(TIMEOUT)),
                body: limits.body.unwrap_or(BODY),
            },
        })
    }

    /// Lets go of all connections, which the target's end would break under our hands.
    pub fn disconnect(&mut self) -> Result<(), String> {
        self.ordinary = Ordinary::new(&self.allow_hosts)?;
        Ok(())
    }

    /// Waits until a log-in may be tried.
    pub async fn pace_login(&self) {
        self.pace.login().await;
    }

    /// Sends a request and takes its answer. A target that asks to wait a little is asked again.
    pub async fn send(&self, wire: &Wire) -> Sent {
        let mut asked = 0;
        let mut throttled = false;
        loop {
            let permit = self.pace.enter().await;
            let begun = Instant::now();
            let outcome = self.once(wire).await;
            let elapsed = begun.elapsed();
            drop(permit);
            throttled |= outcome.as_ref().is_ok_and(|r| r.status == 429);
            if let Ok(response) = &outcome
                && let Some(wait) = pace::asked_to_wait(response, asked)
            {
                asked += 1;
                tokio::time::sleep(wait).await;
                continue;
            }
            return Sent {
                outcome,
                elapsed,
                throttled,
            };
        }
    }

    async fn once(&self, wire: &Wire) -> Result<Response, Failure> {
        let base = self.base(wire).await?;
        let received = if tidy::unchanged(&base, wire) {
            self.ordinary.send(&base, wire, self.bounds).await?
        } else {
            raw::send(&base, wire, self.bounds).await?
        };
        let coding = received
            .headers
            .iter()
            .filter(|(name, _)| name == "content-encoding")
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
            .join(",");
        let (body, cut) = decoded(&coding, received.body, self.bounds.body);
        Ok(Response {
            status: received.status,
            headers: received.headers,
            body: Bytes::from(body),
            trailers: received.trailers,
            truncated: received.truncated || cut,
        })
    }

    /// Where the connection goes; refused unless it may.
    async fn base(&self, wire: &Wire) -> Result<Url, Failure> {
        let base =
            Url::parse(&wire.base).map_err(|e| Failure::NotSent(format!("{}: {e}", wire.base)))?;
        let host = base
            .host_str()
            .ok_or_else(|| Failure::NotSent(format!("{} has no host", wire.base)))?;
        if guard::allowed(host, &self.allow_hosts).await {
            Ok(base)
        } else {
            Err(Failure::NotSent(format!(
                "{host} is neither loopback nor named in target.allow_hosts"
            )))
        }
    }
}

/// How long a body may go on after its head has come. A stream of events has no end: a moment of it is enough.
fn body_time(headers: &[(String, String)], left: Duration) -> Duration {
    let endless = headers
        .iter()
        .any(|(n, v)| n == "content-type" && v.starts_with("text/event-stream"));
    if endless {
        left.min(Duration::from_secs(1))
    } else {
        left
    }
}
