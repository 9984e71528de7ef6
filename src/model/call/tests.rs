//! Slots, values sent, and what must not be printed.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn call(body: Option<Body>) -> Call {
    Call {
        route: RouteId("POST /things/{id}".into()),
        method: "POST".into(),
        template: "/things/{id}".into(),
        actor: "own.admin".into(),
        tenant: None,
        path: [("id".to_owned(), "1".to_owned())].into(),
        query: vec![("id".into(), "1".into()), ("other".into(), "2".into())],
        headers: vec![("X-Id".into(), "1".into())],
        body,
        tampering: Tampering::default(),
    }
}

fn at(place: Place, name: &str) -> SlotRef {
    SlotRef {
        place,
        name: name.into(),
    }
}

/// Slots that a call has, with every kind of value and body.
fn slots() -> impl Strategy<Value = (Call, SlotRef)> {
    let json = Body::Json(json!({"a": {"b": [1, "x", true, null]}, "c/d": 2.5, "": "e"}));
    let pointers = ["/a/b/0", "/a/b/1", "/a/b/2", "/a/b/3", "/c~1d", "/", "/a"];
    let form = Body::Form(vec![("id".into(), "1".into()), ("x".into(), "2".into())]);
    let part = |name: &str| Part {
        name: name.into(),
        file_name: None,
        content_type: None,
        text: "1".into(),
    };
    let parts = Body::Multipart(vec![part("id"), part("x")]);
    let mut all = vec![
        (call(None), at(Place::Path, "id")),
        (call(None), at(Place::Path, "new")),
        (call(None), at(Place::Query, "other")),
        (call(None), at(Place::Query, "new")),
        (call(None), at(Place::Header, "X-Id")),
        (call(Some(form)), at(Place::Body, "x")),
        (call(Some(parts)), at(Place::Body, "x")),
    ];
    all.extend(pointers.map(|p| (call(Some(json.clone())), at(Place::Body, p))));
    prop::sample::select(all)
}

/// Any text, and what looks like JSON.
fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        any::<i64>().prop_map(|n| n.to_string()),
        prop::sample::select(vec![
            "1e3",
            " 5",
            "1.0",
            "-0",
            "007",
            "true",
            "null",
            "[1]",
            "\"x\"",
            "123456789012345678901234567890",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn what_is_put_into_a_slot_stands_there((call, at) in slots(), value in values()) {
        prop_assert_eq!(call.with_slot(&at, &value).slot(&at), Some(value));
    }

    #[test]
    fn a_slot_changes_nothing_beside_it((call, at) in slots(), value in values()) {
        if let Some(before) = call.slot(&at) {
            let back = call.clone().with_slot(&at, &value).with_slot(&at, &before);
            prop_assert_eq!(back.query, call.query);
            prop_assert_eq!(back.headers, call.headers);
            prop_assert_eq!(back.path, call.path);
        }
    }
}

#[test]
fn numbers_stay_numbers_and_texts_texts() {
    let before = call(Some(Body::Json(json!({"n": 1, "t": "1"}))));
    let after = before
        .with_slot(&at(Place::Body, "/n"), "2")
        .with_slot(&at(Place::Body, "/t"), "2");
    assert_eq!(after.body, Some(Body::Json(json!({"n": 2, "t": "2"}))));
}

#[test]
fn a_claim_set_to_null_is_not_a_claim_removed_after_a_replay() {
    let token = TokenTampering {
        claims: vec![("a".into(), Some(Json::Null)), ("b".into(), None)],
        twice: None,
        signature: Signature::Genuine,
    };
    let text = serde_json::to_string(&token).unwrap();
    assert_eq!(
        serde_json::from_str::<TokenTampering>(&text).unwrap(),
        token
    );
}
