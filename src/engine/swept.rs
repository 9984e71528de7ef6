//! What a sweep saw: violations, how cases ended, and why some showed nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::PLAIN;
use super::ground::Prepared;
use super::judge::{Case, Outcome};
use super::sweep::Later;
use crate::attack::{ATTACKS, Attack, Attempt, Scope};
use crate::model::event::{CutShort, RouteReasons, Tally};
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::route::RouteId;
use crate::model::tenant::ActorId;
use crate::model::verdict::{Crossing, Evidence, Reason};

/// A violation as the sweep saw it.
#[derive(Debug, Clone)]
pub struct Violation {
    /// Where.
    pub route: RouteId,
    /// How many calls the sweep had made by then.
    pub seen_after: usize,
    /// The attack's id.
    pub attack: &'static str,
    /// The attack's place in the registry: the simplest first.
    pub rank: usize,
    /// Where it points to.
    pub scope: Scope,
    /// What crossed.
    pub evidence: Evidence,
    /// What happened.
    pub history: History,
}

/// The cases of one route.
#[derive(Debug, Default)]
pub struct RouteCases {
    /// How many held or were violated.
    shown: usize,
    /// The others, by reason.
    reasons: BTreeMap<Reason, usize>,
}

impl RouteCases {
    /// A case that seemed to be violated shows nothing.
    pub fn showed_nothing_after_all(&mut self, reason: Reason) {
        self.shown = self.shown.saturating_sub(1);
        self.show_nothing(reason);
    }

    /// One more shows nothing.
    pub fn show_nothing(&mut self, reason: Reason) {
        *self.reasons.entry(reason).or_default() += 1;
    }
}

/// What the sweep saw.
#[derive(Debug, Default)]
pub struct Swept {
    /// Violations in order.
    pub violations: Vec<Violation>,
    /// Cases by attack id, in the registry's order.
    pub tallies: BTreeMap<&'static str, Tally>,
    /// On how many routes each attack was tried.
    pub tried: BTreeMap<&'static str, BTreeSet<RouteId>>,
    /// Inconclusive cases by reason.
    pub reasons: BTreeMap<Reason, usize>,
    /// What the cases of each route showed.
    pub shown: BTreeMap<RouteId, RouteCases>,
    /// What is worth knowing, each sentence once.
    pub advisories: BTreeSet<String>,
    /// Attempts by which rows changed, by attack, variant and attacker: their like on other routes may be accepted, too, so
    /// they are not tried many at once.
    eventful: BTreeSet<(&'static str, String, ActorId)>,
    /// Why it ended early.
    pub cut_short: Option<CutShort>,
}

impl Swept {
    /// Routes on which not one case showed anything, with the commonest reason.
    pub fn unshown(&self) -> Vec<(RouteId, Reason)> {
        let silent = self.shown.iter().filter(|(_, cases)| cases.shown == 0);
        let reason = |cases: &RouteCases| {
            let most = cases.reasons.iter().max_by_key(|(_, count)| **count);
            most.map(|(reason, _)| *reason)
        };
        silent
            .filter_map(|(route, cases)| Some((route.clone(), reason(cases)?)))
            .collect()
    }

    /// Why cases of each route showed nothing, where some did not.
    pub fn inconclusive(&self) -> Vec<RouteReasons> {
        let some = self.shown.iter().filter(|(_, c)| !c.reasons.is_empty());
        let told = |(route, cases): (&RouteId, &RouteCases)| RouteReasons {
            route: route.clone(),
            shown: cases.shown,
            reasons: cases.reasons.clone().into_iter().collect(),
        };
        some.map(told).collect()
    }

    /// Takes in what was seen of other routes.
    pub(super) fn take_in(&mut self, other: Self) {
        self.violations.extend(other.violations);
        for (attack, tally) in other.tallies {
            *self.tallies.entry(attack).or_default() += tally;
        }
        for (attack, routes) in other.tried {
            self.tried.entry(attack).or_default().extend(routes);
        }
        for (reason, count) in other.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
        self.shown.extend(other.shown);
        self.advisories.extend(other.advisories);
        self.eventful.extend(other.eventful);
        self.cut_short = self.cut_short.take().or(other.cut_short);
    }

