//! Every quirk shows: it changes something when it is on that it does not change when it is off.
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::too_many_lines,
    reason = "a test may panic, and a table of cases is long"
)]

mod support;

use std::time::Duration;

use reference_app::quirks::{QUIRKS, Quirk};
use serde_json::json;
use support::{Actor, App, Postgres};

/// Whether the oddity can be seen.
async fn shows(quirk: Quirk, app: &App) -> bool {
    let admin = app.login("acme.localhost", "admin@acme.test").await;
    let status = async |line: &str| app.call(&admin, line).await.status;
    match quirk {
        Quirk::AnswersBeforeCommit => {
            app.with(
                &admin,
                "PATCH /api/admin/services/s-acme-1",
                json!({ "name": "late" }),
            )
            .await;
            app.sql("SELECT \"name\" FROM \"Service\" WHERE \"id\" = 's-acme-1'")
                .await
                != "late"
        }
        Quirk::AuditsRefusedAttacker => {
            app.call(&admin.on("bolt.localhost"), "GET /api/admin/services")
                .await;
            app.sql("SELECT count(*) FROM \"AuditLog\" WHERE \"tenantId\" = 't-bolt' AND \"action\" = 'refused'").await == "1"
        }
        Quirk::LoginColumns => {
            app.sql(
                "SELECT \"lastLoginAt\" IS NOT NULL FROM \"User\" WHERE \"id\" = 'u-acme-admin'",
            )
            .await
                == "true"
        }
        Quirk::SessionTouch => {
            app.call(&admin, "GET /api/users/me").await;
            app.sql("SELECT count(*) FROM \"Session\" WHERE \"lastSeenAt\" IS NOT NULL")
                .await
                != "0"
        }
        Quirk::GlobalCounter => table_holds(app, "RequestCounter").await,
        Quirk::RateLimitTable => table_holds(app, "RateLimit").await,
        Quirk::Outbox => {
            app.with(
                &admin,
                "PATCH /api/admin/services/s-acme-1",
                json!({ "name": "x" }),
            )
            .await;
            table_holds(app, "Outbox").await
        }
        Quirk::CleansUpExpired => {
            app.sql("SELECT 1").await;
            app.execute("UPDATE \"Session\" SET \"expiresAt\" = now() - interval '1 hour'")
                .await;
            app.call(
                &Actor {
                    host: "bolt.localhost".to_owned(),
                    ..Actor::default()
                },
                "GET /health",
            )
            .await;
            app.sql("SELECT count(*) FROM \"Session\"").await == "0"
        }
        Quirk::MergedInbox => {
            app.execute("UPDATE \"ServiceRequest\" SET \"assigneeId\" = 'u-dual' WHERE \"id\" IN ('r-acme-1', 'r-bolt-1')").await;
            let dual = app.login("acme.localhost", "dual@acme.test").await;
            app.call(&dual, "GET /api/portal/inbox").await.json()["items"]
                .as_array()
                .unwrap()
                .len()
                == 2
        }
        Quirk::PublicPosts => {
            let passer_by = Actor {
                host: "acme.localhost".to_owned(),
                ..Actor::default()
            };
            app.call(&passer_by, "GET /api/public/posts").await.json()["items"]
                .as_array()
                .unwrap()
                .len()
                == 2
        }
        Quirk::RefusesWith400 => status("GET /api/admin/bookings/missing").await == 400,
        Quirk::RefusesWith401 => status("GET /api/admin/tasks/missing").await == 401,
        Quirk::RefusesWithEmptyList => {
            status("GET /api/admin/service-requests/missing").await == 200
        }
        Quirk::GzipUnasked => app
            .call(&admin, "GET /api/users/me")
            .await
            .head
            .to_lowercase()
            .contains("content-encoding: gzip"),
        Quirk::RandomOrder => {
            let mut seen = std::collections::BTreeSet::new();
            for _ in 0..5 {
                seen.insert(app.call(&admin, "GET /api/admin/bookings").await.body);
            }
            seen.len() > 1
        }
        Quirk::CommonWords => app
            .call(&admin, "GET /api/admin/expenses/categories")
            .await
            .body
            .contains("dredging permits"),
        Quirk::EchoesId => {
            app.call(&admin, "GET /api/admin/services/missing")
                .await
                .json()["id"]
                == "missing"
        }
        Quirk::BackgroundWorker => {
            tokio::time::sleep(Duration::from_millis(600)).await;
            app.sql("SELECT count(*) FROM \"IntegrationSettings\" WHERE \"lastSyncAt\" IS NOT NULL")
                .await
                != "0"
        }
        Quirk::TablesOnFirstUse => {
            app.call(&admin, "GET /api/admin/services?q=first").await;
            table_holds(app, "SearchHistory").await
        }
        Quirk::RandomPages => {
            let mut seen = std::collections::BTreeSet::new();
            for _ in 0..8 {
                let page = app.call(&admin, "GET /api/admin/bookings").await.json();
                let rows = page["items"].as_array().unwrap();
                if rows.len() != 5 || page["pageSize"] != 5 {
                    return false;
                }
                seen.extend(rows.iter().map(|row| row["id"].to_string()));
            }
            seen.len() > 5
        }
        Quirk::NamesWorker => {
            let mut seen = std::collections::BTreeSet::new();
            for _ in 0..12 {
                let worker = app.call(&admin, "GET /api/users/me").await.json()["worker"].clone();
                seen.extend(worker.as_str().map(str::to_owned));
            }
            seen.len() == 2
        }
        Quirk::KeptByTheCaller => {
            let answer = app.call(&admin, "GET /api/admin/services").await;
            answer
                .header("cache-control")
                .is_some_and(|said| said.contains("private"))
        }
        Quirk::NotesWritesLate => {
            let noted = "SELECT count(*) FROM \"AuditLog\" WHERE \"action\" = 'noted'";
            let name = json!({ "name": "noted" });
            app.with(&admin, "PATCH /api/admin/services/s-acme-1", name)
                .await;
            let at_once = app.sql(noted).await;
            tokio::time::sleep(Duration::from_millis(600)).await;
            at_once == "0" && app.sql(noted).await == "1"
        }
        Quirk::VolatileAnswers => {
            app.call(&admin, "GET /api/users/me").await.json()["nonce"].is_number()
        }
    }
}

async fn table_holds(app: &App, table: &str) -> bool {
    app.sql(&format!(
        "SELECT to_regclass('public.\"{table}\"') IS NOT NULL"
    ))
    .await
        == "true"
        && app.sql(&format!("SELECT count(*) FROM \"{table}\"")).await != "0"
}

#[tokio::test(flavor = "multi_thread")]
async fn every_quirk_shows_only_when_it_is_on() {
    let postgres = Postgres::start().await;
    for entry in QUIRKS {
        for (on, names) in [(true, vec![entry.name]), (false, vec![])] {
            let app = App::start(&postgres, &[], &names).await;
            assert_eq!(shows(entry.quirk, &app).await, on, "{}", entry.name);
            app.stop().await;
        }
    }
}
