//! How each fault of what is kept from one call to the next is driven.
use reference_app::faults::Fault;
use serde_json::json;

use super::World;

/// True if the fault lets something through; `None` if it is driven elsewhere.
pub async fn drive(fault: Fault, world: &World) -> Option<bool> {
    let (app, attacker, victim) = (&world.app, &world.attacker, &world.victim);
    let just_after = async |line: &str| {
        let cold = world.leaks(line).await;
        app.call(victim, line).await;
        let warm = world.leaks(line).await;
        !cold && warm && !world.leaks(line).await
    };
    Some(match fault {
        Fault::LastBookingAgain => just_after("GET /api/portal/bookings/b-bolt-9").await,
        Fault::LastTeamAgain => just_after("GET /api/admin/team").await,
        Fault::BulkClosesAnyBooks => {
            let line = "GET /api/admin/expenses/e-bolt-4";
            let before = app.call(victim, line).await.status;
            let bulk =
                json!({ "action": "update", "ids": ["e-bolt-4"], "data": { "vendor": "x" } });
            let answer = app
                .with(attacker, "POST /api/admin/expenses/bulk", bulk)
                .await;
            assert_eq!(answer.json()["affected"], 0, "{}", answer.body);
            world.settle().await;
            before == 200 && app.call(victim, line).await.status == 423
        }
        _ => return None,
    })
}
