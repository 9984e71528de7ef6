//! The tables, tenants, calls and exchanges of the sample.

use std::time::Duration;

use bytes::Bytes;

use crate::model::call::{Body, Call, Tampering};
use crate::model::exchange::{Exchange, Failure, History, Purpose, Response, Watch};
use crate::model::ownership::Owners;
use crate::model::route::{Place, RouteId};
use crate::model::rows::RowRef;
use crate::model::schema::{Column, ForeignKey, Kind, Schema, Table, TableId};
use crate::model::shown::{HeaderValue, Shown};
use crate::model::tenant::Tenant;

pub(super) fn column(name: &str, kind: Kind) -> Column {
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

pub(super) fn table(id: usize, name: &str, columns: &[&str], key: &[usize]) -> Table {
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
        name: slug.into(),
        label: slug.into(),
        control,
    })
    .to_vec()
}

pub(super) fn row(table: usize, key: &str) -> RowRef {
    RowRef {
        table: TableId(table),
        key: vec![Some(key.into())],
    }
}

pub(super) fn owned_by(key: &str) -> Owners {
    Owners([key.into()].into())
}

pub(super) fn call(actor: &str, method: &str, template: &str, id: &str) -> Call {
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

pub(super) fn exchange(call: Call, status: u16) -> Exchange {
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
        logged: None,
        watch: Watch::Exact,
    }
}

/// Owner's control, own control, attack.
pub fn history(attack: &str, variant: &str, route: &RouteId) -> History {
    let (method, template) = route.0.split_once(' ').unwrap_or(("GET", "/"));
    History {
        attacker_tenants: vec!["1".into()],
        victim: Some("2".into()),
        slots: vec![crate::model::call::SlotRef {
            place: Place::Path,
            name: "id".into(),
        }],
        reached: vec![row(1, "42")],
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
        ..History::new(attack, variant, &"acme.admin".into())
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
