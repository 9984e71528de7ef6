//! Calls in flight: many at once where they share nothing, one at a time for an actor whose calls get in each other's way
//! (tokens that are good for one call, throttling).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use futures::StreamExt;

use super::Lab;
use crate::engine::case::is_safe;
use crate::engine::error::RunError;
use crate::model::call::Call;
use crate::model::event::Event;
use crate::model::exchange::{Exchange, Response};
use crate::model::route::RouteId;
use crate::model::tenant::ActorId;
use crate::world::Sent;

/// How many calls are in flight where the description sets no limit.
const IN_FLIGHT: usize = 4;

/// How many actors a sentence names.
const NAMED: usize = 4;

/// Why an actor's calls go one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Storm {
    /// They were answered 429 while others were in flight.
    Throttled,
    /// They were refused while others were in flight, and were not when made alone.
    Refused,
    /// Each spends the CSRF token that the answer before brought.
    Spent,
}

/// Whose calls go one at a time, and what is known of calls in flight.
#[derive(Default)]
pub(super) struct Flights {
    alone: BTreeMap<ActorId, Storm>,
    /// On which routes an actor's own calls were tried several at once.
    tried: HashSet<(ActorId, RouteId)>,
    /// What is refused when made alone, too.
    refused_alone: HashSet<(ActorId, RouteId, u16)>,
}

