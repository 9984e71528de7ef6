//! The files that leave hold the firm's rows and nobody else's, in every form; what imports refused is listed.
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    reason = "a test may panic"
)]

mod support;

use serde_json::{Value, json};
use support::{App, Postgres, seed::MARK};

/// What acme's texts hold.
const OWN: &str = "qxacme";

#[tokio::test(flavor = "multi_thread")]
async fn exports_come_in_every_form_with_own_rows_alone() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    let admin = app.login("acme.localhost", "admin@acme.test").await;
    for resource in ["bookings", "compliance-records", "expenses", "invoices"] {
        let asked = async |format: &str| {
            let line = format!("GET /api/admin/{resource}/export?format={format}");
            app.call(&admin, &line).await
        };
        let usual = format!("GET /api/admin/{resource}/export");
        let csv = app.call(&admin, &usual).await;
        assert_eq!(asked("csv").await.body, csv.body);
        assert!(csv.body.contains(OWN) && !csv.body.contains(MARK));

        let zip = asked("zip").await;
        assert_eq!(zip.header("content-type"), Some("application/zip"));
        let disposition = format!("attachment; filename=\"{resource}.zip\"");
        assert_eq!(zip.header("content-disposition"), Some(&*disposition));
        assert!(!zip.body.contains(OWN), "it is deflated");
        assert_eq!(zip.files(), [(format!("{resource}.csv"), csv.body)]);

        let xlsx = asked("xlsx").await;
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        assert_eq!(xlsx.header("content-type"), Some(kind));
        assert!(!xlsx.body.contains(OWN), "it is deflated");
        let with_own = xlsx.files().into_iter().filter(|(_, t)| t.contains(OWN));
        let names: Vec<String> = with_own.map(|(name, _)| name).collect();
        assert_eq!(names, ["xl/sharedStrings.xml"]);
        assert!(xlsx.files().iter().all(|(_, text)| !text.contains(MARK)));
        assert_eq!(xlsx.bytes, asked("xlsx").await.bytes, "the same again");

        assert_eq!(asked("pdf").await.status, 400);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_an_import_refuses_are_listed_until_they_are_discarded() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    let acme = app.login("acme.localhost", "admin@acme.test").await;
    let bolt = app.login("bolt.localhost", "admin@bolt.test").await;
    let client = app.login("acme.localhost", "client@acme.test").await;
    let table = json!({ "table": "expenses" });
    let import = app.with(&acme, "POST /api/admin/imports", table).await;
    let id = import.json()["id"].as_str().unwrap().to_owned();
    let rows = json!({ "rows": [{ "description": "ink", "amount": 2 }, { "description": " ", "amount": 7 }] });
    let stage = format!("PUT /api/admin/imports/{id}/rows");
    assert_eq!(app.with(&acme, &stage, rows).await.status, 200);
    let commit = format!("POST /api/admin/imports/{id}/commit");
    assert_eq!(app.call(&acme, &commit).await.status, 200);
    let made = r#"SELECT string_agg("description", '|') FROM "Expense" WHERE "amount" IN (2, 7) AND "description" NOT LIKE '%expense%'"#;
    assert_eq!(app.sql(made).await, "ink");

    let list = "GET /api/admin/uploads/quarantine";
    let listed = app.call(&acme, list).await.json();
    assert_eq!(listed["total"], 3);
    let newest = &listed["items"][0];
    assert_eq!(
        (&newest["source"], &newest["line"], &newest["userId"]),
        (&json!(id), &json!(2), &json!("u-acme-admin"))
    );
    let content: Value = serde_json::from_str(newest["content"].as_str().unwrap()).unwrap();
    assert_eq!(content["amount"], 7.0);
    assert_eq!(app.call(&client, list).await.status, 403, "for staff alone");
    assert_eq!(app.call(&bolt, list).await.json()["total"], 2);

    let discard = format!(
        "DELETE /api/admin/uploads/quarantine/{}",
        newest["id"].as_str().unwrap()
    );
    for (by, status) in [(&bolt, 404), (&client, 403), (&acme, 204), (&acme, 404)] {
        assert_eq!(app.call(by, &discard).await.status, status);
    }
    assert_eq!(app.call(&acme, list).await.json()["total"], 2);
    app.stop().await;
}
