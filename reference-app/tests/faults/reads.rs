//! How each reading fault is driven.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reference_app::faults::Fault;
use serde_json::json;

use super::{World, support::seed::MARK};

/// True if the fault lets something through; `None` if it is driven elsewhere.
pub async fn drive(fault: Fault, world: &World) -> Option<bool> {
    let (app, attacker, victim) = (&world.app, &world.attacker, &world.victim);
    let crossed = match fault {
        Fault::GetIgnoresTenant => world.leaks("GET /api/admin/services/s-bolt-1").await,
        Fault::VoidedIgnoresTenant => {
            let set = "UPDATE \"Invoice\" SET \"status\" = 'VOID' WHERE \"id\" = 'i-bolt-3'";
            app.execute(set).await;
            !world.leaks("GET /api/admin/invoices?status=DRAFT").await
                && world.leaks("GET /api/admin/invoices?status=VOID").await
        }
        Fault::CsvViewIgnoresTenant => {
            let line = "GET /api/admin/invoices/i-bolt-1";
            let csv = app.send(attacker, line, &[("Accept", "text/csv")], None);
            !world.leaks(line).await && csv.await.body.contains(MARK)
        }
        Fault::HeadTellsForeign => {
            let id = app
                .sql("SELECT max(\"id\") FROM \"HealthLog\" WHERE \"tenantId\" = 't-bolt'")
                .await;
            let asked = async |verb: &str| {
                let line = format!("{verb} /api/admin/health-logs/{id}");
                app.call(attacker, &line).await.status
            };
            asked("GET").await == 404 && asked("HEAD").await == 200
        }
        Fault::NewestIgnoresTenant => world.leaks("GET /api/admin/health-logs/0").await,
        Fault::SecondPageIgnoresTenant => {
            let first = world.leaks("GET /api/admin/bookings?pageSize=10").await;
            !first
                && world
                    .leaks("GET /api/admin/bookings?pageSize=40&page=2&offset=10")
                    .await
        }
        Fault::SearchEscapesTenant => {
            !world.leaks("GET /api/admin/service-requests").await
                && world
                    .leaks("GET /api/admin/service-requests?q=needle")
                    .await
        }
        Fault::CountIgnoresTenant => {
            app.call(attacker, "GET /api/admin/tasks").await.json()["total"] != 8
        }
        Fault::ExportIgnoresTenant => world.leaks("GET /api/admin/bookings/export").await,
        Fault::IncludeByEmail => {
            world
                .leaks("GET /api/admin/invoices/i-acme-1?include=client")
                .await
        }
        Fault::ExpandByEmail => {
            !world.leaks("GET /api/admin/invoices").await
                && world.leaks("GET /api/admin/invoices?expand=client").await
        }
        Fault::SortByRelationIgnoresTenant => {
            !world.leaks("GET /api/admin/tasks?sort=title").await
                && world.leaks("GET /api/admin/tasks?sort=assignee.name").await
        }
        Fault::CommentsByParentAlone => {
            world
                .leaks("GET /api/admin/service-requests/r-bolt-1/comments")
                .await
        }
        Fault::AttachmentByIdAlone => {
            world
                .leaks("GET /api/admin/service-requests/r-acme-1/attachments/a-bolt-1")
                .await
        }
        Fault::CursorCarriesTenant => {
            let cursor = json!({ "tenant": "t-bolt", "after": "" }).to_string();
            let cursor = URL_SAFE_NO_PAD.encode(cursor);
            let line = format!("GET /api/admin/audit-logs/feed?cursor={cursor}");
            world.leaks(&line).await
        }
        Fault::NextPageIgnoresTenant => {
            let first = world.leaks("GET /api/admin/audit-logs/feed").await;
            let cursor = json!({ "tenant": "t-acme", "after": "" }).to_string();
            let cursor = URL_SAFE_NO_PAD.encode(cursor);
            let line = format!("GET /api/admin/audit-logs/feed?cursor={cursor}");
            !first && world.leaks(&line).await
        }
        Fault::ExportByNameAlone => {
            !world
                .leaks("GET /api/portal/exports/acme-catalogue.csv")
                .await
                && world
                    .leaks("GET /api/portal/exports/bolt-catalogue.csv")
                    .await
        }
        Fault::DeletedKeptById => {
            let line = "GET /api/admin/tasks/k-bolt-5";
            let before = world.leaks(line).await;
            app.call(victim, "DELETE /api/admin/tasks/k-bolt-5").await;
            !before && world.leaks(line).await
        }
        Fault::DeletedComesBack => {
            let count = r#"SELECT count(*) FROM "Task" WHERE "id" = 'k-bolt-6'"#;
            app.call(victim, "DELETE /api/admin/tasks/k-bolt-6").await;
            let gone = app.sql(count).await == "0";
            let line = "PATCH /api/admin/tasks/k-bolt-6";
            app.with(attacker, line, json!({ "title": "x" })).await;
            gone && app.sql(count).await == "1"
        }
        Fault::ReceiptByIdAlone => {
            let line = "GET /api/admin/payments/y-bolt-1/receipt";
            app.call(attacker, line).await.status == 200
        }
        Fault::FileByKeyAlone => world.leaks("GET /api/portal/files/key-bolt-1").await,
        Fault::ErrorNamesForeignRow => {
            let body = json!({ "serviceId": "s-bolt-1", "clientName": "x", "clientEmail": "x@x.test", "scheduledAt": "2027-01-01T10:00:00Z" });
            app.with(attacker, "POST /api/admin/bookings", body)
                .await
                .body
                .contains(MARK)
        }
        Fault::DetailCacheLacksTenant => {
            let line = "GET /api/portal/services/s-bolt-2";
            let cold = world.leaks(line).await;
            app.call(victim, line).await;
            !cold && world.leaks(line).await
        }
        Fault::CatalogueCacheLacksTenant => {
            app.call(victim, "GET /api/portal/services?pageSize=7")
                .await;
            world.leaks("GET /api/portal/services?pageSize=7").await
        }
        Fault::TenantQueryOverrides => world.leaks("GET /api/admin/users?tenantId=t-bolt").await,
        Fault::CalendarByStaffAlone => {
            world
                .leaks("GET /api/admin/bookings/calendar?staffId=u-bolt-admin")
                .await
        }
        Fault::CategoriesIgnoreTenant => world.leaks("GET /api/admin/expenses/categories").await,
        Fault::TopClientsIgnoreTenant => world.leaks("GET /api/admin/analytics").await,
        Fault::CloneReadsAnyService => app
            .with(
                attacker,
                "POST /api/admin/services/s-bolt-1/clone",
                json!({}),
            )
            .await
            .body
            .contains(MARK),
        Fault::IdempotencyKeyShared => {
            let (line, key) = ("POST /api/admin/invoices", [("Idempotency-Key", "monday")]);
            app.send(
                victim,
                line,
                &key,
                Some(json!({ "amount": 5, "memo": format!("{MARK} secret") })),
            )
            .await;
            // Under late commits the key may not be there yet.
            world.settle().await;
            app.send(attacker, line, &key, Some(json!({ "amount": 6 })))
                .await
                .body
                .contains(MARK)
        }
        Fault::SeriesIgnoresTenant => {
            let series =
                app.call(attacker, "GET /api/admin/analytics").await.json()["series"].clone();
            series
                .as_array()
                .unwrap()
                .iter()
                .map(|month| month["bookings"].as_i64().unwrap())
                .sum::<i64>()
                != 25
        }
        Fault::UrgentCountIgnoresTenant => {
            let stats = app
                .call(attacker, "GET /api/admin/stats/service-requests")
                .await
                .json();
            stats["total"] == 4 && stats["urgent"] != 4
        }
        Fault::RunningNumberCountsAll => {
            let row = app
                .with(attacker, "POST /api/admin/invoices", json!({ "amount": 1 }))
                .await
                .json();
            row["number"] == "INV-000078"
        }
        Fault::NumberLookupTellsForeign => {
            differ(
                world,
                "GET /api/admin/invoices/by-number/INV-000077",
                "GET /api/admin/invoices/by-number/INV-000078",
            )
            .await
        }
        Fault::HealthLogTellsForeign => {
            differ(
                world,
                &health("GET", world).await,
                "GET /api/admin/health-logs/9999",
            )
            .await
        }
        Fault::DeleteTellsForeign => {
            differ(
                world,
                &health("DELETE", world).await,
                "DELETE /api/admin/health-logs/9999",
            )
            .await
        }
        Fault::SlugCheckIgnoresTenant => {
            let line = format!("GET /api/admin/services/slug-check/{MARK}-1");
            app.call(attacker, &line).await.json()["available"] == json!(false)
        }
        Fault::SlugUniqueAcrossTenants => {
            let body = json!({ "title": "squat", "slug": "opening-hours" });
            let squat = app
                .with(attacker, "POST /api/admin/posts", body.clone())
                .await;
            squat.status == 201
                && app.with(victim, "POST /api/admin/posts", body).await.status != 201
        }
        _ => return None,
    };
    Some(crossed)
}

/// Whether a foreign and a missing id are answered differently (but for the id itself, where it is echoed).
async fn differ(world: &World, foreign: &str, missing: &str) -> bool {
    let sorted = |answer: &super::support::Answer| {
        let mut body = answer.json();
        for volatile in ["id", "servedAt", "nonce", "worker"] {
            body.as_object_mut().map(|body| body.remove(volatile));
        }
        (answer.status, body)
    };
    let foreign = world.app.call(&world.attacker, foreign).await;
    let missing = world.app.call(&world.attacker, missing).await;
    sorted(&foreign) != sorted(&missing)
}

async fn health(method: &str, world: &World) -> String {
    let id = world
        .app
        .sql("SELECT min(\"id\") FROM \"HealthLog\" WHERE \"tenantId\" = 't-bolt'")
        .await;
    format!("{method} /api/admin/health-logs/{id}")
}
