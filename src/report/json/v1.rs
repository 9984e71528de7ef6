//! JSON, version 1: own structs, so that a change of the nouns never changes the output unnoticed. Fields may be added
//! within a version; none is renamed, removed or given another meaning.

mod catalogue;
mod crossing;
mod discovery;
mod explored;
mod kill_table;
mod replayed;
mod snapshots;

use std::collections::BTreeMap;

use serde::Serialize;

pub use catalogue::{catalogue, page};
pub use discovery::discovery;
pub use kill_table::{kill_table, read_kill_table};
pub use replayed::replayed;
pub use snapshots::snapshots;

use crate::model::event;
use crate::model::exchange::Watch;
use crate::model::finding::{self, Confidence, Sink};
use crate::model::verdict;

use self::crossing::Crossing;
use super::super::gate::total;
use super::super::steps::steps;
use super::super::{View, curl, sentence, text};

/// The name of this format.
pub const SCHEMA: &str = "partywall/json/v1";

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    version: u8,
    partywall: &'static str,
    target: &'a str,
    seed: u64,
    world: &'a str,
    /// `none`, `exact`, `compared`.
    watch: &'static str,
    exit: Exit<'a>,
    cut_short: Option<String>,
    calls: usize,
    cases: Tally,
    findings: Vec<Finding>,
    advisories: &'a [String],
    warnings: &'a [String],
    baseline: Vec<Baseline<'a>>,
    attacks: Vec<Attack<'a>>,
    inconclusive: Vec<Reason>,
    inconclusive_by_route: Vec<RouteReasons<'a>>,
    unshown: Vec<Unshown<'a>>,
    /// `null` where nothing was explored.
    explored: Option<explored::Explored>,
    stages: Vec<Stage<'a>>,
}

#[derive(Serialize)]
struct Exit<'a> {
    code: u8,
    id: &'static str,
    meaning: &'static str,
    why: &'a str,
}

/// Why cases of one route showed nothing; `shown` is how many of its cases showed something.
#[derive(Serialize)]
struct RouteReasons<'a> {
    route: &'a str,
    shown: usize,
    reasons: Vec<Reason>,
}

/// A route on which not one case showed anything.
#[derive(Serialize)]
struct Unshown<'a> {
    route: &'a str,
    reason: String,
}

#[derive(Serialize)]
struct Tally {
    held: usize,
    violated: usize,
    inconclusive: usize,
}

#[derive(Serialize)]
struct Finding {
    id: String,
    /// `critical`, `high`, `medium`, `low`, `info`.
    severity: &'static str,
    /// `confirmed`, `suspected`.
    confidence: &'static str,
    summary: String,
    attack: String,
    variant: String,
    also: Vec<String>,
    /// Those of `also` that only carry along what crosses without them: attacks on what stands before the handler.
    carried: Vec<String>,
    oracle: &'static str,
    cwe: Option<u16>,
    owasp: Option<&'static str>,
    /// The route; `null` where it shows on all routes.
    route: Option<String>,
    routes: Vec<String>,
    /// What other oracles saw of the same defect, where it is before all handlers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    beside: Vec<Beside>,
    attacker: String,
    attacker_tenants: Vec<String>,
    victim: Option<String>,
    crossing: Crossing,
    proof: String,
    /// How often it crossed when its batch was replayed; `null` where it did not need company.
    rate: Option<Rate>,
    exchanges: usize,
    curl: Vec<String>,
    /// What people did in a browser, where that is what crossed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    browser: Vec<String>,
    replay: Option<String>,
}

/// What another oracle saw, and where.
#[derive(Serialize)]
struct Beside {
    oracle: &'static str,
    routes: Vec<String>,
}

/// In how many goes it showed.
#[derive(Serialize)]
struct Rate {
    showed: usize,
    goes: usize,
}

#[derive(Serialize)]
struct Baseline<'a> {
    route: &'a str,
    worked: usize,
    tried: usize,
    status: Option<u16>,
    reason: Option<&'a str>,
    bindings: &'a [String],
    canaries: bool,
}

#[derive(Serialize)]
struct Attack<'a> {
    id: &'a str,
    #[serde(flatten)]
    tally: Tally,
}

#[derive(Serialize)]
struct Reason {
    reason: String,
    cases: usize,
}

#[derive(Serialize)]
struct Stage<'a> {
    name: &'a str,
    milliseconds: u128,
}

