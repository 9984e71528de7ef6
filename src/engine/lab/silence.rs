//! Silence: calls in a row that got no answer. A target that hangs would be waited for by every call of a run.

use super::Lab;
use crate::engine::error::RunError;
use crate::model::event::Event;
use crate::model::exchange::Failure;
use crate::model::route::RouteId;
use crate::world::Sent;

/// How much a call without an answer weighs.
const UNANSWERED: usize = 4;

/// How much a call weighs that was throttled each time: its turn may come yet.
const THROTTLED: usize = 1;

/// What silence weighs after which no further call of a route is made in the baseline: three calls without an answer.
const ON_ROUTE: usize = 3 * UNANSWERED;

/// What silence weighs after which nothing more is expected without asking: twelve calls without an answer.
const LONG: usize = 12 * UNANSWERED;

/// What calls in a row weigh that got no answer.
#[derive(Debug, Default)]
pub(super) struct Silence {
    weight: usize,
    /// The part of it since a route was begun.
    on_route: usize,
    calls: usize,
    why: String,
}

impl Silence {
    /// Takes in what came of a call.
    pub fn heard(&mut self, sent: &Sent) {
        let (weight, why) = match &sent.outcome {
            // Ours: it says nothing of the target.
            Err(Failure::NotSent(_)) => return,
            Err(failure) => (UNANSWERED, failure.to_string()),
            Ok(response) if response.status == 429 => (THROTTLED, "throttled".to_owned()),
            Ok(_) => {
                *self = Self::default();
                return;
            }
        };
        self.weight += weight;
        self.on_route += weight;
        self.calls += 1;
        self.why = why;
    }
}

impl Lab<'_> {
    /// Begins with another route; why there is no use, where the target is gone.
    pub async fn begin_route(&mut self) -> Option<String> {
        self.silence.on_route = 0;
        self.is_gone().await
    }

    /// No call of this route is answered: each further one would be waited for, too.
    pub fn gives_up_route(&self) -> bool {
        self.silence.on_route >= ON_ROUTE
    }

    /// The target has been silent for so long that calls are not worth their wait until it was looked after.
    pub fn is_silent(&self) -> bool {
        self.silence.weight >= LONG
    }

    /// Why the target counts as gone: it was silent for long, and says nothing either when it is asked whether it is ready.
    async fn is_gone(&mut self) -> Option<String> {
        if !self.is_silent() {
            return None;
        }
        let silence = std::mem::take(&mut self.silence);
        if self.world.answers().await {
            return None;
        }
        let how = if self.world.alive() {
            "answers no more"
        } else {
            "has ended"
        };
        let Silence { calls, why, .. } = silence;
        Some(format!(
            "the target {how}: {calls} calls in a row got no answer, the last: {why}"
        ))
    }

    /// Starts the target anew where it has ended or answers no more.
    pub async fn revive(&mut self, route: &RouteId) -> Result<(), RunError> {
        let why = if self.world.alive() {
            self.is_gone().await
        } else {
            Some("the target ended".to_owned())
        };
        let Some(why) = why else { return Ok(()) };
        let warning = format!("after calls to {route} {why}; it was started anew");
        self.tell(&Event::Warning(warning));
        self.fresh().await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;
    use crate::model::exchange::Response;

    fn sent(outcome: Result<u16, Failure>) -> Sent {
        let response = |status| Response {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            trailers: Vec::new(),
            truncated: false,
        };
        Sent {
            outcome: outcome.map(response),
            elapsed: Duration::ZERO,
            throttled: false,
        }
    }

    #[test]
    fn an_answer_of_any_kind_ends_it_but_for_throttling() {
        let mut silence = Silence::default();
        silence.heard(&sent(Err(Failure::Refused)));
        silence.heard(&sent(Ok(429)));
        silence.heard(&sent(Err(Failure::NotSent("x".to_owned()))));
        silence.heard(&sent(Err(Failure::Timeout(Duration::from_secs(1)))));
        assert_eq!(
            (silence.calls, silence.why.as_str()),
            (3, "no answer within 1s")
        );
        assert_eq!(silence.weight, 2 * UNANSWERED + THROTTLED);
        silence.heard(&sent(Ok(500)));
        assert_eq!((silence.calls, silence.weight, silence.on_route), (0, 0, 0));
    }
}
