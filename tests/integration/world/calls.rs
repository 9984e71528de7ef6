//! Every attempt of every attack, on a few routes: what the socket receives is what was rendered, byte for byte.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use partywall::attack::{ATTACKS, Facts, Ground, Slot};
use partywall::model::call::{Body, Call, SlotRef, Tampering, Wire};
use partywall::model::route::{BodySchema, Encoding, Parameter, Place, Route};
use partywall::model::rows::RowRef;
use partywall::model::schema::{ColumnRef, TableId};
use partywall::model::tenant::{Actor, Standing, Tenant};
use partywall::target::description::{Description, Limits};
use partywall::target::forge::Signing;
use partywall::target::{Addressing, Session, Target, Values};
use partywall::world::Client;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A token with a tenant claim; nobody checks its signature here.
const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwidGVuYW50SWQiOiJvd24iLCJyb2xlIjoic3RhZmYiLCJleHAiOjQxMDI0NDQ4MDB9.c2lnbmF0dXJl";

fn tenant(name: &str) -> Tenant {
    Tenant {
        key: name.into(),
        slug: format!("{name}slug"),
        name: name.to_owned(),
        label: name.to_owned(),
        control: false,
    }
}

fn actor(tenant: &str) -> Actor {
    Actor {
        id: format!("{tenant}.admin").as_str().into(),
        standing: Standing::Member,
        tenant: Some(tenant.into()),
        role: Some("admin".into()),
        memberships: vec![tenant.into()],
        fields: [("id".to_owned(), format!("{tenant}-user"))].into(),
    }
}

/// A route as called by either side, with slots at these places.
struct Case {
    route: Route,
    calls: [Call; 2],
    slots: Vec<Slot>,
}

fn case(
    method: &str,
    template: &str,
    body: Option<&serde_json::Value>,
    at: &[(Place, &str)],
) -> Case {
    let mut route = Route::new(method, template);
    route.parameters.push(Parameter {
        name: "q".to_owned(),
        place: Place::Query,
        required: false,
        listed: false,
        schema: json!({"type": "string"}),
        example: None,
        quoted: Vec::new(),
    });
    route.body = body.cloned().map(|example| BodySchema {
        encoding: Encoding::Json,
        schema: json!({"properties": {"ids": {"type": "array", "items": {"type": "string"}}}}),
        examples: vec![example],
        required: true,
    });
    let slots: Vec<Slot> = at.iter().map(|&(place, name)| slot(place, name)).collect();
    let call = |tenant: &str, own: bool| {
        let bare = Call {
            route: route.id.clone(),
            method: method.to_owned(),
            template: template.to_owned(),
            actor: actor(tenant).id,
            tenant: Some(tenant.into()),
            path: [].into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: body.cloned().map(Body::Json),
            tampering: Tampering::default(),
        };
        slots.iter().fold(bare, |call, slot| {
            let values = if own { &slot.own } else { &slot.foreign };
            call.with_slot(&slot.at, &values[0].0)
        })
    };
    Case {
        calls: [call("own", true), call("victim", false)],
        route,
        slots,
    }
}

fn slot(place: Place, name: &str) -> Slot {
    let value = |whose: &str| {
        let value = format!("{whose}-{}", name.trim_start_matches('/'));
        let key = vec![Some(value.as_str().into())];
        let table = TableId(0);
        (value, RowRef { table, key })
    };
    Slot {
        at: SlotRef {
            place,
            name: name.to_owned(),
        },
        column: ColumnRef {
            table: TableId(0),
            column: 0,
        },
        is_tenant: false,
        own: vec![value("own"), value("own2")],
        foreign: vec![value("foreign"), value("foreign2")],
        missing: vec!["missing".to_owned()],
    }
}

fn cases() -> Vec<Case> {
    let id = (Place::Path, "id");
    vec![
        case("GET", "/items", None, &[]),
        case("GET", "/items/{id}", None, &[id]),
        case("DELETE", "/items/{id}", None, &[id]),
        case(
            "PATCH",
            "/items/{id}",
            Some(&json!({"name": "é \"x\""})),
            &[id],
        ),
        case(
            "POST",
            "/items",
            Some(&json!({"parentId": "", "ids": []})),
            &[(Place::Body, "/parentId")],
        ),
        case(
            "POST",
            "/items/bulk",
            Some(&json!({"ids": [""], "status": "open"})),
            &[(Place::Body, "/ids/0")],
        ),
    ]
}

fn facts() -> Facts {
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
    Facts {
        tenant_names: names(&[
            "tenantId",
            "tenant_id",
            "tenant-id",
            "tenant",
            "orgId",
            "workspace",
        ]),
        user_names: names(&["userId", "user_id"]),
        tenant_in_host: true,
        host_template: Some("{slug}.localhost".to_owned()),
        token_claims: names(&["sub", "tenantId", "role", "exp"]),
        tenant_claim: Some(("tenantId".to_owned(), false)),
        can_sign: true,
        writable_names: names(&["name", "status", "ownerId"]),
        ..Facts::default()
    }
}

