//! How each fault that needs a history is driven: the victim's steps, which are legitimate, and then the attacker's.
use reference_app::faults::Fault;
use serde_json::{Value, json};

use super::{World, support::Actor};

/// True if the fault lets something through; `None` if it is driven elsewhere.
pub async fn drive(fault: Fault, world: &World) -> Option<bool> {
    let (attacker, victim) = (&world.attacker, &world.victim);
    let crossed = match fault {
        Fault::ExportDownloadIgnoresTenant => {
            let export = started(world, victim).await;
            let download = format!("GET {export}/download");
            let early = world.app.call(attacker, &download).await.status;
            build(world, victim, &export).await;
            early == 409 && world.leaks(&download).await
        }
        Fault::ExportFileByKind => {
            let own = started(world, attacker).await;
            build(world, attacker, &own).await;
            let download = format!("GET {own}/download");
            let before = world.leaks(&download).await;
            let other = started(world, victim).await;
            build(world, victim, &other).await;
            !before && world.leaks(&download).await
        }
        Fault::ExportRebuildById => {
            let export = started(world, victim).await;
            let again = format!("POST {export}/build");
            let early = world.app.call(attacker, &again).await.status;
            build(world, victim, &export).await;
            early == 404 && world.leaks(&again).await
        }
        _ => return None,
    };
    Some(crossed)
}

/// Makes something, and answers it.
async fn made(world: &World, by: &Actor, line: &str, body: Value) -> Value {
    let answer = world.app.with(by, line, body).await;
    assert!(answer.status < 300, "{line}: {}", answer.body);
    answer.json()
}

/// Starts an export of services, and answers its path.
async fn started(world: &World, by: &Actor) -> String {
    let body = json!({ "kind": "services" });
    let export = made(world, by, "POST /api/admin/exports", body).await;
    format!("/api/admin/exports/{}", export["id"])
}

async fn build(world: &World, by: &Actor, export: &str) {
    let built = made(world, by, &format!("POST {export}/build"), json!({})).await;
    assert_eq!(built["status"], "ready");
}
