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
