//! Values first seen in one tenant's answers that stand in no row: a link, a job, a token. And what is known of who else
//! was shown them: what two tenants see is nobody's.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use super::call::Call;
use super::canary::{Canaries, Hit, Stands};
use super::route::RouteId;
use super::tenant::{ActorId, TenantKey};

/// So many values are kept of one place; the oldest go first. What changes with each call (an id of the request) is no
/// use, and must not push out anything else.
const VALUES: usize = 256;

/// At so many places values are kept.
const PLACES: usize = 1000;

/// So many values that several were shown are remembered.
const BARRED: usize = 50_000;

/// A value that stands in no row, and the answer in which it was first seen.
#[derive(Clone, PartialEq)]
pub struct Sighting {
    /// The value.
    pub value: String,
    /// Whose answer it was.
    pub tenant: TenantKey,
    /// What was answered.
    pub source: Source,
    /// Where in the answer: a JSON pointer, `header NAME`, `line N`.
    pub at: String,
    /// The same for every answer of its kind: [`Sighting::at`] without numbers and values.
    pub place: String,
    /// It lets its bearer in: never to be shown.
    pub secret: bool,
    /// It was there before the target was last started, too: it is computed from what is kept.
    pub lasting: bool,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A legitimate call.
    Call(Arc<Call>),
    /// The log-in of an actor.
    LogIn(ActorId),
}

impl Source {
    /// Who was answered.
    pub fn actor(&self) -> &ActorId {
        match self {
            Self::Call(call) => &call.actor,
            Self::LogIn(actor) => actor,
        }
    }

    /// On which route; `None` for a log-in.
    pub fn route(&self) -> Option<&RouteId> {
        match self {
            Self::Call(call) => Some(&call.route),
            Self::LogIn(_) => None,
        }
    }
}

impl Stands for Sighting {
    fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = if self.secret { "***" } else { &self.value };
        f.debug_struct("Sighting")
            .field("value", &shown)
            .field("tenant", &self.tenant)
            .field("actor", self.source.actor())
            .field("route", &self.source.route())
            .field("at", &self.at)
            .field("lasting", &self.lasting)
            .finish_non_exhaustive()
    }
}

/// Who was shown a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seer {
    /// A member of that tenant alone.
    Member,
    /// Somebody who may see more than one tenant's: what they see says nothing, unless they see it elsewhere.
    Several,
    /// Anybody: who belongs nowhere, or to the tenant that has nothing.
    Anybody,
}

/// The observed canaries.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    canaries: Canaries<Sighting>,
    /// The values of each place, oldest first.
    places: HashMap<String, VecDeque<String>>,
    /// Places at which several tenants were shown the same: what stands there is nobody's.
    shared: HashSet<String>,
    barred: usize,
    /// What was known before the target was last started, in lower case.
    earlier: HashSet<Box<str>>,
    /// Tenants whose members called a route since then, or logged in.
    asked: HashMap<Option<RouteId>, BTreeSet<TenantKey>>,
    /// The last legitimate call of each tenant on each route.
    calls: HashMap<RouteId, BTreeMap<TenantKey, Arc<Call>>>,
}

impl Observed {
    /// Notes that somebody of a tenant was shown a value. What members of one tenant alone see is taken up; as soon as
    /// anybody else is shown it, it goes for good, and with it all that stands at the places where it stood.
    pub fn note(&mut self, seer: Seer, mut sighting: Sighting) {
        if self.canaries.is_barred(&sighting.value) {
            self.share(&sighting.place);
            return;
        }
        if let Some(known) = self.canaries.get(&sighting.value).first() {
            if known.tenant != sighting.tenant || seer == Seer::Anybody {
                let first = known.place.clone();
                self.bar(&sighting.value);
                if seer != Seer::Several {
                    self.share(&first);
                    self.share(&sighting.place);
                }
            }
            return;
        }
        match seer {
            Seer::Several => {}
            Seer::Anybody => self.bar(&sighting.value),
            Seer::Member => {
                sighting.lasting = self
                    .earlier
                    .contains(sighting.value.to_ascii_lowercase().as_str());
                self.take_up(sighting);
            }
        }
    }

