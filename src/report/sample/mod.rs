//! A report made by hand, with one finding of every kind: what the tests of all renderers are run on.

mod discovery;
mod findings;
mod world;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::event::{Report, RouteBaseline, RouteReasons, Tally};
use crate::model::exchange::Watch;
use crate::model::explored::{Explored, Round};
use crate::model::route::RouteId;
use crate::model::secret::Secrets;
use crate::model::verdict::Reason;
use crate::report::Class;

pub use discovery::{discovery, replayed};
pub use findings::observed;

use findings::{leak, middleware, others, suspected, write};
use world::{schema, tenants};

fn baseline() -> Vec<RouteBaseline> {
    let route = |id: &str, worked, status, reason: Option<&str>, bindings: &[&str]| RouteBaseline {
        route: RouteId(id.into()),
        worked,
        status,
        reason: reason.map(str::to_owned),
        left_out: reason.is_some_and(|r| r.starts_with("left out")),
        bindings: bindings.iter().map(|&b| b.to_owned()).collect(),
        canaries: reason.is_none(),
    };
    vec![
        route(
            "GET /api/tickets/{id}",
            (6, 6),
            None,
            None,
            &["id = ticket.id"],
        ),
        route(
            "PATCH /api/tickets/{id}",
            (4, 6),
            None,
            None,
            &["id = ticket.id"],
        ),
        route(
            "POST /api/import",
            (0, 6),
            Some(415),
            Some(
                "no body was accepted: the document gives no example, and a generated one was refused",
            ),
            &[],
        ),
        route(
            "POST /api/stop",
            (0, 0),
            None,
            Some("left out by routes.skip"),
            &[],
        ),
    ]
}

/// The report.
pub fn report() -> Report {
    let tally = |held, violated, inconclusive| Tally {
        held,
        violated,
        inconclusive,
    };
    let mut secrets = Secrets::default();
    secrets.insert("correct horse battery staple");
    let mut findings = vec![middleware(), write(), leak()];
    findings.extend(others());
    findings.push(suspected());
    Report {
        target: "helpdesk".into(),
        seed: 7,
        findings,
        advisories: vec!["GET /api/tickets/{id} answers own rows without Cache-Control".into()],
        baseline: baseline(),
        attacks: vec![
            ("plain.list".into(), tally(120, 1, 0)),
            ("id.path".into(), tally(1500, 12, 30)),
            ("id.delete".into(), tally(80, 2, 0)),
            ("token.alg-none".into(), tally(0, 40, 2)),
        ],
        inconclusive: vec![
            (Reason::RowGone, 2),
            (Reason::OwnControlFailed, 30),
        ],
        inconclusive_by_route: vec![RouteReasons {
            route: RouteId("GET /api/stats".into()),
            shown: 0,
            reasons: vec![(Reason::OwnerControlFailed, 4)],
        }],
        unshown: vec![(
            RouteId("GET /api/stats".into()),
            Reason::OwnerControlFailed,
        )],
        warnings: vec!["table audit could not be filled: check constraint audit_hash refuses every generated value".into()],
        world: "PostgreSQL 15.18 (local binaries in /usr/bin); target process; rows streamed".into(),
        watch: Watch::Exact,
        calls: 5321,
        stages: vec![
            ("world".into(), Duration::from_millis(2300)),
            ("sweep".into(), Duration::from_secs(80)),
        ],
        cut_short: None,
        explored: Some(explored()),
        schema: schema(),
        tenants: tenants(),
        secrets,
    }
}

/// The classes that the sample's oracles have.
#[allow(clippy::match_same_arms, reason = "a table: one row an oracle")]
pub fn classify(oracle: &str) -> Option<Class> {
    match oracle {
        "leak" => Some(Class {
            cwe: 639,
            owasp: "API1:2023",
        }),
        "write" => Some(Class {
            cwe: 639,
            owasp: "API1:2023",
        }),
        _ => None,
    }
}

/// A replay file for every finding.
pub fn replays(report: &Report) -> BTreeMap<String, PathBuf> {
    report
        .findings
        .iter()
        .map(|f| {
            (
                f.id.clone(),
                PathBuf::from(format!(".partywall/replays/{}.json", f.id)),
            )
        })
        .collect()
}

/// Two rounds of explore.
fn explored() -> Explored {
    let round = |sequences, steps, new| Round {
        sequences,
        steps,
        new,
        weights: vec![(RouteId("GET /items".into()), 0.25)],
    };
    Explored {
        rounds: vec![round(50, 312, 120), round(50, 298, 7)],
        routes: 11,
        kinds: 127,
    }
}
