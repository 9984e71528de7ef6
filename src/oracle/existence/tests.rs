//! What `existence` must find, and what it must not.

use super::*;
use crate::model::call::Call;
use crate::oracle::testing::{ACME, BOLT, World, attack, call, exchange, history};

/// Two foreign and two missing ids with their answers: status and body, `{}` in the body stands for the id.
fn case(ids: [&str; 4], foreign: (u16, &str), missing: (u16, &str)) -> History {
    let asked = |id: &str, (status, body): (u16, &str)| attack(id, status, &body.replace("{}", id));
    history("id.path")
        .with(Purpose::Attack, asked(ids[0], foreign))
        .with(Purpose::Attack, asked(ids[1], foreign))
        .with(Purpose::Missing, asked(ids[2], missing))
        .with(Purpose::Missing, asked(ids[3], missing))
}

const NUMBERS: [&str; 4] = ["17", "18", "9017", "9018"];
const NONE: &str = r#"{"error":"task {} not found"}"#;
const FORBIDDEN: &str = r#"{"error":"task {} is not yours"}"#;

fn judge(history: &History) -> Vec<(String, Severity)> {
    let found = Existence.judge(history, &World::new().knowledge).unwrap();
    found
        .into_iter()
        .map(|e| match e.crossing {
            Crossing::Detected { difference, .. } => (difference, e.severity),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_status_tells() {
    let found = judge(&case(NUMBERS, (403, NONE), (404, NONE)));
    let expected = "403 for a foreign id, 404 for a missing one";
    assert_eq!(found, [(expected.to_owned(), Severity::Medium)]);
}

#[test]
fn text_keys_and_headers_tell() {
    let text = judge(&case(NUMBERS, (404, FORBIDDEN), (404, NONE)));
    assert!(text[0].0.contains("is not yours"), "{text:?}");
    let keys = judge(&case(
        NUMBERS,
        (404, r#"{"error":"no","owner":null}"#),
        (404, r#"{"error":"no"}"#),
    ));
    assert!(keys[0].0.contains("keys"), "{keys:?}");
    let mut headers = case(NUMBERS, (404, NONE), (404, NONE));
    for (purpose, exchange) in &mut headers.exchanges {
        if *purpose == Purpose::Attack {
            let response = exchange.outcome.as_mut().unwrap();
            response
                .headers
                .push(("last-modified".into(), "then".into()));
        }
    }
    let headers = judge(&headers);
    assert_eq!(
        headers[0].0,
        "the header last-modified comes only for a foreign id"
    );
}

#[test]
fn the_same_refusal_with_echoed_ids_is_none() {
    assert!(judge(&case(NUMBERS, (404, NONE), (404, NONE))).is_empty());
    let uuids = [
        "7f3a9c52-1b44-4e0d-9a6e-000000000001",
        "7f3a9c52-1b44-4e0d-9a6e-000000000002",
        "deadbeef-1b44-4e0d-9a6e-000000000001",
        "deadbeef-1b44-4e0d-9a6e-000000000002",
    ];
    assert!(judge(&case(uuids, (404, NONE), (404, NONE))).is_empty());
    let words = ["alpha", "bravo-two", "x-ray", "z"];
    assert!(judge(&case(words, (404, NONE), (404, NONE))).is_empty());
}

#[test]
fn what_varies_by_itself_is_none() {
    let mut history = case(NUMBERS, (404, NONE), (404, NONE));
    let mut words = ["quartz", "feldspar", "mica", "slate"].iter();
    for (_, exchange) in &mut history.exchanges {
        let body = format!(
            r#"{{"error":"not found","hint":"{}"}}"#,
            words.next().unwrap()
        );
        exchange.outcome.as_mut().unwrap().body = body.into();
    }
    assert!(judge(&history).is_empty());
    // One sample of each cannot show a difference in text, only in status and keys.
    let mut single = case(NUMBERS, (404, FORBIDDEN), (404, NONE));
    single.exchanges.remove(3);
    assert!(judge(&single).is_empty());
    let mut single = case(NUMBERS, (403, NONE), (404, NONE));
    single.exchanges.remove(3);
    assert_eq!(judge(&single).len(), 1);
}

#[test]
fn inconsistent_answers_are_none() {
    let mut history = case(NUMBERS, (403, NONE), (404, NONE));
    history.exchanges[1].1.outcome.as_mut().unwrap().status = 404;
    assert!(judge(&history).is_empty());
}

#[test]
fn unguessable_ids_and_tenants_are_info() {
    let uuids = [
        "7f3a9c52-1b44-4e0d-9a6e-000000000001",
        "7f3a9c52-1b44-4e0d-9a6e-000000000002",
        "7f3a9c52-1b44-4e0d-9a6e-000000000003",
        "7f3a9c52-1b44-4e0d-9a6e-000000000004",
    ];
    assert_eq!(
        judge(&case(uuids, (403, NONE), (404, NONE)))[0].1,
        Severity::Info
    );
    let slugs = ["bolt", "bolt", "nowhere", "noone"];
    assert_eq!(
        judge(&case(slugs, (403, NONE), (404, NONE)))[0].1,
        Severity::Info
    );
    let mails = ["a@bolt.test", "b@bolt.test", "c@bolt.test", "d@bolt.test"];
    assert_eq!(
        judge(&case(mails, (409, NONE), (201, NONE)))[0].1,
        Severity::Info
    );
    let words = ["tax-return", "tax-advice", "nothing", "none"];
    assert_eq!(
        judge(&case(words, (403, NONE), (404, NONE)))[0].1,
        Severity::Medium
    );
}

#[test]
fn success_and_leaks_are_left_to_others() {
    assert!(judge(&case(NUMBERS, (200, "{}"), (404, NONE))).is_empty());
    let world = World::new();
    let title = world.value("task", &world.task(BOLT, 1), "title");
    let telling = format!(r#"{{"error":"task {title} is not yours"}}"#);
    assert!(judge(&case(NUMBERS, (403, &telling), (404, NONE))).is_empty());
}

#[test]
fn success_of_both_tells_by_its_keys() {
    let found = judge(&case(
        NUMBERS,
        (200, r#"{"taken":true,"by":"x"}"#),
        (200, r#"{"taken":false}"#),
    ));
    assert_eq!(found.len(), 1);
}

#[test]
fn throttling_silence_and_no_comparison_are_inconclusive() {
    let world = World::new();
    let judge = |history: &History| Existence.judge(history, &world.knowledge);
    let throttled = case(NUMBERS, (404, NONE), (429, NONE));
    assert_eq!(judge(&throttled), Err(Reason::Throttled));
    let alone = history("id.path").with(Purpose::Attack, attack("1", 403, ""));
    assert_eq!(judge(&alone), Err(Reason::NotApplicable));
    let mut silent = case(NUMBERS, (404, NONE), (404, NONE));
    silent.exchanges[2].1.outcome = Err(crate::model::exchange::Failure::Refused);
    assert_eq!(judge(&silent), Err(Reason::NoAnswer));
}

#[test]
fn slots_are_masked_wherever_they_stand() {
    let mut history = case(["w", "w", "w", "w"], (404, "{}"), (404, "{}"));
    history.slots[0].place = crate::model::route::Place::Query;
    for ((_, exchange), id) in history
        .exchanges
        .iter_mut()
        .zip(["granite", "basalt", "marble", "gneiss"])
    {
        let call: &mut Call = &mut exchange.call;
        call.query = vec![("id".to_owned(), id.to_owned())];
        exchange.outcome.as_mut().unwrap().body = format!("no such stone: {id}").into();
    }
    assert!(judge(&history).is_empty());
}

/// The same, with the attacker's own call on its own row, and the foreign row that the ids name.
fn with_own(history: History, own: &str) -> History {
    let control = call("acme.admin", "GET /tasks/{id}", ACME, "1");
    let world = World::new();
    history
        .with(Purpose::OwnControl, exchange(control, 200, own))
        .reaching(world.row("task", &world.task(BOLT, 0)))
}

const UUIDS: [&str; 4] = [
    "7f3a9c52-1b44-4e0d-9a6e-000000000001",
    "7f3a9c52-1b44-4e0d-9a6e-000000000002",
    "deadbeef-1b44-4e0d-9a6e-000000000001",
    "deadbeef-1b44-4e0d-9a6e-000000000002",
];

#[test]
fn a_foreign_row_that_is_served_is_read_however_short_the_answer() {
    let own = r#"{"id":"1","amount":12.5,"paidAt":"2025-03-01"}"#;
    let foreign = r#"{"id":"{}","amount":99,"paidAt":"2025-03-02"}"#;
    for ids in [NUMBERS, UUIDS] {
        for missing in [(404, NONE), (200, "null"), (200, r#"{"error":"none"}"#)] {
            let found = judge(&with_own(case(ids, (200, foreign), missing), own));
            assert_eq!(found.len(), 1, "{missing:?}");
            assert_eq!(found[0].1, Severity::High, "{found:?}");
        }
        let echoed = judge(&with_own(case(ids, (200, foreign), (200, foreign)), own));
        assert!(echoed.is_empty(), "{echoed:?}");
        let file = case(ids, (200, "%PDF-1.7 theirs"), (404, NONE));
        assert_eq!(judge(&with_own(file, "%PDF-1.7 mine"))[0].1, Severity::High);
    }
}

#[test]
fn success_without_a_body_tells_where_ids_can_be_guessed() {
    let head = |ids| judge(&with_own(case(ids, (200, ""), (404, "")), ""));
    assert_eq!(head(NUMBERS)[0].1, Severity::Medium);
    assert_eq!(head(UUIDS)[0].1, Severity::Info);
}

#[test]
fn a_number_that_no_missing_id_has_tells_of_the_row() {
    let totals = |foreign: [u32; 2], missing: [u32; 2]| {
        let body = r#"{"total":0}"#;
        let mut history = with_own(case(UUIDS, (200, body), (200, body)), r#"{"total":2}"#);
        let totals = foreign.into_iter().chain(missing);
        for ((_, exchange), n) in history.exchanges.iter_mut().zip(totals) {
            exchange.outcome.as_mut().unwrap().body = format!(r#"{{"total":{n}}}"#).into();
        }
        history
    };
    let found = judge(&totals([4, 7], [0, 0]));
    assert_eq!(found[0].1, Severity::Medium, "{found:?}");
    assert!(found[0].0.contains("/total"), "{found:?}");
    assert!(judge(&totals([4, 7], [0, 1])).is_empty(), "it varies");
    assert!(judge(&totals([4, 0], [0, 0])).is_empty());
    let again = |n| {
        let mut history = totals([4, 7], [0, 0]);
        let asked = attack(UUIDS[0], 200, &format!(r#"{{"total":{n}}}"#));
        history.exchanges.push((Purpose::Attack, asked));
        judge(&history).len()
    };
    assert_eq!((again(4), again(5)), (1, 0), "the same id, the same number");
}

#[test]
fn a_create_that_took_a_foreign_id_is_left_to_others() {
    let mut world = World::new();
    let made = world.insert("comment", &["c-x", &world.task(ACME, 1), "hi"]);
    let body = r#"{"id":"c-x","body":"hi"}"#;
    let mut history = with_own(case(NUMBERS, (201, body), (400, NONE)), body);
    history.exchanges[0].1.changes.push(made);
    assert!(judge(&history).is_empty());
}