impl Lab<'_> {
    /// Sends a call, waits until its changes are in, and tells what came of it.
    pub async fn perform(&mut self, call: &Call) -> Result<Exchange, RunError> {
        let sent = self.send_alone(call).await?;
        let mut changes = self.settle().await?;
        if self.patient || (self.writes_late && !is_safe(call)) {
            changes.extend(self.linger().await?);
        }
        self.witnessed |= !changes.is_empty();
        Ok(Exchange {
            changes,
            ..self.exchange(call, sent)
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

    /// Like [`Self::perform_unspent`], for a call that its actor may make: what it says its tenants know from now on (what an attack
    /// says was put into its mouth, and counts as said in its own history alone), and a dead session is renewed once.
    pub async fn perform_own(&mut self, call: &Call) -> Result<Exchange, RunError> {
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
                *exchange = self.perform_own(&exchange.call).await?;
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
        if let Some(exchanges) = self.perform_quietly(calls).await? {
            return Ok(exchanges);
        }
        let mut alone = Vec::with_capacity(calls.len());
        for call in calls {
            alone.push(self.perform(call).await?);
        }
        Ok(alone)
    }

    /// Sends calls, many in flight. `None` where rows changed beyond what happens by itself: those are taken back, since
    /// nobody can tell which call changed them.
    pub async fn perform_quietly(
        &mut self,
        calls: &[Call],
    ) -> Result<Option<Vec<Exchange>>, RunError> {
        let sent = self.send_all(calls).await?;
        let changes = self.settle().await?;
        if changes.iter().any(|c| !self.knowledge.background.covers(c)) {
            self.undo(&changes).await?;
            return Ok(None);
        }
        let made = calls.iter().zip(sent);
        Ok(Some(made.map(|(call, s)| self.exchange(call, s)).collect()))
    }

    /// Makes a read that works several times at once, the first time that this is asked of its actor and route. Where that got
    /// in its own way, the actor's calls go one at a time from then on.
    pub async fn try_together(&mut self, call: &Call) -> Result<(), RunError> {
        let key = (call.actor.clone(), call.route.clone());
        let limit = self.in_flight();
        if !is_safe(call)
            || limit < 2
            || self.goes_alone(&call.actor)
            || !self.flights.tried.insert(key)
        {
            return Ok(());
        }
        let sent = self.send_all(&vec![call.clone(); limit]).await?;
        let changes = self.settle().await?;
        self.undo(&changes).await?;
        let refused = |s: &Sent| s.outcome.as_ref().ok().and_then(refusal).is_some();
        if !self.goes_alone(&call.actor) && sent.iter().any(refused) {
            let alone = self.perform(call).await?;
            self.undo(&alone.changes).await?;
            if alone.response().is_some_and(is_served) {
                self.one_at_a_time(&call.actor, Storm::Refused);
            }
        }
        Ok(())
    }

    /// Whether an actor's calls go one at a time.
    pub fn goes_alone(&self, actor: &ActorId) -> bool {
        self.flights.alone.contains_key(actor)
    }

    /// From now on an actor's calls go one at a time; said once.
    pub fn one_at_a_time(&mut self, actor: &ActorId, why: Storm) {
        if self.goes_alone(actor) {
            return;
        }
        if self.flights.alone.is_empty() {
            self.tell(&Event::Warning(said(why, &[actor])));
        }
        self.flights.alone.insert(actor.clone(), why);
    }

    /// Whose calls went one at a time and why, a sentence each reason.
    pub fn storms(&self) -> Vec<String> {
        let met = |why: Storm| {
            let alone = self.flights.alone.iter();
            let actors: Vec<_> = alone.filter(|(_, w)| **w == why).map(|(a, _)| a).collect();
            (!actors.is_empty()).then(|| said(why, &actors))
        };
        [Storm::Throttled, Storm::Refused, Storm::Spent]
            .into_iter()
            .filter_map(met)
            .collect()
    }

    /// A CSRF token that an answer brought is taken up, where the session that stands has another; tells whether it had.
    pub fn take_csrf(&mut self, exchange: &Exchange) -> bool {
        let Some(response) = exchange.response() else {
            return false;
        };
        self.take_csrf_of(&exchange.call, response)
    }

    fn take_csrf_of(&mut self, call: &Call, response: &Response) -> bool {
        let key = self.session_key(call);
        let mut other = false;
        if let Some(session) = self.sessions.get(&key).filter(|s| s.csrf.is_some())
            && let Ok(wire) = self.target.render(call, Some(&session))
        {
            self.sessions
                .renew(&key, |s| other = s.take_csrf(&wire, response));
        }
        other
    }

    /// What comes with each answer is taken up, where the description says that the CSRF token does; tells whether that is
    /// another.
    fn take_up(&mut self, exchange: &Exchange) -> bool {
        let key = self.session_key(&exchange.call);
        let (Some(session), Some(response)) = (self.sessions.get(&key), exchange.response()) else {
            return false;
        };
        let other = self.take_csrf(exchange);
        let comes = session
            .csrf
            .as_ref()
            .is_some_and(|c| c.rule.from.starts_with("header:"));
        if comes && let Ok(wire) = self.target.render(&exchange.call, Some(&session)) {
            self.sessions.renew(&key, |s| s.absorb(&wire, response));
        }
        other
    }

    /// How many calls of one actor may be in flight.
    fn in_flight(&self) -> usize {
        let limit = self.settings.description.limits.concurrency;
        limit.unwrap_or(IN_FLIGHT).max(1)
    }

    fn exchange(&self, call: &Call, sent: Sent) -> Exchange {
        Exchange {
            call: call.clone(),
            outcome: sent.outcome,
            elapsed: sent.elapsed,
            changes: Vec::new(),
            watch: self.world.watch(),
        }
    }

    /// Sends a call while no other is in flight. Whoever has calls that go one at a time may need for the next what this one's
    /// answer brings.
    async fn send_alone(&mut self, call: &Call) -> Result<Sent, RunError> {
        let sent = match self.prepare(call).await? {
            Ok(wire) => self.world.send(&wire).await,
            Err(failure) => Sent::not(failure),
        };
        self.calls += 1;
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
    async fn send_all(&mut self, calls: &[Call]) -> Result<Vec<Sent>, RunError> {
        let limit = self.in_flight();
        let apart = |call: &Call| limit < 2 || self.goes_alone(&call.actor);
        let together: Vec<usize> = (0..calls.len()).filter(|at| !apart(&calls[*at])).collect();
        let mut sent = self.send_together(calls, &together, limit).await?;
        if together.len() > 1 {
            for (at, one) in &sent {
                if one.throttled {
                    self.one_at_a_time(&calls[*at].actor, Storm::Throttled);
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
        let world = &self.world;
        let sent = futures::stream::iter(wires)
            .map(|(at, wire)| async move {
                match wire {
                    Ok(wire) => (at, world.send(&wire).await),
                    Err(failure) => (at, Sent::not(failure)),
                }
            })
            .buffered(limit)
            .collect()
            .await;
        self.calls += which.len();
        Ok(sent)
    }
}

/// A status that refuses; throttling stands apart.
fn refusal(response: &Response) -> Option<u16> {
    let refuses = (400..500).contains(&response.status) && response.status != 429;
    refuses.then_some(response.status)
}

/// Whether a refusal may be for a CSRF token that was spent: by one of the statuses that frameworks have for it.
fn may_be_spent(exchange: &Exchange) -> bool {
    let status = exchange.response().map(|r| r.status);
    !is_safe(&exchange.call) && matches!(status, Some(400 | 403 | 419 | 422))
}

fn is_served(response: &Response) -> bool {
    response.status < 400
}

fn is_throttled(sent: &Sent) -> bool {
    sent.outcome.as_ref().is_ok_and(|r| r.status == 429)
}

fn said(why: Storm, actors: &[&ActorId]) -> String {
    let mut names: Vec<String> = actors.iter().take(NAMED).map(ToString::to_string).collect();
    if actors.len() > NAMED {
        names.push(format!("{} more", actors.len() - NAMED));
    }
    let whose = names.join(", ");
    match why {
        Storm::Throttled => format!(
            "calls of {whose} were throttled (429) while others were in flight: from then on theirs went one at a time"
        ),
        Storm::Refused => format!(
            "calls of {whose} were refused while others of theirs were in flight, and not when made alone: from then on \
             they went one at a time"
        ),
        Storm::Spent => format!(
            "calls of {whose} spend the CSRF token that the answer before brought: from then on they went one at a time"
        ),
    }
}
