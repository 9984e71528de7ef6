//! What takes several steps does what it promises: for its own firm, in the order that is meant, and for nobody else.
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    reason = "a test may panic"
)]

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
        let answer = done(&app, &bolt, &build, json!({})).await;
        assert_eq!(answer["status"], "ready");
        assert!(answer["rows"].as_u64().unwrap() >= 4, "{answer}");
        assert!(answer["preview"][2].to_string().contains(MARK), "{answer}");
        let again = done(&app, &bolt, &build, json!({})).await;
        assert_eq!(again, answer);
        let file = app.call(&bolt, &download).await;
        assert!(file.header("content-type").unwrap().starts_with("text/csv"));
        let lines = file.body.lines().count() as u64;
        assert_eq!(lines, answer["rows"].as_u64().unwrap() + 1);
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
    let refused = app.with(&acme, "POST /api/admin/exports", wrong).await;
    assert_eq!(refused.status, 400);
    app.stop().await;
}

/// What stands in the database of that condition.
async fn count(app: &App, from: &str) -> String {
    app.sql(&format!("SELECT count(*) FROM {from}")).await
}

/// Another firm's administrator finds nothing of that name, whatever is done with it.
async fn nothing_for(app: &App, by: &Actor, lines: &[(String, Value)]) {
    for (line, body) in lines {
        let status = app.with(by, line, body.clone()).await.status;
        assert_eq!(status, 404, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_staged_looked_at_committed_and_undone() {
    let postgres = Postgres::start().await;
    let (app, acme, bolt) = firms(&postgres).await;
    let table = json!({ "table": "expenses" });
    let import = done(&app, &bolt, "POST /api/admin/imports", table).await;
    let path = format!("/api/admin/imports/{}", import["id"].as_str().unwrap());
    let (commit, undo) = (format!("POST {path}/commit"), format!("POST {path}/undo"));
    assert_eq!(app.call(&bolt, &commit).await.status, 409, "nothing staged");
    let rows = json!({ "rows": [
        { "description": "ink", "amount": 2 }, { "description": "pens", "amount": 3.5, "vendor": "Wren" }
    ] });
    let stage = format!("PUT {path}/rows");
    for wrong in [
        json!({ "rows": [] }),
        json!({ "rows": [{ "description": "x", "amount": -1 }] }),
    ] {
        assert_eq!(app.with(&bolt, &stage, wrong).await.status, 400);
    }
    let staged = done(&app, &bolt, &stage, rows.clone()).await;
    assert_eq!(
        (&staged["staged"], &staged["status"]),
        (&json!(2), &json!("open"))
    );
    let get = format!("GET {path}");
    let seen = done(&app, &bolt, &get, json!({})).await;
    assert_eq!(seen["rows"][1]["vendor"], "Wren");
    assert_eq!(seen["similar"][0], "zqbolt expense 2");
    assert_eq!(app.call(&bolt, &undo).await.status, 409, "not committed");
    let foreign = [
        (get, json!({})),
        (stage.clone(), rows.clone()),
        (commit.clone(), json!({})),
        (undo.clone(), json!({})),
    ];
    nothing_for(&app, &acme, &foreign).await;
    let inserted = "\"Expense\" WHERE \"description\" IN ('ink', 'pens') AND \"tenantId\" = 't-bolt' AND \"userId\" = 'u-bolt-admin'";
    assert_eq!(count(&app, inserted).await, "0");
    assert_eq!(
        done(&app, &bolt, &commit, json!({})).await["status"],
        "committed"
    );
    assert_eq!(count(&app, inserted).await, "2");
    assert_eq!(app.call(&bolt, &commit).await.status, 409, "once");
    assert_eq!(app.with(&bolt, &stage, rows).await.status, 409, "too late");
    nothing_for(&app, &acme, &foreign).await;
    assert_eq!(
        done(&app, &bolt, &undo, json!({})).await["status"],
        "undone"
    );
    assert_eq!(count(&app, inserted).await, "0");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_changes_what_it_matched_once_it_is_confirmed() {
    let postgres = Postgres::start().await;
    let (app, acme, bolt) = firms(&postgres).await;
    for (resource, table, from, matched) in [
        ("tasks", "Task", "MEDIUM", 8),
        ("service-requests", "ServiceRequest", "URGENT", 4),
    ] {
        let body = json!({ "resource": resource, "priority": from, "set": { "priority": "LOW", "dueDate": "2027-01-01" } });
        let batch = done(&app, &bolt, "POST /api/admin/batches", body).await;
        assert_eq!(batch["matched"], matched);
        let path = format!("/api/admin/batches/{}", batch["id"].as_str().unwrap());
        let (confirm, apply) = (format!("POST {path}/confirm"), format!("POST {path}/apply"));
        assert_eq!(app.call(&bolt, &apply).await.status, 409, "not confirmed");
        let foreign =
            [format!("GET {path}"), confirm.clone(), apply.clone()].map(|line| (line, json!({})));
        nothing_for(&app, &acme, &foreign).await;
        assert_eq!(
            done(&app, &bolt, &confirm, json!({})).await["confirmed"],
            true
        );
        nothing_for(&app, &acme, &foreign).await;
        let changed = |firm: &str| {
            format!(
                "\"{table}\" WHERE \"priority\" = 'LOW' AND \"dueDate\" = '2027-01-01' AND \"tenantId\" = 't-{firm}'"
            )
        };
        assert_eq!(count(&app, &changed("bolt")).await, "0");
        assert_eq!(done(&app, &bolt, &apply, json!({})).await["applied"], true);
        assert_eq!(count(&app, &changed("bolt")).await, matched.to_string());
        assert_eq!(count(&app, &changed("acme")).await, "0");
        assert_eq!(app.call(&bolt, &apply).await.status, 409, "once");
    }
    let wrong = json!({ "resource": "tasks", "set": { "title": "x" } });
    assert_eq!(
        app.with(&bolt, "POST /api/admin/batches", wrong)
            .await
            .status,
        400
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_the_firm_s_members_to_its_request() {
    let postgres = Postgres::start().await;
    let (app, acme, bolt) = firms(&postgres).await;
    let make = "POST /api/admin/service-requests/r-bolt-1/link";
    assert_eq!(app.call(&acme, make).await.status, 404);
    let link = done(&app, &bolt, make, json!({})).await;
    let code = link["code"].as_str().unwrap();
    assert!(
        code.len() == 6
            && code
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    );
    let path = format!("/api/admin/links/{code}");
    let (follow, retarget) = (format!("GET {path}"), format!("PUT {path}"));
    assert_eq!(app.call(&bolt, &follow).await.status, 409, "not open");
    done(&app, &bolt, &format!("POST {path}/open-up"), json!({})).await;
    assert_eq!(
        done(&app, &bolt, &follow, json!({})).await["title"],
        "zqbolt request 1"
    );
    let elsewhere = json!({ "requestId": "r-acme-1" });
    assert_eq!(
        app.with(&bolt, &retarget, elsewhere.clone()).await.status,
        404
    );
    let own = json!({ "requestId": "r-bolt-2" });
    assert_eq!(done(&app, &bolt, &retarget, own).await["open"], true);
    assert_eq!(
        done(&app, &bolt, &follow, json!({})).await["title"],
        "zqbolt request 2"
    );
    let (comment, words) = (format!("POST {path}/comments"), json!({ "body": "seen" }));
    assert_eq!(
        done(&app, &bolt, &comment, words.clone()).await["body"],
        "seen"
    );
    let left = "\"Comment\" WHERE \"body\" = 'seen' AND \"serviceRequestId\" = 'r-bolt-2' AND \"authorId\" = 'u-bolt-admin'";
    assert_eq!(count(&app, left).await, "1");
    let foreign = [
        (follow, json!({})),
        (retarget, elsewhere),
        (comment, words),
        (format!("POST {path}/open-up"), json!({})),
    ];
    nothing_for(&app, &acme, &foreign).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_into_the_bin_comes_back_as_it_was() {
    let postgres = Postgres::start().await;
    let (app, acme, bolt) = firms(&postgres).await;
    let before = app.checksums("t-bolt").await["Task"].clone();
    let away = "POST /api/admin/tasks/k-bolt-2/bin";
    assert_eq!(app.call(&acme, away).await.status, 404);
    let item = done(&app, &bolt, away, json!({})).await;
    assert_eq!(count(&app, "\"Task\" WHERE \"id\" = 'k-bolt-2'").await, "0");
    let path = format!("/api/admin/bin/{}", item["id"].as_str().unwrap());
    let (hold, restore) = (format!("POST {path}/hold"), format!("POST {path}/restore"));
    let discard = format!("DELETE {path}");
    let foreign = [hold.clone(), restore.clone(), discard.clone()].map(|line| (line, json!({})));
    nothing_for(&app, &acme, &foreign).await;
    assert_eq!(done(&app, &bolt, &hold, json!({})).await["held"], true);
    nothing_for(&app, &acme, &foreign).await;
    assert_eq!(app.call(&bolt, &discard).await.status, 409, "it is held");
    let listed = |of: Value| of["items"].as_array().unwrap().len();
    assert_eq!(
        listed(done(&app, &bolt, "GET /api/admin/bin", json!({})).await),
        1
    );
    assert_eq!(
        listed(done(&app, &acme, "GET /api/admin/bin", json!({})).await),
        0
    );
    assert_eq!(
        done(&app, &bolt, &restore, json!({})).await["title"],
        "zqbolt task 2"
    );
    assert_eq!(app.checksums("t-bolt").await["Task"], before);
    assert_eq!(app.call(&bolt, &restore).await.status, 404, "once");
    let item = done(&app, &bolt, away, json!({})).await;
    let discard = format!("DELETE /api/admin/bin/{}", item["id"].as_str().unwrap());
    assert_eq!(app.call(&bolt, &discard).await.status, 204);
    assert_eq!(
        listed(done(&app, &bolt, "GET /api/admin/bin", json!({})).await),
        0
    );
    app.stop().await;
}
