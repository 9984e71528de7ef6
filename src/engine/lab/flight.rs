//! Calls in flight: many at once where they share nothing, one at a time for an actor whose calls get in each other's way.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use futures::StreamExt;

use super::Lab;
use super::storm::{Storm, may_be_spent};
use crate::engine::error::RunError;
use crate::model::call::{Call, Wire};
use crate::model::exchange::{Exchange, Failure, Response};
use crate::model::tenant::ActorId;
use crate::world::Sent;

/// How many calls are in flight where the description sets no limit.
const IN_FLIGHT: usize = 4;

/// What came of calls in flight together.
pub enum Batch {
    /// No row changed, beyond what changes by itself.
    Quiet(Vec<Exchange>),
    /// Rows changed, nobody can tell by which call. The answers are no evidence: they tell what to try apart.
    Changed(Vec<Exchange>),
}

impl Lab<'_> {
    /// Sends a call, waits until its changes are in, and tells what came of it.
    pub async fn perform(&mut self, call: &Call) -> Result<Exchange, RunError> {
        if call.tampering.suspended {
            self.perform_suspended(call).await
        } else {
            self.perform_as_it_stands(call).await
        }
    }

    /// The same, in the database as it stands.
    pub(super) async fn perform_as_it_stands(&mut self, call: &Call) -> Result<Exchange, RunError> {
        let sent = self.send_alone(call).await?;
        let mut changes = self.settle().await?;
        if self.patient || (self.writes_late && !call.is_safe()) {
            changes.extend(self.linger().await?);
        }
        self.witnessed |= !changes.is_empty();
        let mut exchange = self.exchange(call, sent);
        if self.reads_log {
            exchange.logged = self.logged(&exchange).await;
        }
        Ok(Exchange {
            changes,
            ..exchange
        })
    }

    /// Like [`Self::perform`], for a call that is likely to be served: what comes with each answer is taken up, and a call
    /// that may have been refused for a CSRF token which others had spent is made again with the one that the refusal brought.
    pub async fn perform_unspent(&mut self, call: &Call) -> Result<Exchange, RunError> {
        let first = self.perform(call).await?;
        if !self.take_up(&first) || !may_be_spent(&first) {
            return Ok(first);
        }
        self.undo(&first.changes).await?;
        let again = self.perform(call).await?;
        self.take_up(&again);
        if again.response().is_some_and(is_served) {
            self.one_at_a_time(&call.actor, Storm::Spent);
        }
        Ok(again)
    }

    /// Like [`Self::perform_unspent`], for a call that its actor may make: what it says its tenants know from now on (what an
    /// attack says was put into its mouth, and counts as said in its own history alone), and a dead session is renewed once.
    pub async fn perform_own(&mut self, call: &Call) -> Result<Exchange, RunError> {
        let exchange = self.perform_unseen(call).await?;
        self.sight(&exchange);
        Ok(exchange)
    }

    /// Like [`Self::perform_own`], for a call that shows what an attack may have left behind: what is first seen there says
    /// nothing of whose it is.
    pub async fn perform_unseen(&mut self, call: &Call) -> Result<Exchange, RunError> {
        self.remember_sent(call);
        let first = self.perform_unspent(call).await?;
        let refused = first.response().is_some_and(|r| r.status == 401);
        if !refused || call.actor.is_anonymous() {
            return Ok(first);
        }
        let key = self.session_key(call);
        if !self.sessions.remove(&key) {
            return Ok(first);
        }
        self.undo(&first.changes).await?;
        self.perform(call).await
    }

    /// Like [`Self::perform_reads`], for calls that their actors may make: what is refused only because others were in flight
    /// is made again, and a dead session is renewed once.
    pub async fn perform_own_reads(&mut self, calls: &[Call]) -> Result<Vec<Exchange>, RunError> {
        let mut exchanges = self.perform_likely_reads(calls).await?;
        for exchange in &mut exchanges {
            if exchange.response().is_some_and(|r| r.status == 401) {
                self.undo(&exchange.changes).await?;
                *exchange = self.perform_unseen(&exchange.call).await?;
            }
        }
        Ok(exchanges)
    }

    /// Like [`Self::perform_reads`], for calls that are likely to be served: those that are refused only because others were
    /// in flight are made again.
    pub async fn perform_likely_reads(
        &mut self,
        calls: &[Call],
    ) -> Result<Vec<Exchange>, RunError> {
        let alone: BTreeSet<ActorId> = self.flights.alone.keys().cloned().collect();
        let mut exchanges = self.perform_reads(calls).await?;
        if calls.len() < 2 || self.in_flight() < 2 {
            return Ok(exchanges);
        }
        for exchange in &mut exchanges {
            let Some(status) = exchange.response().and_then(refusal) else {
                continue;
            };
            let (call, actor) = (exchange.call.clone(), exchange.call.actor.clone());
            let kind = (actor.clone(), call.route.clone(), status);
            if alone.contains(&actor) || self.flights.refused_alone.contains(&kind) {
                continue;
            }
            let again = self.perform(&call).await?;
            if again.response().is_some_and(is_served) {
                self.one_at_a_time(&actor, Storm::Refused);
                self.undo(&exchange.changes).await?;
                *exchange = again;
            } else {
                self.undo(&again.changes).await?;
                self.flights.refused_alone.insert(kind);
            }
        }
        Ok(exchanges)
    }

    /// Sends calls that promise to change nothing, many in flight; where rows changed nevertheless, beyond what happens by
    /// itself, each is made again alone, so that the change finds its call.
    pub async fn perform_reads(&mut self, calls: &[Call]) -> Result<Vec<Exchange>, RunError> {
        if let Batch::Quiet(exchanges) = self.perform_together(calls).await? {
            return Ok(exchanges);
        }
        let mut alone = Vec::with_capacity(calls.len());
        for call in calls {
            alone.push(self.perform(call).await?);
        }
        Ok(alone)
    }

    /// Sends calls, many in flight. Where rows changed beyond what happens by itself, that is taken back, since nobody can
    /// tell which call changed them.
    pub async fn perform_together(&mut self, calls: &[Call]) -> Result<Batch, RunError> {
        let sent = self.send_all(calls).await?;
        let changes = self.settle().await?;
        let made = calls.iter().zip(sent);
        let made = made.map(|(call, s)| self.exchange(call, s)).collect();
        if changes.iter().all(|c| self.knowledge.background.covers(c)) {
            return Ok(Batch::Quiet(made));
        }
        self.undo(&changes).await?;
        Ok(Batch::Changed(made))
    }

    /// How many calls of one actor may be in flight.
    pub(super) fn in_flight(&self) -> usize {
        let limit = self.settings.description.limits.concurrency;
        limit.unwrap_or(IN_FLIGHT).max(1)
    }

    pub(super) fn exchange(&self, call: &Call, sent: Sent) -> Exchange {
        Exchange {
            call: call.clone(),
            outcome: sent.outcome,
            elapsed: sent.elapsed,
            changes: Vec::new(),
            watch: self.world.watch(),
            logged: None,
        }
    }

    /// Sends a call while no other is in flight. Whoever has calls that go one at a time may need for the next what this one's
    /// answer brings.
    async fn send_alone(&mut self, call: &Call) -> Result<Sent, RunError> {
        let sent = match self.prepare(call).await? {
            Ok(wire) => self.send_unless_stopped(&wire).await,
            Err(failure) => Sent::not(failure),
        };
        self.calls += 1;
        self.silence.heard(&sent);
        if self.goes_alone(&call.actor)
            && call.tampering.is_empty()
            && let Ok(response) = &sent.outcome
        {
            self.take_csrf_of(call, response);
        }
        Ok(sent)
    }

    /// Sends calls, many in flight but for those of actors whose calls go one at a time; what was throttled beside others is
    /// sent again alone, as long as that helps.
    pub(super) async fn send_all(&mut self, calls: &[Call]) -> Result<Vec<Sent>, RunError> {
        let limit = self.in_flight();
        let apart = |call: &Call| limit < 2 || self.is_apart(call);
        let together: Vec<usize> = (0..calls.len()).filter(|at| !apart(&calls[*at])).collect();
        let mut sent = self.send_together(calls, &together, limit).await?;
        if together.len() > 1 {
            for (at, one) in &sent {
                if one.throttled {
                    self.throttled(&calls[*at]);
                }
            }
        }
        let mut hopeless: HashSet<&ActorId> = HashSet::new();
        for (at, call) in calls.iter().enumerate() {
            match sent.get(&at) {
                Some(one) if together.len() < 2 || !is_throttled(one) => {}
                Some(_) if hopeless.contains(&call.actor) => {}
                before => {
                    let again = before.is_some();
                    let one = self.send_alone(call).await?;
                    if again && is_throttled(&one) {
                        hopeless.insert(&call.actor);
                    }
                    sent.insert(at, one);
                }
            }
        }
        Ok(sent.into_values().collect())
    }

    /// Sends a call; the user need not wait for its answer.
    async fn send_unless_stopped(&self, wire: &Wire) -> Sent {
        tokio::select! {
            sent = self.world.send(wire) => sent,
            () = self.stop.cancelled() => Sent::not(Failure::NotSent("stopped by the user".to_owned())),
        }
    }

    async fn send_together(
        &mut self,
        calls: &[Call],
        which: &[usize],
        limit: usize,
    ) -> Result<BTreeMap<usize, Sent>, RunError> {
        let mut wires = Vec::with_capacity(which.len());
        for at in which {
            wires.push((*at, self.prepare(&calls[*at]).await?));
        }
        let lab = &*self;
        let sent: BTreeMap<usize, Sent> = futures::stream::iter(wires)
            .map(|(at, wire)| async move {
                match wire {
                    Ok(wire) => (at, lab.send_unless_stopped(&wire).await),
                    Err(failure) => (at, Sent::not(failure)),
                }
            })
            .buffered(limit)
            .collect()
            .await;
        self.calls += which.len();
        for one in sent.values() {
            self.silence.heard(one);
        }
        Ok(sent)
    }
}

/// A status that refuses; throttling stands apart.
pub(super) fn refusal(response: &Response) -> Option<u16> {
    let refuses = (400..500).contains(&response.status) && response.status != 429;
    refuses.then_some(response.status)
}

pub(super) fn is_served(response: &Response) -> bool {
    response.status < 400
}

fn is_throttled(sent: &Sent) -> bool {
    sent.outcome.as_ref().is_ok_and(|r| r.status == 429)
}