    /// Notes what a legitimate call showed of another tenant.
    pub fn cross_plainly(
        &mut self,
        route: &RouteId,
        seen_after: usize,
        scope: Scope,
        evidence: Evidence,
        history: History,
    ) {
        self.tallies.entry(PLAIN).or_default().violated += 1;
        self.violations.push(Violation {
            route: route.clone(),
            seen_after,
            attack: PLAIN,
            rank: ATTACKS.iter().position(|a| a.id() == PLAIN).unwrap_or(0),
            scope,
            evidence,
            history,
        });
    }

    /// Whether rows changed by the same attempt on another route.
    pub fn is_eventful(&self, ground: &Prepared, attack: &dyn Attack, attempt: &Attempt) -> bool {
        let who = ground.attacker.id.clone();
        let kind = (attack.id(), attempt.variant.clone(), who);
        self.eventful.contains(&kind)
    }
}

/// What was seen of some of the routes.
#[derive(Default)]
pub struct Share {
    /// What was seen.
    pub swept: Swept,
    /// What is made with those of all other routes together.
    pub later: Vec<Later>,
}

impl Share {
    /// Both.
    #[must_use]
    pub fn joined(mut self, other: Self) -> Self {
        self.swept.take_in(other.swept);
        self.later.extend(other.later);
        self
    }

    /// Puts what was seen in the order of the routes.
    pub fn sort_by<K: Ord>(&mut self, place: impl Fn(&RouteId) -> K) {
        self.swept.violations.sort_by_key(|v| place(&v.route));
        self.later.sort_by_key(|l| place(&l.ground.route.id));
    }
}

/// Notes what came of a case.
pub fn record(
    swept: &mut Swept,
    ground: &Prepared,
    attack: &'static dyn Attack,
    rank: usize,
    case: Case,
    seen_after: usize,
) {
    let tally = swept.tallies.entry(attack.id()).or_default();
    swept
        .tried
        .entry(attack.id())
        .or_default()
        .insert(ground.route.id.clone());
    swept.advisories.extend(case.advisories);
    let changed =
        |(purpose, e): &(Purpose, Exchange)| *purpose == Purpose::Attack && !e.changes.is_empty();
    if case.history.exchanges.iter().any(changed) {
        let who = ground.attacker.id.clone();
        let kind = (attack.id(), case.history.variant.clone(), who);
        swept.eventful.insert(kind);
    }
    let cases = swept.shown.entry(ground.route.id.clone()).or_default();
    match &case.outcome {
        Outcome::Inconclusive(reason) => cases.show_nothing(*reason),
        Outcome::Held | Outcome::Violated(_) => cases.shown += 1,
    }
    match case.outcome {
        Outcome::Held => tally.held += 1,
        Outcome::Inconclusive(reason) => {
            tally.inconclusive += 1;
            *swept.reasons.entry(reason).or_default() += 1;
        }
        Outcome::Violated(all) => {
            tally.violated += 1;
            for evidence in all {
                swept.violations.push(Violation {
                    route: ground.route.id.clone(),
                    seen_after,
                    attack: attack.id(),
                    rank,
                    scope: scope(attack.scope(), &evidence),
                    evidence,
                    history: History {
                        company: case.company.clone(),
                        ..case.history.clone()
                    },
                });
            }
        }
    }
}

/// What answers say to caches is set before all handlers, as a rule.
fn scope(of_attack: Scope, evidence: &Evidence) -> Scope {
    match evidence.crossing {
        Crossing::Cacheable { .. } => Scope::Middleware,
        _ => of_attack,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_told_by_route_and_taken_along_when_a_violation_is_none_after_all() {
        let mut swept = Swept::default();
        let route = |name: &str| RouteId(name.to_owned());
        let cases = |shown, reasons: &[(Reason, usize)]| RouteCases {
            shown,
            reasons: reasons.iter().copied().collect(),
        };
        let said = Reason::RowGone;
        swept.shown.insert(route("GET /a"), cases(3, &[]));
        swept.shown.insert(route("GET /b"), cases(1, &[(said, 2)]));
        let told = swept.inconclusive();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].shown, &*told[0].reasons), (1, &[(said, 2)][..]));
        assert!(swept.unshown().is_empty());
        let b = swept.shown.get_mut(&route("GET /b")).unwrap();
        b.showed_nothing_after_all(said);
        assert_eq!(swept.inconclusive()[0].reasons, [(said, 3)]);
        assert_eq!(swept.unshown(), [(route("GET /b"), said)]);
    }
}
