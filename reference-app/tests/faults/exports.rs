//! How each fault of what imports refused is driven.
use reference_app::faults::Fault;

use super::World;

/// True if the fault lets something through; `None` if it is driven elsewhere.
pub async fn drive(fault: Fault, world: &World) -> Option<bool> {
    Some(match fault {
        Fault::QuarantineIgnoresTenant => {
            world
                .leaks("GET /api/admin/uploads/quarantine?sort=line")
                .await
        }
        Fault::DiscardIgnoresTenant => {
            let line = "DELETE /api/admin/uploads/quarantine/q-bolt-2";
            world.app.call(&world.attacker, line).await;
            world.settle().await;
            let left = r#"SELECT count(*) FROM "QuarantinedRow" WHERE "id" = 'q-bolt-2'"#;
            world.app.sql(left).await == "0"
        }
        _ => return None,
    })
}
