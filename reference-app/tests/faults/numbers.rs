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
    let case = case(fault)?;
    let before = asked(world, &case).await;
    world.app.execute(case.change).await;
    let changed = asked(world, &case).await;
    world.app.execute(case.back).await;
    assert_eq!(asked(world, &case).await, before, "{}", case.line);
    Some(changed != before)
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
