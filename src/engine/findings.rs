//! From violations to findings: one broken handler is one finding, a broken middleware is one finding.

use std::collections::{BTreeMap, BTreeSet};

use super::lab::Lab;
use super::swept::{Swept, Violation};
use crate::attack::Scope;
use crate::model::exchange::is_plain;
use crate::model::finding::{Confidence, Finding, Sink};
use crate::model::route::RouteId;

/// A finding to be, with further examples in case the first cannot be confirmed.
pub struct Candidate {
    /// The finding as its simplest example shows it.
    pub finding: Finding,
    /// Further examples, simplest first.
    pub examples: Vec<Violation>,
}

/// A middleware defect shows on at least so many routes.
const MANY: usize = 3;

/// Groups violations. What crosses by a handler's attack (or by none at all) on a route explains what crosses there by
/// attacks on the middleware, too; what is left of those and shows on many routes is one defect before all handlers.
pub fn group(lab: &Lab<'_>, swept: &Swept) -> Vec<Candidate> {
    let mut violations: Vec<&Violation> = swept.violations.iter().collect();
    violations.sort_by_key(|v| (cause_rank(v), v.rank));
    let explained: BTreeSet<(&RouteId, &str)> = violations
        .iter()
        .filter(|v| v.scope == Scope::Handler)
        .map(|v| (&v.route, v.evidence.oracle))
        .collect();
    // What went out as another route's own call is that route's defect, and stands there.
    let elsewhere = |v: &Violation| {
        let (purpose, index) = v.evidence.shown_by;
        let call = v.history.of(purpose).nth(index).map(|e| &e.call);
        call.is_some_and(|call| {
            let sent = RouteId(format!("{} {}", call.method, call.template));
            sent != v.route && explained.contains(&(&sent, v.evidence.oracle))
        })
    };
    // What went from the victim's sight because it was changed is what `write` tells already.
    let written: BTreeSet<(&RouteId, &str)> = violations
        .iter()
        .filter(|v| v.evidence.oracle == "write")
        .map(|v| (&v.route, v.attack))
        .collect();
    let told =
        |v: &Violation| v.evidence.oracle == "own-data" && written.contains(&(&v.route, v.attack));
    let (handler, middleware): (Vec<&Violation>, Vec<&Violation>) = violations
        .into_iter()
        .filter(|v| !elsewhere(v) && !told(v))
        .partition(|v| {
            v.scope == Scope::Handler || explained.contains(&(&v.route, v.evidence.oracle))
        });
    let mut candidates = everywhere(lab, swept, &middleware);
    let covered: BTreeSet<(RouteId, &str)> = candidates
        .iter()
        .flat_map(|c| c.examples.iter().map(|v| (v.route.clone(), v.attack)))
        .collect();
    let mut by_route: BTreeMap<(&RouteId, &str), Vec<&Violation>> = BTreeMap::new();
    let left = middleware
        .into_iter()
        .filter(|v| !covered.contains(&(v.route.clone(), v.attack)));
    for violation in handler.into_iter().chain(left) {
        by_route
            .entry((&violation.route, violation.evidence.oracle))
            .or_default()
            .push(violation);
    }
    for ((route, _), group) in by_route {
        candidates.push(candidate(lab, Sink::Route(route.clone()), &group));
    }
    candidates.sort_by_key(|c| (std::cmp::Reverse(c.finding.severity), c.finding.id.clone()));
    candidates
}

/// Legitimate calls first, then attacks on handlers, then on what stands before them.
fn cause_rank(violation: &Violation) -> u8 {
    match violation.scope {
        _ if is_plain(violation.attack) => 0,
        Scope::Handler => 1,
        Scope::Middleware => 2,
    }
}

/// Attacks that cross on many routes: the simplest names the finding and takes along what crosses where it does.
fn everywhere(lab: &Lab<'_>, swept: &Swept, violations: &[&Violation]) -> Vec<Candidate> {
    let mut left: Vec<&Violation> = violations.to_vec();
    let mut candidates = Vec::new();
    while let Some(attack) = left
        .iter()
        .map(|v| (v.rank, v.attack))
        .min()
        .map(|(_, a)| a)
    {
        let routes: BTreeSet<&RouteId> = left
            .iter()
            .filter(|v| v.attack == attack)
            .map(|v| &v.route)
            .collect();
        let tried = swept.tried.get(attack).map_or(0, BTreeSet::len);
        let many = routes.len() >= MANY || (routes.len() >= 2 && routes.len() * 2 >= tried);
        let (taken, rest): (Vec<&Violation>, Vec<&Violation>) = left
            .into_iter()
            .partition(|v| v.attack == attack || (many && routes.contains(&v.route)));
        left = rest;
        if many {
            candidates.push(candidate(lab, Sink::AllRoutes, &taken));
        }
    }
    candidates
}

