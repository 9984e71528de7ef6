//! What of an answer is looked at, and who counts as whom.

use bytes::Bytes;

use super::*;

const RANDOM: &str = "x7k2p9q4r8s3t6v1w5z0";
const OTHER: &str = "b1n4m7c2v5x8z3l6k9j0";

fn answered(kind: &str, body: &str) -> Response {
    Response {
        status: 200,
        headers: vec![("content-type".to_owned(), kind.to_owned())],
        body: Bytes::copy_from_slice(body.as_bytes()),
        trailers: Vec::new(),
        truncated: false,
    }
}

fn of(response: &Response) -> Vec<(String, String, bool)> {
    let drawn = drawn(response, &RouteId("GET /export".into())).into_iter();
    drawn.map(|d| (d.value, d.at, d.secret)).collect()
}

fn json(body: &str) -> Vec<String> {
    let found = of(&answered("application/json", body)).into_iter();
    found.map(|(value, ..)| value).collect()
}

#[test]
fn links_jobs_and_tokens_are_taken_up() {
    let body = format!(r#"{{"job":{{"id":"{RANDOM}"}},"link":"/download/{OTHER}?n=1"}}"#);
    assert_eq!(json(&body), [RANDOM, OTHER]);
    let mut redirect = answered("text/plain", "");
    redirect
        .headers
        .push(("location".to_owned(), format!("/jobs/{RANDOM}")));
    let seen = (RANDOM.to_owned(), "header location".to_owned(), false);
    assert_eq!(of(&redirect), [seen]);
    let token = of(&answered(
        "application/json",
        &format!(r#"{{"accessToken":"{RANDOM}"}}"#),
    ));
    assert!(token[0].2, "it lets its bearer in");
    let csv = answered(
        "text/csv",
        &format!("n,link\n1,https://files.test/{RANDOM}\n"),
    );
    assert_eq!(of(&csv)[0].1, "line 2, cell 2");
    let page = answered("text/html", &format!("<a href='/d/{RANDOM}'>get it</a>"));
    assert_eq!(of(&page)[0].0, RANDOM);
}

#[test]
fn words_dates_numbers_and_what_is_made_from_content_are_not() {
    for body in [
        r#"{"a":"a-long-name-of-an-article-that-nobody-would-ever-write-down-like-this"}"#
            .to_owned(),
        r#"{"a":"2024-01-31T12:00:00.123456Z","b":"20240131120000123456"}"#.to_owned(),
        r#"{"a":"00000000-0000-4000-8000-000000000001"}"#.to_owned(),
        format!(r#"{{"etag":"{RANDOM}","contentHash":"{RANDOM}","sha256":"{RANDOM}"}}"#),
        format!(r#"{{"buildId":"{RANDOM}","instance_id":"{RANDOM}","requestId":"{RANDOM}"}}"#),
        format!(r#"{{"next":{{"href":"/items?after={RANDOM}"}},"nextCursor":"{RANDOM}"}}"#),
        format!(r#"{{"script":"/static/main-{RANDOM}.js","face":"/{RANDOM}.png?s=2"}}"#),
        format!(r#"{{"csrfToken":"{RANDOM}"}}"#),
    ] {
        assert!(json(&body).is_empty(), "{body}");
    }
    let mut noisy = answered("text/plain", "");
    for name in ["etag", "x-request-id", "traceparent", "x-served-by"] {
        noisy.headers.push((name.to_owned(), RANDOM.to_owned()));
    }
    assert!(of(&noisy).is_empty());
}

#[test]
fn each_part_of_an_address_has_a_place_of_its_own() {
    let place = |text: &str| -> Vec<String> {
        let body = format!(r#"{{"link":"{text}"}}"#);
        let route = RouteId("GET /export".into());
        let drawn = drawn(&answered("application/json", &body), &route);
        drawn.into_iter().map(|d| d.place).collect()
    };
    let both = place(&format!("/{RANDOM}/{OTHER}"));
    assert_eq!(both.len(), 2);
    assert_ne!(both[0], both[1]);
    assert_eq!(
        place(&format!("/d/{RANDOM}")),
        place(&format!("/d/{OTHER}"))
    );
    assert_ne!(
        place(&format!("/d/{RANDOM}")),
        place(&format!("/s/{RANDOM}"))
    );
}

fn actor(standing: Standing, memberships: &[&str]) -> Actor {
    Actor {
        standing,
        memberships: memberships.iter().map(|&m| m.into()).collect(),
        ..Actor::anonymous(memberships.first().map(|&m| m.into()))
    }
}

#[test]
fn only_members_of_one_tenant_at_home_speak_for_it() {
    let member = actor(Standing::Member, &["1"]);
    let double = actor(Standing::Double, &["1", "2"]);
    let at = |actor: &Actor, tenant: &str| seer(actor, Some(&tenant.into()), false, false);
    assert_eq!(at(&member, "1"), Some(Seer::Member));
    assert_eq!(at(&member, "2"), Some(Seer::Several));
    assert_eq!(at(&double, "1"), Some(Seer::Several));
    assert_eq!(
        at(&actor(Standing::Anonymous, &[]), "1"),
        Some(Seer::Anybody)
    );
    assert_eq!(at(&actor(Standing::Ended, &[]), "1"), Some(Seer::Anybody));
    assert_eq!(at(&actor(Standing::Privileged, &["1"]), "1"), None);
    let home = Some(&"1".into());
    assert_eq!(
        seer(&member, home, true, false),
        Some(Seer::Anybody),
        "the control tenant"
    );
    assert_eq!(
        seer(&member, home, false, true),
        Some(Seer::Anybody),
        "an open route"
    );
}

#[test]
fn what_rows_hold_or_held_is_known() {
    let schema = crate::model::schema::Schema { tables: Vec::new() };
    let rows = Rows::empty(&schema);
    let mut stored = Stored::default();
    assert!(!stored.holds(RANDOM, &schema, &rows));
    let uuid = "3f2b8c1e-9d47-4a6b-8e05-7c1f2d9ab346";
    let image = |text: &str| -> Option<Row> { Some(vec![Some(text.into())]) };
    stored.absorb(&[Change {
        table: crate::model::schema::TableId(0),
        operation: crate::model::rows::Operation::Update,
        old: image(&format!("see {}", RANDOM.to_uppercase())),
        new: image(uuid),
        xid: 1,
        owners_before: crate::model::ownership::Owners::default(),
        owners_after: crate::model::ownership::Owners::default(),
    }]);
    assert!(stored.holds(RANDOM, &schema, &rows));
    assert!(stored.holds(&uuid.replace('-', ""), &schema, &rows));
    assert!(!stored.holds(OTHER, &schema, &rows));
}
