//! Tests of the canary index.

use super::*;
use crate::model::schema::Kind::{Integer, Json, Text, Uuid};
use crate::seed::ownership;
use crate::seed::testing::{Made, put};
use crate::target::description::Description;

const A: &str = "0f2b8c1e-9d47-4a6b-8e05-7c1f2d9ab346";
const B: &str = "1e4d7a90-5c3b-4f28-9a16-d8e2b7f0c534";
const TOKEN: &str = "zqpw0123456789abcdef";

struct Ground {
    schema: Schema,
    rows: Rows,
}

impl Ground {
    fn new() -> Self {
        let schema = Made::default()
            .table("tenants", &[("id!", Uuid), ("slug!", Text)])
            .table(
                "notes",
                &[
                    ("id!", Uuid),
                    ("tenant_id!", Uuid),
                    ("body", Text),
                    ("state", Text),
                    ("size", Integer(64)),
                    ("doc", Json),
                ],
            )
            .table("plans", &[("id!", Uuid), ("name!", Text)])
            .unique("tenants", &["slug"])
            .done();
        let rows = Rows::empty(&schema);
        Self { schema, rows }
    }

    fn put(mut self, table: &str, values: &[&str]) -> Self {
        put(&mut self.rows, &self.schema, table, values);
        self
    }

    fn canaries(&self) -> Canaries {
        let owners = ownership(&self.schema, &self.rows, &Description::default()).unwrap();
        let tenant = |key: &str, slug: &str| Tenant {
            key: key.into(),
            slug: slug.into(),
            name: slug.into(),
            label: slug.into(),
            control: false,
        };
        let tenants = [tenant(A, "acme-industries-ltd"), tenant(B, "globex")];
        canaries(&self.schema, &owners, &self.rows, &tenants)
    }

    fn holds(&self, value: &str) -> bool {
        !self.canaries().get(value).is_empty()
    }
}

const NOTE: &str = "5d8f1c2a-7b3e-4960-a1c4-e2f9d0b86753";
const OTHER: &str = "c7e19f04-2a6d-4b83-9f50-14d7a3e8b692";

fn usual() -> Ground {
    Ground::new()
        .put("tenants", &[A, "acme-industries-ltd"])
        .put("tenants", &[B, "globex"])
        .put(
            "notes",
            &[
                NOTE,
                A,
                &format!("{TOKEN} some text {TOKEN}"),
                "x7k2p9q4r8s3t6v1w5z0",
                "99999999999999999",
                "{\"n\": \"zqpwzzzzzzzzzzzzzzzz\"}",
            ],
        )
        .put(
            "notes",
            &[
                OTHER,
                B,
                "internationalization of everything",
                "in_progress_state",
                "1",
                "-",
            ],
        )
}

#[test]
fn random_values_of_one_tenant_are_canaries() {
    let ground = usual();
    for value in [
        NOTE,
        OTHER,
        TOKEN,
        "zqpwzzzzzzzzzzzzzzzz",
        "x7k2p9q4r8s3t6v1w5z0",
    ] {
        assert!(ground.holds(value), "{value}");
    }
    let canaries = ground.canaries();
    let place = &canaries.get(TOKEN)[0];
    assert_eq!((place.column, place.owners.includes(A)), (2, true));
    assert_eq!(
        canaries.get(TOKEN).len(),
        1,
        "twice in one value is one place"
    );
}

#[test]
fn keys_slugs_numbers_and_words_are_none() {
    let ground = usual();
    for value in [
        A,
        B,
        "acme-industries-ltd",
        "99999999999999999",
        "internationalization",
        "in_progress_state",
    ] {
        assert!(!ground.holds(value), "{value}");
    }
}

#[test]
fn what_stands_in_two_tenants_or_in_a_global_row_is_none() {
    let twice = usual().put(
        "notes",
        &[
            "8b6753d0-7b3e-4960-a1c4-e2f95d8f1c2a",
            B,
            "-",
            "x7k2p9q4r8s3t6v1w5z0",
            "1",
            "-",
        ],
    );
    assert!(!twice.holds("x7k2p9q4r8s3t6v1w5z0"));
    let global = usual().put("plans", &["a3e8b692-2a6d-4b83-9f50-14d7c7e19f04", TOKEN]);
    assert!(!global.holds(TOKEN));
    let reference = usual().put("plans", &[NOTE, "plain"]);
    assert!(!reference.holds(NOTE));
}