/// The whole report.
pub fn report(view: &View<'_>) -> Result<String, serde_json::Error> {
    let report = view.report;
    to_text(&Report {
        schema: SCHEMA,
        version: 1,
        partywall: env!("CARGO_PKG_VERSION"),
        target: &report.target,
        seed: report.seed,
        world: &report.world,
        watch: match report.watch {
            Watch::None => "none",
            Watch::Exact => "exact",
            Watch::Compared => "compared",
        },
        exit: Exit {
            code: view.outcome.exit.code(),
            id: view.outcome.exit.id(),
            meaning: view.outcome.exit.meaning(),
            why: &view.outcome.why,
        },
        cut_short: report.cut_short.as_ref().map(ToString::to_string),
        calls: report.calls,
        cases: total(report).into(),
        findings: report.findings.iter().map(|f| finding(view, f)).collect(),
        advisories: &report.advisories,
        warnings: &report.warnings,
        baseline: routes(&report.baseline),
        attacks: report
            .attacks
            .iter()
            .map(|(id, tally)| Attack {
                id,
                tally: (*tally).into(),
            })
            .collect(),
        inconclusive: reasons(&report.inconclusive),
        inconclusive_by_route: report
            .inconclusive_by_route
            .iter()
            .map(|of| RouteReasons {
                route: &of.route.0,
                shown: of.shown,
                reasons: reasons(&of.reasons),
            })
            .collect(),
        explored: report.explored.as_ref().map(Into::into),
        unshown: report
            .unshown
            .iter()
            .map(|(route, reason)| Unshown {
                route: &route.0,
                reason: reason.to_string(),
            })
            .collect(),
        stages: report
            .stages
            .iter()
            .map(|(name, time)| Stage {
                name,
                milliseconds: time.as_millis(),
            })
            .collect(),
    })
}

fn reasons(all: &[(verdict::Reason, usize)]) -> Vec<Reason> {
    all.iter()
        .map(|(reason, cases)| Reason {
            reason: reason.to_string(),
            cases: *cases,
        })
        .collect()
}

fn to_text(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|text| text + "\n")
}

fn finding(view: &View<'_>, finding: &finding::Finding) -> Finding {
    let names = view.names();
    let oracle = finding.evidence.oracle;
    let class = (view.classify)(oracle);
    Finding {
        id: finding.id.clone(),
        severity: text::severity(finding.severity),
        confidence: match finding.confidence {
            Confidence::Confirmed => "confirmed",
            Confidence::Suspected => "suspected",
        },
        summary: sentence::headline(finding, &names),
        attack: finding.attack.clone(),
        variant: finding.history.variant.clone(),
        also: finding.also.clone(),
        carried: finding.carried.clone(),
        oracle,
        cwe: class.map(|class| class.cwe),
        owasp: class.map(|class| class.owasp),
        route: match &finding.sink {
            Sink::Route(route) => Some(route.to_string()),
            Sink::AllRoutes => None,
        },
        routes: finding.routes.iter().map(ToString::to_string).collect(),
        beside: finding
            .beside
            .iter()
            .map(|(oracle, routes)| Beside {
                oracle,
                routes: routes.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        attacker: finding.history.attacker.to_string(),
        attacker_tenants: finding
            .history
            .attacker_tenants
            .iter()
            .map(|key| names.tenant(key))
            .collect(),
        victim: finding
            .evidence
            .victim
            .as_ref()
            .map(|key| names.tenant(key)),
        crossing: Crossing::of(&finding.evidence.crossing, &names),
        proof: finding.proof.clone(),
        rate: finding.rate.map(|(showed, goes)| Rate { showed, goes }),
        exchanges: finding.count,
        curl: finding
            .requests
            .iter()
            .map(|request| curl::line(request, view.description))
            .collect(),
        browser: steps(&finding.history.browsed, &names),
        replay: view
            .replays
            .get(&finding.id)
            .map(|path| path.display().to_string()),
    }
}

fn routes(baseline: &[event::RouteBaseline]) -> Vec<Baseline<'_>> {
    baseline
        .iter()
        .map(|route| Baseline {
            route: &route.route.0,
            worked: route.worked.0,
            tried: route.worked.1,
            status: route.status,
            reason: route.reason.as_deref(),
            bindings: &route.bindings,
            canaries: route.canaries,
        })
        .collect()
}

/// A row by its table and key.
#[derive(Serialize)]
struct RowName {
    table: String,
    key: BTreeMap<String, String>,
}

impl From<event::Tally> for Tally {
    fn from(tally: event::Tally) -> Self {
        Self {
            held: tally.held,
            violated: tally.violated,
            inconclusive: tally.inconclusive,
        }
    }
}
