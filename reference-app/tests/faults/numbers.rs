//! How each fault that shows in numbers is driven: the number is asked, bolt's rows change, it is asked again.
use reference_app::faults::Fault;

use super::World;

/// A number, and a change of bolt's rows, which is taken back afterwards.
struct Case {
    line: &'static str,
    /// A JSON pointer, or a header's name.
    at: &'static str,
    change: &'static str,
    back: &'static str,
}

/// True if the number follows another firm's rows; `None` if the fault is driven elsewhere.
pub async fn drive(fault: Fault, world: &World) -> Option<bool> {
    match fault {
        Fault::EmptyMeansEverybodys => return Some(empty_is_shown_a_mean(world).await),
        Fault::OpenMonthIgnoresTenant => return Some(series_follows_another(world).await),
        Fault::RevenueByPlace => return Some(revenue_is_anothers(world).await),
        _ => {}
    }
    let case = case(fault)?;
    let before = asked(world, &case).await;
    world.app.execute(case.change).await;
    let changed = asked(world, &case).await;
    world.app.execute(case.back).await;
    assert_eq!(asked(world, &case).await, before, "{}", case.line);
    Some(changed != before)
}

/// Whether there is a mean where the attacker's firm has no price.
async fn empty_is_shown_a_mean(world: &World) -> bool {
    let app = &world.app;
    // Rows that other drives have left among them have ids of all kinds.
    let away = r#"CREATE TABLE "kept" AS SELECT "id", "price" FROM "Service" WHERE "tenantId" = 't-acme';
        UPDATE "Service" SET "price" = NULL WHERE "tenantId" = 't-acme'"#;
    app.execute(away).await;
    let answer = app
        .call(&world.attacker, "GET /api/admin/services/stats")
        .await;
    let back = r#"UPDATE "Service" s SET "price" = k."price" FROM "kept" k WHERE k."id" = s."id"; DROP TABLE "kept""#;
    app.execute(back).await;
    !answer.json()["meanPrice"].is_null()
}

/// More for every booking of bolt's.
const DEARER: &str =
    r#"UPDATE "Booking" SET "amount" = "amount" + 1000 WHERE "tenantId" = 't-bolt'"#;
const AS_BEFORE: &str =
    r#"UPDATE "Booking" SET "amount" = "amount" - 1000 WHERE "tenantId" = 't-bolt'"#;

/// Whether any month of the series follows bolt's bookings.
async fn series_follows_another(world: &World) -> bool {
    let before = series(world).await;
    world.app.execute(DEARER).await;
    let changed = series(world).await;
    world.app.execute(AS_BEFORE).await;
    assert_eq!(series(world).await, before);
    changed != before
}

async fn series(world: &World) -> String {
    let answer = world
        .app
        .call(&world.attacker, "GET /api/admin/analytics")
        .await;
    answer.json()["series"].to_string()
}

/// Whether the revenue is another than that of the firm's own bookings.
async fn revenue_is_anothers(world: &World) -> bool {
    world.app.execute(DEARER).await;
    let answer = world
        .app
        .call(&world.attacker, "GET /api/admin/bookings/stats")
        .await;
    let own = r#"SELECT sum("amount") FROM "Booking" WHERE "tenantId" = 't-acme'"#;
    let own: f64 = world.app.sql(own).await.parse().unwrap();
    world.app.execute(AS_BEFORE).await;
    answer.json()["revenue"].as_f64() != Some(own)
}

async fn asked(world: &World, case: &Case) -> String {
    let answer = world.app.call(&world.attacker, case.line).await;
    let number = match answer.json().pointer(case.at) {
        Some(number) => number.to_string(),
        None => answer.header(case.at).unwrap_or_default().to_owned(),
    };
    assert!(number.parse::<f64>().is_ok(), "{}: {number}", case.line);
    number
}

fn case(fault: Fault) -> Option<Case> {
    let (line, at, change, back) = match fault {
        Fault::ForecastIgnoresTenant => (
            "GET /api/admin/analytics/forecast",
            "/perBooking",
            r#"UPDATE "Booking" SET "amount" = "amount" + 1000 WHERE "tenantId" = 't-bolt'"#,
            r#"UPDATE "Booking" SET "amount" = "amount" - 1000 WHERE "tenantId" = 't-bolt'"#,
        ),
        Fault::BudgetSumIgnoresTenant => (
            "GET /api/admin/service-requests/analytics",
            "/budget",
            r#"UPDATE "ServiceRequest" SET "budget" = 77 WHERE "tenantId" = 't-bolt'"#,
            r#"UPDATE "ServiceRequest" SET "budget" = NULL WHERE "tenantId" = 't-bolt'"#,
        ),
        Fault::MeanPriceIgnoresTenant => (
            "GET /api/admin/services/stats",
            "/meanPrice",
            r#"UPDATE "Service" SET "price" = "price" + 1000 WHERE "tenantId" = 't-bolt'"#,
            r#"UPDATE "Service" SET "price" = "price" - 1000 WHERE "tenantId" = 't-bolt'"#,
        ),
        Fault::InvoicedByEmail => (
            "GET /api/admin/stats/clients",
            "/invoiced",
            r#"UPDATE "Invoice" SET "clientEmail" = 'away@shared.test' WHERE "id" = 'i-bolt-1'"#,
            r#"UPDATE "Invoice" SET "clientEmail" = 'both@shared.test' WHERE "id" = 'i-bolt-1'"#,
        ),
        Fault::RankAmongAll => (
            "GET /api/admin/expenses/e-acme-4/rank",
            "/rank",
            r#"UPDATE "Expense" SET "amount" = "amount" + 1000 WHERE "tenantId" = 't-bolt'"#,
            r#"UPDATE "Expense" SET "amount" = "amount" - 1000 WHERE "tenantId" = 't-bolt'"#,
        ),
        Fault::TotalHeaderIgnoresTenant => (
            "GET /api/admin/payments",
            "x-total-count",
            r#"INSERT INTO "Payment" ("id", "tenantId", "invoiceId", "amount") VALUES ('y-bolt-2', 't-bolt', 'i-bolt-1', 5)"#,
            r#"DELETE FROM "Payment" WHERE "id" = 'y-bolt-2'"#,
        ),
        _ => return None,
    };
    Some(Case {
        line,
        at,
        change,
        back,
    })
}
