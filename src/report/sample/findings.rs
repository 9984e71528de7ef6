//! One finding of every kind.

use std::sync::Arc;

use crate::model::call::{Signature, TokenTampering};
use crate::model::exchange::Purpose;
use crate::model::finding::{Confidence, Finding, Sink};
use crate::model::observed::{Sighting, Source};
use crate::model::route::RouteId;
use crate::model::rows::Operation;
use crate::model::verdict::{Crossing, Evidence, Provenance, Severity};

use super::world::{call, history, owned_by, row, shown};

/// A confirmed finding of one crossing on one route.
pub fn finding(
    oracle: &'static str,
    severity: Severity,
    attack: &str,
    route: &str,
    crossing: Crossing,
) -> Finding {
    let route = RouteId(route.into());
    Finding {
        id: format!("{oracle}-{}", attack.replace('.', "-")),
        attack: attack.into(),
        also: Vec::new(),
        carried: Vec::new(),
        sink: Sink::Route(route.clone()),
        routes: vec![route.clone()],
        beside: Vec::new(),
        severity,
        confidence: Confidence::Confirmed,
        proof: "on fresh state the answer followed the foreign value when that was changed".into(),
        rate: None,
        count: 3,
        first_seen: 0,
        evidence: Evidence {
            oracle,
            crossing,
            victim: Some("2".into()),
            severity,
            shown_by: (Purpose::Attack, 0),
        },
        requests: vec![shown(&route)],
        history: history(attack, "path id", &route),
    }
}

pub(super) fn value(column: usize, value: &str) -> Provenance {
    Provenance {
        row: row(1, "42"),
        column,
        value: value.into(),
        owners: owned_by("2"),
    }
}

pub(super) fn leak() -> Finding {
    let crossing = Crossing::Leaked {
        values: vec![
            value(2, "zqpwk3v9x1m4t8b2n6c0"),
            value(3, "zqpw7d1f5h9j3l7p1r5t"),
        ],
        strong: true,
        at: "/items/0/title".into(),
    };
    let mut finding = finding(
        "leak",
        Severity::High,
        "id.path",
        "GET /api/tickets/{id}",
        crossing,
    );
    finding.also = vec![
        "id.head".into(),
        "header.tenant".into(),
        "header.user".into(),
        "host.unknown".into(),
    ];
    finding.carried = finding.also[1..].to_vec();
    finding
}

/// A value that stands in no row: a link, or the credential of a session.
pub fn observed(secret: bool) -> Finding {
    let route = "GET /api/export/{id}";
    let source = if secret {
        Source::LogIn("globex.admin".into())
    } else {
        Source::Call(Arc::new(call(
            "globex.admin",
            "GET",
            "/api/export/{id}",
            "9",
        )))
    };
    let seen = Sighting {
        value: "x7k2p9q4r8s3t6v1w5z0".into(),
        tenant: "2".into(),
        source,
        at: "/link".into(),
        place: "/link".into(),
        secret,
        lasting: false,
    };
    let crossing = Crossing::Observed {
        values: vec![seen],
        at: "/link".into(),
    };
    finding("leak", Severity::High, "header.tenant", route, crossing)
}

pub(super) fn write() -> Finding {
    let crossing = Crossing::Wrote {
        operation: Operation::Update,
        row: row(1, "42"),
        columns: vec!["title".into(), "price".into()],
        before: owned_by("2"),
        after: owned_by("2"),
    };
    finding(
        "write",
        Severity::Critical,
        "id.path",
        "PATCH /api/tickets/{id}",
        crossing,
    )
}

pub(super) fn middleware() -> Finding {
    let crossing = Crossing::Leaked {
        values: vec![value(2, "zqpwk3v9x1m4t8b2n6c0")],
        strong: true,
        at: "/title".into(),
    };
    let mut finding = finding(
        "leak",
        Severity::Critical,
        "token.alg-none",
        "GET /api/tickets/{id}",
        crossing,
    );
    finding.sink = Sink::AllRoutes;
    finding.routes.push(RouteId("GET /api/notes/{id}".into()));
    finding.beside = vec![("write", vec![RouteId("PATCH /api/notes/{id}".into())])];
    finding.count = 1204;
    finding.history.exchanges[2].1.call.tampering.token = Some(TokenTampering {
        claims: vec![("org".into(), Some("2".into()))],
        twice: None,
        signature: Signature::None("none".into()),
    });
    finding.requests[0].bent =
        Some("its token is forged with org = \"2\", `alg` says \"none\", signature empty".into());
    finding
}

pub(super) fn others() -> Vec<Finding> {
    let reference = Crossing::Referenced {
        from: row(2, "9"),
        column: "ticket_id".into(),
        to: row(1, "42"),
        owners: owned_by("2"),
        declared: true,
    };
    let existence = Crossing::Detected {
        difference: "403 for a foreign id, 404 for a missing one".into(),
        guessable: true,
    };
    let total = Crossing::Moved {
        at: "/total".into(),
        with: Some("118".into()),
        without: Some("117".into()),
        rows: vec![row(1, "42")],
        owners: owned_by("2"),
    };
    let mut moved = finding(
        "noninterference",
        Severity::Medium,
        "plain.without-others",
        "GET /api/tickets",
        total,
    );
    moved.history.away = vec![row(1, "42")];
    let blocked = Crossing::Blocked {
        sentence: "globex.admin could read GET /api/tickets/{id} (200) and gets 409 since".into(),
    };
    let contract = Crossing::Broke {
        promise: "header.* answers 403".into(),
        instead: "answered 200 to header.tenant".into(),
    };
    vec![
        finding(
            "reference",
            Severity::High,
            "assign.reference",
            "POST /api/notes/{id}",
            reference,
        ),
        finding(
            "existence",
            Severity::Medium,
            "id.delete",
            "DELETE /api/tickets/{id}",
            existence,
        ),
        moved,
        finding(
            "own-data",
            Severity::Medium,
            "bulk.upsert",
            "PUT /api/tickets/{id}",
            blocked,
        ),
        finding(
            "cache-header",
            Severity::Medium,
            "plain.call",
            "GET /api/tickets",
            Crossing::Cacheable {
                header: "Cache-Control: public, max-age=60".into(),
                value: value(2, "renew the certificate"),
                at: "/items/0/title".into(),
            },
        ),
        finding(
            "contract",
            Severity::Low,
            "header.tenant",
            "GET /api/tickets/{id}",
            contract,
        ),
    ]
}

pub(super) fn suspected() -> Finding {
    let crossing = Crossing::Leaked {
        values: vec![value(2, "open"), value(3, "12.50"), value(0, "42")],
        strong: false,
        at: "/rows/3".into(),
    };
    let mut finding = finding(
        "leak",
        Severity::High,
        "plain.list",
        "GET /api/export/{id}",
        crossing,
    );
    finding.id = "leak-plain-list-export".into();
    finding.confidence = Confidence::Suspected;
    finding.proof =
        "it did not cross when made alone, and reproduced in 0 of 5 replays of its batch".into();
    finding.rate = Some((0, 5));
    finding.count = 1;
    finding
}
