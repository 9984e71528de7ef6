//! A report made by hand, with one finding of every kind: what the tests of all renderers are run on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::model::call::{Body, Call, Signature, Tampering, TokenTampering};
use crate::model::discovery::{Discovery, Replayed};
use crate::model::event::{Report, RouteBaseline, RouteReasons, Tally};
use crate::model::exchange::{Exchange, Failure, History, Purpose, Response, Watch};
use crate::model::finding::{Confidence, Finding, Sink};
use crate::model::observed::{Sighting, Source};
use crate::model::ownership::{Membership, Owners, Ownership, Rule};
use crate::model::replay::Replay;
use crate::model::route::{Place, RouteId};
use crate::model::rows::{Operation, RowRef};
use crate::model::schema::{Column, ForeignKey, Kind, Schema, Table, TableId};
use crate::model::secret::Secrets;
use crate::model::shown::{HeaderValue, Shown};
use crate::model::tenant::{Actor, Standing, Tenant};
use crate::model::verdict::{Crossing, Evidence, Provenance, Severity, Verdict};

use super::Class;

fn column(name: &str, kind: Kind) -> Column {
    Column {
        name: name.into(),
        type_name: "text".into(),
        kind,
        not_null: true,
        default: None,
        numbered: false,
        identity_always: false,
        generated: false,
        max_length: None,
    }
}

fn table(id: usize, name: &str, columns: &[&str], key: &[usize]) -> Table {
    Table {
        id: TableId(id),
        oid: 100,
        schema: "public".into(),
        name: name.into(),
        columns: columns
            .iter()
            .map(|name| column(name, Kind::Text))
            .collect(),
        primary_key: key.to_vec(),
        uniques: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        unlogged: false,
    }
}

/// Four tables: tenants, tickets, their notes (by foreign key alone), and a log without a key.
pub fn schema() -> Schema {
    let mut notes = table(2, "note", &["id", "ticket_id", "body"], &[0]);
    notes.foreign_keys.push(ForeignKey {
        name: "note_ticket".into(),
        columns: vec![1],
        table: TableId(1),
        references: vec![0],
        deferrable: false,
    });
    Schema {
        tables: vec![
            table(0, "org", &["id", "slug"], &[0]),
            table(1, "ticket", &["id", "org_id", "title", "price"], &[0]),
            notes,
            table(3, "log", &["org_id", "line"], &[]),
        ],
    }
}

/// Two tenants and a control tenant.
pub fn tenants() -> Vec<Tenant> {
    [
        ("1", "acme", false),
        ("2", "globex", false),
        ("3", "empty", true),
    ]
    .map(|(key, slug, control)| Tenant {
        key: key.into(),
        slug: slug.into(),
        label: slug.into(),
        control,
    })
    .to_vec()
}

fn row(table: usize, key: &str) -> RowRef {
    RowRef {
        table: TableId(table),
        key: vec![Some(key.into())],
    }
}

fn owned_by(key: &str) -> Owners {
    Owners([key.into()].into())
}

fn call(actor: &str, method: &str, template: &str, id: &str) -> Call {
    Call {
        route: RouteId(format!("{method} {template}")),
        method: method.into(),
        template: template.into(),
        actor: actor.into(),
        tenant: Some(
            if actor.starts_with("globex") {
                "2"
            } else {
                "1"
            }
            .into(),
        ),
        path: [("id".to_owned(), id.to_owned())].into(),
        query: Vec::new(),
        headers: Vec::new(),
        body: (method != "GET").then(|| Body::Json(serde_json::json!({"title": "it's mine"}))),
        tampering: Tampering::default(),
    }
}

fn exchange(call: Call, status: u16) -> Exchange {
    Exchange {
        call,
        outcome: if status == 0 {
            Err(Failure::Timeout(Duration::from_secs(10)))
        } else {
            Ok(Response {
                status,
                headers: Vec::new(),
                body: Bytes::from_static(b"{}"),
                trailers: Vec::new(),
                truncated: false,
            })
        },
        elapsed: Duration::from_millis(3),
        changes: Vec::new(),
        watch: Watch::Exact,
    }
}

/// Owner's control, own control, attack.
pub fn history(attack: &str, variant: &str, route: &RouteId) -> History {
    let (method, template) = route.0.split_once(' ').unwrap_or(("GET", "/"));
    History {
        attack: attack.into(),
        variant: variant.into(),
        attacker: "acme.admin".into(),
        attacker_tenants: vec!["1".into()],
        victim: Some("2".into()),
        slots: vec![crate::model::call::SlotRef {
            place: Place::Path,
            name: "id".into(),
        }],
        reached: vec![row(1, "42")],
        away: Vec::new(),
        company: Arc::default(),
        exchanges: vec![
            (
                Purpose::OwnerControl,
                exchange(call("globex.admin", method, template, "42"), 200),
            ),
            (
                Purpose::OwnControl,
                exchange(call("acme.admin", method, template, "7"), 200),
            ),
            (
                Purpose::Attack,
                exchange(call("acme.admin", method, template, "42"), 200),
            ),
        ],
    }
}

