//! From what crossed in a browser to findings: what several attacks show at the same places is one.

use std::collections::{BTreeMap, BTreeSet};

use super::confirm::confirm;
use super::devices::Devices;
use super::judged::place;
use crate::engine::error::RunError;
use crate::engine::findings::id;
use crate::engine::lab::Lab;
use crate::model::browsing::Script;
use crate::model::event::Event;
use crate::model::exchange::History;
use crate::model::finding::{Confidence, Finding, Sink};
use crate::model::route::RouteId;
use crate::model::verdict::Evidence;

/// At so many pages and more it is no page's own defect.
const MANY: usize = 3;

/// How many sights of one finding are tried before it stays suspected.
const EXAMPLES: usize = 3;

/// Something that crossed.
#[derive(Clone)]
pub struct Seen {
    /// The attack's place in the registry; beyond it for sequences.
    pub rank: usize,
    /// What was done.
    pub script: Script,
    /// What crossed.
    pub evidence: Evidence,
    /// What was seen.
    pub history: History,
}

/// Confirmed and suspected findings.
pub async fn findings(
    lab: &mut Lab<'_>,
    devices: &mut Devices,
    mut seen: Vec<Seen>,
) -> Result<Vec<Finding>, RunError> {
    seen.sort_by_key(|s| s.rank);
    let mut all = Vec::new();
    for group in grouped(seen) {
        let finding = one(lab, devices, &group).await?;
        lab.tell(&Event::Found(Box::new(finding.clone())));
        all.push(finding);
    }
    Ok(all)
}

/// What belongs together: the first attack at a place takes along what later ones show there.
fn grouped(seen: Vec<Seen>) -> Vec<Vec<Seen>> {
    let mut groups: BTreeMap<(usize, &'static str, bool), Vec<Seen>> = BTreeMap::new();
    let mut first: BTreeMap<(String, &'static str), (usize, &'static str, bool)> = BTreeMap::new();
    for one in seen {
        let place = place(&one.history);
        let kept = place.ends_with("#kept");
        let own = (one.rank, one.evidence.oracle, kept);
        let key = *first.entry((place, one.evidence.oracle)).or_insert(own);
        groups.entry(key).or_default().push(one);
    }
    groups.into_values().collect()
}

/// Confirms a group by its first examples, or says why it stays suspected.
async fn one(
    lab: &mut Lab<'_>,
    devices: &mut Devices,
    group: &[Seen],
) -> Result<Finding, RunError> {
    let mut finding = unconfirmed(group);
    for example in group.iter().take(EXAMPLES) {
        if lab.stop.is_cancelled() {
            "stopped before it could be confirmed".clone_into(&mut finding.proof);
            return Ok(finding);
        }
        let seen = (example.evidence.clone(), example.history.clone());
        let confirmed = match confirm(lab, devices, &example.script, &seen).await {
            Err(RunError::Browser(error)) => Some(Err(format!("the browser broke off: {error}"))),
            other => other?,
        };
        match confirmed {
            Some(Ok((proof, evidence, history))) => {
                finding.confidence = Confidence::Confirmed;
                finding.proof = proof;
                finding.evidence = evidence;
                finding.history = history;
                return Ok(finding);
            }
            Some(Err(why)) => finding.proof = why,
            None => {}
        }
    }
    Ok(finding)
}

fn unconfirmed(group: &[Seen]) -> Finding {
    let first = &group[0];
    let routes: BTreeSet<RouteId> = group.iter().map(|s| RouteId(place(&s.history))).collect();
    let sink = match routes.first() {
        Some(route) if routes.len() < MANY => Sink::Route(route.clone()),
        _ => Sink::AllRoutes,
    };
    let attack = first.history.attack.clone();
    let kept = place(&first.history).ends_with("#kept");
    let others: BTreeSet<&String> = group.iter().map(|s| &s.history.attack).collect();
    let severity = group.iter().map(|s| s.evidence.severity).max();
    Finding {
        id: format!(
            "{}{}",
            id(first.evidence.oracle, &attack, &sink),
            if kept && sink == Sink::AllRoutes {
                "-kept"
            } else {
                ""
            }
        ),
        also: others
            .into_iter()
            .filter(|a| **a != attack)
            .cloned()
            .collect(),
        carried: Vec::new(),
        sink,
        routes: routes.into_iter().collect(),
        beside: Vec::new(),
        severity: severity.unwrap_or(first.evidence.severity),
        confidence: Confidence::Suspected,
        proof: "it did not show again on fresh state".to_owned(),
        rate: None,
        count: group.len(),
        first_seen: 0,
        evidence: first.evidence.clone(),
        history: first.history.clone(),
        requests: Vec::new(),
        attack,
    }
}
