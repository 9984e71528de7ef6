//! Storms of refusals: calls that spend each other's tokens or are throttled beside one another. Whoever meets one makes one
//! call at a time from then on.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Lab;
use super::flight::{is_served, refusal};
use crate::engine::error::RunError;
use crate::model::call::Call;
use crate::model::event::Event;
use crate::model::exchange::{Exchange, Response};
use crate::model::route::RouteId;
use crate::model::tenant::ActorId;
use crate::world::Sent;

/// On how many routes an actor is throttled until all of its calls go one at a time.
const ROUTES: usize = 3;

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
#[derive(Clone, Default)]
pub(super) struct Flights {
    pub(super) alone: BTreeMap<ActorId, Storm>,
    /// On which routes an actor's calls were throttled beside others: a limit of one route says nothing of the others.
    throttled: BTreeMap<ActorId, BTreeSet<RouteId>>,
    /// On which routes an actor's own calls were tried several at once.
    pub(super) tried: HashSet<(ActorId, RouteId)>,
    /// What is refused when made alone, too.
    pub(super) refused_alone: HashSet<(ActorId, RouteId, u16)>,
}

impl Flights {
    /// Takes in what was learnt elsewhere.
    pub(super) fn take_in(&mut self, other: Self) {
        self.alone.extend(other.alone);
        for (actor, routes) in other.throttled {
            self.throttled.entry(actor).or_default().extend(routes);
        }
        self.tried.extend(other.tried);
        self.refused_alone.extend(other.refused_alone);
    }
}

impl Lab<'_> {
    /// Makes a read that works several times at once, the first time that this is asked of its actor and route. Where that got
    /// in its own way, the actor's calls go one at a time from then on.
    pub async fn try_together(&mut self, call: &Call) -> Result<(), RunError> {
        let key = (call.actor.clone(), call.route.clone());
        let limit = self.in_flight();
        if !call.is_safe()
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

    /// Whether a call goes while no other is in flight.
    pub(super) fn is_apart(&self, call: &Call) -> bool {
        let routes = self.flights.throttled.get(&call.actor);
        self.goes_alone(&call.actor) || routes.is_some_and(|r| r.contains(&call.route))
    }

    /// A call was throttled beside others: those of its actor and route go one at a time from now on, and all of its actor's
    /// where that happens on several routes.
    pub(super) fn throttled(&mut self, call: &Call) {
        if self.flights.throttled.is_empty() && self.flights.alone.is_empty() {
            self.tell(&Event::Warning(said(Storm::Throttled, &[&call.actor])));
        }
        let all = &mut self.flights.throttled;
        let routes = all.entry(call.actor.clone()).or_default();
        routes.insert(call.route.clone());
        if routes.len() >= ROUTES {
            self.one_at_a_time(&call.actor, Storm::Throttled);
        }
    }

    /// From now on an actor's calls go one at a time; said once.
    pub fn one_at_a_time(&mut self, actor: &ActorId, why: Storm) {
        if self.goes_alone(actor) {
            return;
        }
        if self.flights.alone.is_empty() && why != Storm::Throttled {
            self.tell(&Event::Warning(said(why, &[actor])));
        }
        self.flights.alone.insert(actor.clone(), why);
    }

    /// Whose calls went one at a time and why, a sentence each reason.
    pub fn storms(&self) -> Vec<String> {
        let met = |why: Storm| {
            let alone = self.flights.alone.iter();
            let alone = alone.filter(|(_, w)| **w == why).map(|(a, _)| a);
            let routes = self.flights.throttled.keys();
            let actors: BTreeSet<&ActorId> = match why {
                Storm::Throttled => alone.chain(routes).collect(),
                Storm::Refused | Storm::Spent => alone.collect(),
            };
            let actors: Vec<&ActorId> = actors.into_iter().collect();
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

    pub(super) fn take_csrf_of(&mut self, call: &Call, response: &Response) -> bool {
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
    pub(super) fn take_up(&mut self, exchange: &Exchange) -> bool {
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
}

/// Whether a refusal may be for a CSRF token that was spent: by one of the statuses that frameworks have for it.
pub(super) fn may_be_spent(exchange: &Exchange) -> bool {
    let status = exchange.response().map(|r| r.status);
    !exchange.call.is_safe() && matches!(status, Some(400 | 403 | 419 | 422))
}

fn said(why: Storm, actors: &[&ActorId]) -> String {
    let mut names: Vec<String> = actors.iter().take(NAMED).map(ToString::to_string).collect();
    if actors.len() > NAMED {
        names.push(format!("{} more", actors.len() - NAMED));
    }
    let whose = names.join(", ");
    match why {
        Storm::Throttled => format!(
            "calls of {whose} were throttled (429) while others were in flight: from then on theirs to that route went one \
             at a time, and all of theirs where several routes did so"
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