/// The attack as it may be shown.
pub fn shown(route: &RouteId) -> Shown {
    let (method, template) = route.0.split_once(' ').unwrap_or(("GET", "/"));
    let mut headers = vec![
        (
            "Host".to_owned(),
            HeaderValue::Plain("acme.localhost:43210".into()),
        ),
        (
            "Authorization".to_owned(),
            HeaderValue::Credential("Bearer ".into()),
        ),
    ];
    if method != "GET" {
        headers.push((
            "Content-Type".into(),
            HeaderValue::Plain("application/json".into()),
        ));
    }
    Shown {
        actor: "acme.admin".into(),
        method: method.into(),
        url: format!("http://127.0.0.1:43210{}", template.replace("{id}", "42")),
        headers,
        body: (method != "GET").then(|| Ok("{\"title\":\"it's mine\"}".to_owned())),
        bent: None,
    }
}

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
        severity,
        confidence: Confidence::Confirmed,
        proof: "on fresh state the answer followed the foreign value when that was changed".into(),
        rate: None,
        count: 3,
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

fn value(column: usize, value: &str) -> Provenance {
    Provenance {
        row: row(1, "42"),
        column,
        value: value.into(),
        owners: owned_by("2"),
    }
}

fn leak() -> Finding {
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

fn write() -> Finding {
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

fn middleware() -> Finding {
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

fn others() -> Vec<Finding> {
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
            "contract",
            Severity::Low,
            "header.tenant",
            "GET /api/tickets/{id}",
            contract,
        ),
    ]
}

fn suspected() -> Finding {
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
            ("no row to try it with".into(), 2),
            ("the attacker's same call on its own rows did not work".into(), 30),
        ],
        inconclusive_by_route: vec![RouteReasons {
            route: RouteId("GET /api/stats".into()),
            shown: 0,
            reasons: vec![("the owner's own call did not work".into(), 4)],
        }],
        unshown: vec![(
            RouteId("GET /api/stats".into()),
            "the owner's own call did not work".into(),
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

/// What was found out about the sample's target.
pub fn discovery() -> Discovery {
    let columns = |columns: &[usize]| Rule::Columns {
        columns: columns.to_vec(),
    };
    let mut admin = Actor::anonymous(Some("1".into()));
    admin.id = "acme.admin".into();
    admin.standing = Standing::Member;
    admin.role = Some("admin".into());
    admin.memberships = vec!["1".into()];
    admin
        .fields
        .insert("password".into(), "correct horse battery staple".into());
    Discovery {
        target: "helpdesk".into(),
        world: report().world,
        addressing: "by host: http://{slug}.localhost:{port} (declared)".into(),
        schema: schema(),
        ownership: Ownership {
            tenants: TableId(0),
            key: 0,
            slug: Some(1),
            users: None,
            membership: None::<Membership>,
            rules: vec![
                Rule::Tenant { key: 0 },
                columns(&[1]),
                Rule::Parents {
                    foreign_keys: vec![0],
                },
                columns(&[0]),
            ],
            reasons: vec![
                "the tenant table: its name says so, and 2 tables point to it".into(),
                "org_id points to org".into(),
                "no column of its own; ticket_id leads to ticket".into(),
                "org_id holds keys of org in every row".into(),
            ],
        },
        rows: vec![3, 24, 1024, 0],
        tenants: tenants(),
        actors: vec![admin, Actor::anonymous(Some("1".into()))],
        routes: baseline(),
        assumptions: vec!["anybody may see the answers of GET /healthz".into()],
        warnings: vec!["table log could not be filled: it has no key".into()],
        secrets: report().secrets,
    }
}

/// A replay of the sample's first finding, which shows again.
pub fn replayed() -> Replayed {
    let report = report();
    let finding = report.findings[0].clone();
    let mut history = finding.history.clone();
    history.exchanges[2].1.outcome = Err(Failure::Refused);
    Replayed {
        replay: Replay::of(
            &finding,
            &report,
            Path::new("partywall.toml"),
            "acme.admin read a title".into(),
        ),
        verdict: Verdict::Violated(finding.evidence),
        rate: (2, 3),
        history,
        schema: schema(),
        tenants: tenants(),
        world: report.world,
        secrets: report.secrets,
    }
}