    fn take_up(&mut self, seen: Sighting) {
        if self.shared.contains(&seen.place) {
            return;
        }
        if !self.places.contains_key(&seen.place) && self.places.len() >= PLACES {
            return;
        }
        let values = self.places.entry(seen.place.clone()).or_default();
        values.push_back(seen.value.clone());
        if values.len() > VALUES
            && let Some(oldest) = values.pop_front()
        {
            self.canaries.forget(&oldest);
        }
        self.canaries.insert(seen);
    }

    /// The values of a place that are known now.
    pub fn values_at(&self, place: &str) -> impl Iterator<Item = &str> + use<'_> {
        let values = self.places.get(place);
        values.into_iter().flatten().map(String::as_str)
    }

    fn bar(&mut self, value: &str) {
        if self.barred < BARRED {
            self.barred += 1;
            self.canaries.bar(value);
        } else {
            self.canaries.forget(value);
        }
    }

    fn share(&mut self, place: &str) {
        for value in self.places.remove(place).unwrap_or_default() {
            self.canaries.forget(&value);
        }
        self.shared.insert(place.to_owned());
    }

    /// Notes that a member of one tenant alone made a call that may show something.
    pub fn asked(&mut self, tenant: &TenantKey, call: &Arc<Call>) {
        self.asked
            .entry(Some(call.route.clone()))
            .or_default()
            .insert(tenant.clone());
        self.calls
            .entry(call.route.clone())
            .or_default()
            .insert(tenant.clone(), Arc::clone(call));
    }

    /// Notes that a member of one tenant alone logged in.
    pub fn logged_in(&mut self, tenant: &TenantKey) {
        self.asked.entry(None).or_default().insert(tenant.clone());
    }

    /// The legitimate calls that other tenants made where a value was seen.
    pub fn others_calls(&self, seen: &Sighting) -> Vec<Arc<Call>> {
        let calls = seen.source.route().and_then(|r| self.calls.get(r));
        let others = calls.into_iter().flatten();
        let others = others.filter(|(tenant, _)| **tenant != seen.tenant);
        others.map(|(_, call)| Arc::clone(call)).collect()
    }

    /// Whether others, asking where the value was seen, could have been shown it, and were not: else nobody knows yet whose
    /// it is.
    pub fn is_ones_own(&self, seen: &Sighting) -> bool {
        let asked = self.asked.get(&seen.source.route().cloned());
        asked.is_some_and(|tenants| tenants.iter().any(|t| *t != seen.tenant))
    }

    /// Whether others were shown a value that was taken for one tenant's, or what stands where it stood.
    pub fn is_shared(&self, seen: &Sighting) -> bool {
        self.canaries.is_barred(&seen.value) || self.shared.contains(&seen.place)
    }

    /// Takes in what was observed at another target of the same kind.
    pub fn take_in(&mut self, other: Self) {
        other.shared.iter().for_each(|place| self.share(place));
        self.canaries.bar_as(&other.canaries);
        for sighting in other.canaries.iter().flat_map(|(_, seen)| seen) {
            self.note(Seer::Member, sighting.clone());
        }
        for (route, tenants) in other.asked {
            self.asked.entry(route).or_default().extend(tenants);
        }
        for (route, made) in other.calls {
            self.calls.entry(route).or_default().extend(made);
        }
    }

    /// The target was started anew: what it kept in memory is gone.
    pub fn restart(&mut self) {
        self.earlier = self.canaries.iter().map(|(v, _)| v.into()).collect();
        self.canaries.forget_all();
        self.places.clear();
        self.asked.clear();
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.canaries.is_empty()
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.canaries.len()
    }

    /// Every observed canary in a text, however it is written there.
    pub fn scan(&self, text: &[u8]) -> Vec<Hit<'_, Sighting>> {
        if self.is_empty() {
            return Vec::new();
        }
        self.canaries.scan(text)
    }
}

#[cfg(test)]
mod tests;
