//! The sweep: route × attack × (attacker, victim), in the registry's order. Deterministic; it gives the coverage figure.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::baseline::Baseline;
use super::case::{self, Ranked};
use super::controls::Controls;
use super::crowd;
use super::error::RunError;
use super::ground::{Prepared, grounds};
use super::interference;
use super::judge::{Case, Outcome};
use super::lab::Lab;
use super::lanes::{self, Progress};
use crate::attack::{ATTACKS, Attack, Attempt, Scope};
use crate::model::event::{Event, RouteReasons, Tally};
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::route::{Route, RouteId};
use crate::model::tenant::{ActorId, Standing};
use crate::model::verdict::{Evidence, Reason};
use crate::oracle::contract;

/// A violation as the sweep saw it.
#[derive(Debug, Clone)]
pub struct Violation {
    /// Where.
    pub route: RouteId,
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
    reasons: BTreeMap<String, usize>,
}

impl RouteCases {
    /// A case that seemed to be violated shows nothing.
    pub fn showed_nothing_after_all(&mut self, reason: Reason) {
        self.shown = self.shown.saturating_sub(1);
        *self.reasons.entry(reason.to_string()).or_default() += 1;
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
    pub reasons: BTreeMap<String, usize>,
    /// What the cases of each route showed.
    pub shown: BTreeMap<RouteId, RouteCases>,
    /// What is worth knowing, each sentence once.
    pub advisories: BTreeSet<String>,
    /// Attempts by which rows changed, by attack, variant and attacker: their like on other routes may be accepted, too, so
    /// they are not tried many at once.
    eventful: BTreeSet<(&'static str, String, ActorId)>,
    /// Why it ended early.
    pub cut_short: Option<String>,
}

impl Swept {
    /// Routes on which not one case showed anything, with the commonest reason.
    pub fn unshown(&self) -> Vec<(RouteId, String)> {
        let silent = self.shown.iter().filter(|(_, cases)| cases.shown == 0);
        let reason = |cases: &RouteCases| {
            let most = cases.reasons.iter().max_by_key(|(_, count)| **count);
            most.map(|(reason, _)| reason.clone())
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
    fn take_in(&mut self, other: Self) {
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

    fn is_eventful(&self, ground: &Prepared, attack: &dyn Attack, attempt: &Attempt) -> bool {
        let who = ground.attacker.id.clone();
        let kind = (attack.id(), attempt.variant.clone(), who);
        self.eventful.contains(&kind)
    }
}

/// Why nothing is tried on a route that works.
const ALONE: &str =
    "it worked for members of one tenant alone, so there is no neighbour to reach for";

/// Tries every selected attack on every route that works.
pub async fn sweep(lab: &mut Lab<'_>, baseline: &Baseline) -> Result<Swept, RunError> {
    let routes: Vec<Route> = baseline
        .working
        .keys()
        .filter_map(|id| lab.route(id).cloned())
        .collect();
    let deadline = lab.settings.budget.map(|b| Instant::now() + b);
    let Share { mut swept, later } =
        Box::pin(lanes::sweep(lab, baseline, routes, deadline)).await?;
    if swept.cut_short.is_some() {
        return Ok(swept);
    }
    Box::pin(crowd::sweep(lab, baseline, deadline, &mut swept)).await?;
    if swept.cut_short.is_some() {
        return Ok(swept);
    }
    Box::pin(interference::sweep(lab, later, deadline, &mut swept)).await?;
    Ok(swept)
}

/// Tries every selected attack on some of the routes, those aside that are tried on all routes at once.
pub async fn share(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    routes: &[Route],
    deadline: Option<Instant>,
    progress: &Progress,
) -> Result<Share, RunError> {
    let mut swept = Swept::default();
    let mut later: Vec<Later> = Vec::new();
    for route in routes {
        let wanted: Vec<(usize, &'static dyn Attack)> = ATTACKS
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, a)| lab.settings.selects(a.id(), &route.id))
            .collect();
        let grounds = if wanted.is_empty() {
            Vec::new()
        } else {
            grounds(lab, baseline, route)
        };
        if grounds.is_empty() && !wanted.is_empty() {
            let cases = swept.shown.entry(route.id.clone()).or_default();
            *cases.reasons.entry(ALONE.to_owned()).or_default() += 1;
        }
        for ground in grounds {
            if let Some(why) = ended(lab, deadline) {
                swept.cut_short = Some(why);
                return Ok(Share { swept, later });
            }
            Box::pin(on_ground(lab, baseline, &ground, &wanted, &mut swept)).await?;
            later.extend(apart(ground, &wanted));
        }
        if !lab.world.alive() {
            let warning = format!(
                "the target ended after calls to {}; it was started anew",
                route.id
            );
            lab.tell(&Event::Warning(warning));
            lab.fresh().await?;
        }
        lab.tell(&progress.step());
    }
    Ok(Share { swept, later })
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

/// An attempt that is made with those of all other routes together.
pub struct Later {
    /// The attack's place in the registry.
    pub rank: usize,
    /// The attack.
    pub attack: &'static dyn Attack,
    /// Its ground.
    pub ground: Prepared,
    /// The attempt.
    pub attempt: Attempt,
}

/// The attempts on a ground that are made while the rows of others are away.
fn apart(ground: Prepared, wanted: &[(usize, &'static dyn Attack)]) -> Option<Later> {
    let mut suited = wanted.iter().filter(|(_, attack)| suits(&ground, *attack));
    let (rank, attack, attempt) = suited.find_map(|&(rank, attack)| {
        let mut attempts = attack.attempts(&ground.ground()).into_iter();
        Some((rank, attack, attempts.find(|a| a.without_others)?))
    })?;
    Some(Later {
        rank,
        attack,
        ground,
        attempt,
    })
}

/// Why no further case is tried, where that is so.
pub fn ended(lab: &Lab<'_>, deadline: Option<Instant>) -> Option<String> {
    if lab.stop.is_cancelled() {
        return Some("stopped by the user".into());
    }
    deadline
        .filter(|d| Instant::now() > *d)
        .map(|_| "the budget was used up".into())
}

async fn on_ground(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    ground: &Prepared,
    wanted: &[(usize, &'static dyn Attack)],
    swept: &mut Swept,
) -> Result<(), RunError> {
    let mut controls = Controls::default();
    let attempts: Vec<(usize, &'static dyn Attack, Attempt)> = wanted
        .iter()
        .filter(|(_, attack)| suits(ground, *attack))
        .flat_map(|&(rank, attack)| {
            let attempts = attack.attempts(&ground.ground());
            // What only a promise can judge needs one.
            let promised = contract::is_promised(&lab.knowledge, attack.id());
            let attempts = attempts
                .into_iter()
                .filter(move |a| (promised || !a.promise_only) && !a.without_others);
            let made = attempts.map(|a| as_oneself(a, ground));
            made.map(move |a| (rank, attack, a))
        })
        .collect();
    let ranked = attempts.iter().map(|(rank, attack, a)| (*rank, *attack, a));
    let (reads, writes): (Vec<Ranked<'_>>, Vec<_>) = ranked.partition(|(_, _, a)| is_quiet(a));
    let (likely_refused, mut alone): (Vec<_>, Vec<_>) = writes
        .into_iter()
        .partition(|(_, attack, a)| is_single(a) && !swept.is_eventful(ground, *attack, a));
    for batch in likely_refused.chunks(BATCH) {
        if lab.stop.is_cancelled() {
            return Ok(());
        }
        let (refused, others) = case::run_refused(lab, ground, &mut controls, batch).await?;
        for ((rank, attack, _), case) in refused {
            record(swept, ground, attack, rank, case);
        }
        alone.extend(others);
    }
    alone.sort_by_key(|(rank, _, _)| *rank);
    for (rank, attack, attempt) in alone {
        if lab.stop.is_cancelled() {
            return Ok(());
        }
        let case = Box::pin(case::run(
            lab,
            baseline,
            ground,
            &mut controls,
            attack,
            attempt,
        ))
        .await?;
        record(swept, ground, attack, rank, case);
    }
    for batch in reads.chunks(BATCH) {
        if lab.stop.is_cancelled() {
            return Ok(());
        }
        let cases = case::run_reads(lab, ground, &mut controls, batch).await?;
        for ((rank, attack, _), case) in batch.iter().zip(cases) {
            record(swept, ground, *attack, *rank, case);
        }
    }
    Ok(())
}

/// The attempt with the attacker's own log-in name and password, where it was made from the victim's call.
fn as_oneself(mut attempt: Attempt, ground: &Prepared) -> Attempt {
    for (at, value) in &ground.credentials {
        attempt.call = attempt.call.with_slot(at, value);
        for missing in &mut attempt.missing {
            *missing = missing.clone().with_slot(at, value);
        }
    }
    attempt
}

/// How many calls share one look at the row changes.
const BATCH: usize = 32;

/// Whether an attempt shares nothing with others in flight: it promises to change nothing, and needs no step before it.
fn is_quiet(attempt: &Attempt) -> bool {
    is_single(attempt) && case::is_safe(&attempt.call) && attempt.missing.iter().all(case::is_safe)
}

/// Whether an attempt needs no step before it.
fn is_single(attempt: &Attempt) -> bool {
    attempt.first.is_empty() && attempt.victim_then.is_none()
}

/// Outsiders try what speaks of them; the strongest member tries everything.
fn suits(ground: &Prepared, attack: &dyn Attack) -> bool {
    let family = attack.id().split('.').next().unwrap_or_default();
    if ground.plain_only {
        return matches!(attack.id(), "plain.call" | "token.ended-membership");
    }
    match ground.attacker.standing {
        Standing::Member | Standing::Privileged => true,
        Standing::Anonymous => matches!(family, "plain" | "header" | "token" | "id"),
        Standing::Double | Standing::Ended | Standing::Homeless => {
            matches!(family, "plain" | "id" | "host")
        }
    }
}

/// Notes what came of a case.
pub fn record(
    swept: &mut Swept,
    ground: &Prepared,
    attack: &'static dyn Attack,
    rank: usize,
    case: Case,
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
        Outcome::Inconclusive(reason) => {
            *cases.reasons.entry(reason.to_string()).or_default() += 1;
        }
        Outcome::Held | Outcome::Violated(_) => cases.shown += 1,
    }
    match case.outcome {
        Outcome::Held => tally.held += 1,
        Outcome::Inconclusive(reason) => {
            tally.inconclusive += 1;
            *swept.reasons.entry(reason.to_string()).or_default() += 1;
        }
        Outcome::Violated(all) => {
            tally.violated += 1;
            for evidence in all {
                swept.violations.push(Violation {
                    route: ground.route.id.clone(),
                    attack: attack.id(),
                    rank,
                    scope: attack.scope(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_told_by_route_and_taken_along_when_a_violation_is_none_after_all() {
        let mut swept = Swept::default();
        let route = |name: &str| RouteId(name.to_owned());
        let cases = |shown, reasons: &[(&str, usize)]| RouteCases {
            shown,
            reasons: reasons.iter().map(|&(r, n)| (r.to_owned(), n)).collect(),
        };
        let said = Reason::NoRow.to_string();
        swept.shown.insert(route("GET /a"), cases(3, &[]));
        swept
            .shown
            .insert(route("GET /b"), cases(1, &[(&*said, 2)]));
        let told = swept.inconclusive();
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].shown, &*told[0].reasons),
            (1, &[(said.clone(), 2)][..])
        );
        assert!(swept.unshown().is_empty());
        let b = swept.shown.get_mut(&route("GET /b")).unwrap();
        b.showed_nothing_after_all(Reason::NoRow);
        assert_eq!(swept.inconclusive()[0].reasons, [(said.clone(), 3)]);
        assert_eq!(swept.unshown(), [(route("GET /b"), said)]);
    }
}