#[test]
fn what_is_repeated_in_its_column_is_none() {
    let same = "x7k2p9q4r8s3t6v1w5z0";
    let ground = usual().put(
        "notes",
        &[
            "8b6753d0-7b3e-4960-a1c4-e2f95d8f1c2a",
            A,
            "-",
            same,
            "1",
            "-",
        ],
    );
    assert!(!ground.holds(same));
}

/// The change that brings a note of tenant A with this body.
fn brought(ground: &Ground, id: &str, body: &str) -> crate::model::rows::Change {
    let value = |v: &str| Some(std::sync::Arc::from(v));
    let table = ground.schema.by_name("notes").unwrap().id;
    let owner = crate::model::ownership::Owners([A.into()].into());
    crate::model::rows::Change {
        table,
        operation: crate::model::rows::Operation::Insert,
        old: None,
        new: Some(vec![value(id), value(A), value(body), None, None, None]),
        xid: 1,
        owners_before: crate::model::ownership::Owners::default(),
        owners_after: owner,
    }
}

#[test]
fn a_row_that_comes_brings_canaries_and_takes_them_along_when_it_is_taken_back() {
    const BODY: &str = "zqpw9876543210fedcba";
    let ground = usual();
    let ownership = ownership(&ground.schema, &ground.rows, &Description::default()).unwrap();
    let mut canaries = ground.canaries();
    let id = "5d0c7a3e-2b91-4c6f-8d14-a7e9b3f20c58";
    let change = brought(&ground, id, BODY);
    grow(
        &mut canaries,
        &ground.schema,
        &ownership,
        &ground.rows,
        &change,
    );
    assert!(!canaries.get(id).is_empty() && !canaries.get(BODY).is_empty());
    shrink(&mut canaries, &ground.schema, &change);
    assert!(canaries.get(id).is_empty() && canaries.get(BODY).is_empty());
}

#[test]
fn an_id_that_a_log_of_the_same_tenant_repeats_is_a_canary_and_one_of_another_tenant_is_none() {
    let id = "5d0c7a3e-2b91-4c6f-8d14-a7e9b3f20c58";
    for (logged_by, is_canary) in [(A, true), (B, false)] {
        let ground = usual().put(
            "notes",
            &[
                "77f2a1d4-60b8-4e5c-9d33-18c2e6f4ab90",
                logged_by,
                "-",
                id,
                "1",
                "-",
            ],
        );
        let ownership = ownership(&ground.schema, &ground.rows, &Description::default()).unwrap();
        let mut canaries = Canaries::default();
        let change = brought(&ground, id, "plain");
        grow(
            &mut canaries,
            &ground.schema,
            &ownership,
            &ground.rows,
            &change,
        );
        assert_eq!(!canaries.get(id).is_empty(), is_canary, "{logged_by}");
    }
}

#[test]
fn words_of_the_api_document_are_none_but_generated_values_stay() {
    let document = serde_json::json!({
        "paths": { "/notes": { "post": {
            "description": "Give the note's id, such as 5D8F1C2A-7b3e-4960-a1c4-e2f9d0b86753.",
            "example": { "body": TOKEN, "x7k2p9q4r8s3t6v1w5z0": ["zqpwzzzzzzzzzzzzzzzz"] },
        } } }
    });
    let mut canaries = usual().canaries();
    bar_document(&mut canaries, &document);
    for value in [NOTE, "x7k2p9q4r8s3t6v1w5z0"] {
        assert!(canaries.get(value).is_empty(), "{value}");
    }
    for value in [OTHER, TOKEN, "zqpwzzzzzzzzzzzzzzzz"] {
        assert!(!canaries.get(value).is_empty(), "{value}");
    }
    // What was barred once stays so when the index is built anew.
    let mut again = usual().canaries();
    again.bar_as(&canaries);
    assert!(again.get(NOTE).is_empty() && !again.get(OTHER).is_empty());
}