fn candidate(lab: &Lab<'_>, sink: Sink, group: &[&Violation]) -> Candidate {
    let mut group: Vec<&Violation> = group.to_vec();
    group.sort_by_key(|v| (cause_rank(v), v.rank));
    let first = group[0];
    let attacks: BTreeSet<(usize, &str)> = group.iter().map(|v| (v.rank, v.attack)).collect();
    let routes: BTreeSet<RouteId> = group.iter().map(|v| v.route.clone()).collect();
    let severity = group
        .iter()
        .map(|v| v.evidence.severity)
        .max()
        .unwrap_or(first.evidence.severity);
    let carried = carried(first.scope, group.iter().map(|v| (v.attack, v.scope)));
    let also: Vec<String> = attacks
        .into_iter()
        .map(|(_, a)| a.to_owned())
        .filter(|a| a != first.attack)
        .collect();
    let finding = Finding {
        carried: also
            .iter()
            .filter(|a| carried.contains(a.as_str()))
            .cloned()
            .collect(),
        also,
        id: id(first.evidence.oracle, first.attack, &sink),
        attack: first.attack.to_owned(),
        sink,
        routes: routes.into_iter().collect(),
        beside: beside(first.evidence.oracle, &group),
        severity,
        confidence: Confidence::Suspected,
        proof: String::new(),
        rate: None,
        count: group.len(),
        first_seen: group.iter().map(|v| v.seen_after).min().unwrap_or_default(),
        evidence: first.evidence.clone(),
        history: first.history.clone(),
        requests: super::shown::requests(lab, &first.history, first.evidence.shown_by),
    };
    // The simplest example of each attack first: what one cannot show by cause another may.
    let mut seen = BTreeSet::new();
    let (first_of_each, more): (Vec<&Violation>, Vec<&Violation>) =
        group.into_iter().partition(|v| seen.insert(v.attack));
    Candidate {
        finding,
        examples: first_of_each.into_iter().chain(more).cloned().collect(),
    }
}

/// What other oracles saw: which, and on which routes.
fn beside(first: &str, group: &[&Violation]) -> Vec<(&'static str, Vec<RouteId>)> {
    let mut seen: BTreeMap<&'static str, BTreeSet<RouteId>> = BTreeMap::new();
    for violation in group.iter().filter(|v| v.evidence.oracle != first) {
        let routes = seen.entry(violation.evidence.oracle).or_default();
        routes.insert(violation.route.clone());
    }
    let each = |(oracle, routes): (_, BTreeSet<RouteId>)| (oracle, routes.into_iter().collect());
    seen.into_iter().map(each).collect()
}

/// The attacks that only carry along what crosses without them: a handler that is broken is so whatever header comes with
/// the call.
fn carried<'a>(first: Scope, group: impl Iterator<Item = (&'a str, Scope)>) -> BTreeSet<&'a str> {
    let before_it = |(_, scope): &(&str, Scope)| *scope == Scope::Middleware;
    group
        .filter(|of| first == Scope::Handler && before_it(of))
        .map(|(attack, _)| attack)
        .collect()
}

/// Oracle, attack and sink, in letters, digits and dashes: the same in every run.
pub fn id(oracle: &str, attack: &str, sink: &Sink) -> String {
    let sink = match sink {
        Sink::Route(route) => route.to_string(),
        Sink::AllRoutes => "all-routes".to_owned(),
    };
    let mut id = String::new();
    for c in format!("{oracle}-{attack}-{sink}").chars() {
        if c.is_ascii_alphanumeric() {
            id.push(c.to_ascii_lowercase());
        } else if !id.ends_with('-') {
            id.push('-');
        }
    }
    id.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_on_a_broken_handler_are_carried_and_on_a_broken_middleware_are_not() {
        let group = [
            ("id.path", Scope::Handler),
            ("header.tenant", Scope::Middleware),
            ("id.head", Scope::Handler),
        ];
        let of = |first| carried(first, group.into_iter());
        assert_eq!(of(Scope::Handler), BTreeSet::from(["header.tenant"]));
        assert!(of(Scope::Middleware).is_empty());
    }
}
