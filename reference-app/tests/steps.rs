//! What takes several steps does what it promises: for its own firm, in the order that is meant, and for nobody else.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use serde_json::{Value, json};
use support::{Actor, App, Postgres, seed::MARK};

/// An application, and both administrators.
async fn firms(postgres: &Postgres) -> (App, Actor, Actor) {
    let app = App::start(postgres, &[], &[]).await;
    let acme = app.login("acme.localhost", "admin@acme.test").await;
    let bolt = app.login("bolt.localhost", "admin@bolt.test").await;
    (app, acme, bolt)
}

/// An answer that must be a success.
async fn done(app: &App, by: &Actor, line: &str, body: Value) -> Value {
    let answer = app.with(by, line, body).await;
    assert!(answer.status < 300, "{line}: {}", answer.body);
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_started_built_and_downloaded() {
    let postgres = Postgres::start().await;
    let (app, acme, bolt) = firms(&postgres).await;
    for kind in ["bookings", "services", "service-requests", "expenses"] {
        let body = json!({ "kind": kind });
        let job = done(&app, &bolt, "POST /api/admin/exports", body).await;
        assert_eq!(
            (&job["kind"], &job["status"]),
            (&json!(kind), &json!("waiting"))
        );
        let path = format!("/api/admin/exports/{}", job["id"]);
        let download = format!("GET {path}/download");
        assert_eq!(app.call(&bolt, &download).await.status, 409);
        let build = format!("POST {path}/build");
        let built = done(&app, &bolt, &build, json!({})).await;
        assert_eq!(built["status"], "ready");
        assert!(built["rows"].as_u64().unwrap() >= 4, "{built}");
        assert!(built["preview"][2].to_string().contains(MARK), "{built}");
        let again = done(&app, &bolt, &build, json!({})).await;
        assert_eq!(again, built);
        let file = app.call(&bolt, &download).await;
        assert!(file.header("content-type").unwrap().starts_with("text/csv"));
        let lines = file.body.lines().count() as u64;
        assert_eq!(lines, built["rows"].as_u64().unwrap() + 1);
        for line in [format!("GET {path}"), build, download] {
            assert_eq!(app.call(&acme, &line).await.status, 404, "{line}");
        }
    }
    let listed = app.call(&bolt, "GET /api/admin/exports").await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 4);
    assert_eq!(listed["items"][0]["kind"], "expenses");
    let listed = app.call(&acme, "GET /api/admin/exports").await.json();
    assert_eq!(listed, json!({ "items": [] }));
    let wrong = json!({ "kind": "people" });
    let answer = app.with(&acme, "POST /api/admin/exports", wrong).await;
    assert_eq!(answer.status, 400);
    app.stop().await;
}