/// Attack id, variant and wire form of every attempt and its companions.
fn attempts(target: &Target, session: &Session) -> Vec<(String, Wire)> {
    let (own, victim) = (actor("own"), actor("victim"));
    let (own_tenant, victim_tenant) = (tenant("own"), tenant("victim"));
    let facts = facts();
    let mut wires = Vec::new();
    for case in cases() {
        let ground = Ground {
            route: &case.route,
            attacker: &own,
            own: &own_tenant,
            victim: &victim_tenant,
            own_call: &case.calls[0],
            victim_call: &case.calls[1],
            slots: &case.slots,
            victim_actor: Some(&victim),
            key: None,
            references: &[],
            leaving: &[],
            ending: None,
            deleting: None,
            facts: &facts,
        };
        for attack in ATTACKS {
            for attempt in attack.attempts(&ground) {
                let about = format!("{} {} on {}", attack.id(), attempt.variant, case.route.id);
                let calls = std::iter::once(&attempt.call)
                    .chain(attempt.control.as_ref())
                    .chain(&attempt.missing);
                for call in calls {
                    let wire = target
                        .render(call, Some(session))
                        .unwrap_or_else(|e| panic!("{about}: {e}"));
                    wires.push((about.clone(), wire));
                }
            }
        }
    }
    wires
}

/// Answers every request on a connection, and keeps the bytes of each.
async fn record(mut stream: TcpStream, kept: Arc<Mutex<Vec<Vec<u8>>>>) {
    let mut buffer = Vec::new();
    loop {
        if let Some(length) = complete(&buffer) {
            let request = buffer.drain(..length).collect();
            kept.lock().unwrap().push(request);
            let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
            stream.write_all(answer).await.unwrap();
        } else if stream.read_buf(&mut buffer).await.unwrap_or_default() == 0 {
            assert!(buffer.is_empty(), "{}", String::from_utf8_lossy(&buffer));
            return;
        }
    }
}

/// The length of the request at the beginning, once it is complete.
fn complete(buffer: &[u8]) -> Option<usize> {
    let end = buffer.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
    let length = head
        .lines()
        .filter_map(|l| l.strip_prefix("content-length:"))
        .map(|v| v.trim().parse::<usize>().unwrap())
        .next()
        .unwrap_or_default();
    (buffer.len() >= end + length).then_some(end + length)
}

/// A request put together by the book: nothing left out, nothing added.
fn by_the_book(wire: &Wire) -> Vec<u8> {
    let mut lines = vec![format!("{} {} HTTP/1.1", wire.method, wire.target)];
    lines.extend(wire.headers.iter().map(|(n, v)| format!("{n}: {v}")));
    let mut bytes = format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes();
    bytes.extend_from_slice(&wire.body);
    bytes
}

#[tokio::test]
async fn a_socket_receives_each_attempt_as_it_was_rendered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let kept = Arc::<Mutex<Vec<Vec<u8>>>>::default();
    let keeper = Arc::clone(&kept);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(record(stream, Arc::clone(&keeper)));
        }
    });
    let addressing = Addressing::Host {
        template: "http://{slug}.localhost:{port}".to_owned(),
    };
    let base = format!("http://127.0.0.1:{port}");
    let target = Target::new(
        Description::default(),
        &base,
        port,
        addressing,
        vec![tenant("own"), tenant("victim")],
        Values::new().with("port", port.to_string()),
    );
    let session = Session {
        bearer: Some(TOKEN.to_owned()),
        signing: Some(Signing {
            secret: Some("secret".to_owned()),
            public_key: None,
        }),
        tenant: Some("own".into()),
        ..Session::default()
    };
    let client = Client::new(&Limits::default(), &[]).unwrap();
    let all = attempts(&target, &session);
    let tried: BTreeSet<&str> = all
        .iter()
        .map(|(about, _)| about.split(' ').next().unwrap())
        .collect();
    assert!(
        all.len() > 300 && tried.len() > 15,
        "{} attempts of {tried:?}",
        all.len()
    );
    for (about, wire) in &all {
        kept.lock().unwrap().clear();
        let outcome = client.send(wire).await.outcome;
        assert_eq!(outcome.map(|r| r.status), Ok(204), "{about}");
        let received = kept.lock().unwrap().clone();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let [received] = &received[..] else {
            panic!("{about}: received {} requests", received.len());
        };
        assert_eq!(text(received), text(&by_the_book(wire)), "{about}");
    }
}
