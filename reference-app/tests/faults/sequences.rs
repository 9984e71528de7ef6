//! How each fault that needs a history is driven: the victim's steps, which are legitimate, and then the attacker's.
use reference_app::faults::Fault;
use serde_json::{Value, json};

use super::{
    World,
    support::{Actor, seed::MARK},
};

/// True if the fault lets something through; `None` if it is driven elsewhere.
pub async fn drive(fault: Fault, world: &World) -> Option<bool> {
    Some(match fault {
        Fault::ExportDownloadIgnoresTenant | Fault::ExportFileByKind | Fault::ExportRebuildById => {
            exports(fault, world).await
        }
        Fault::ImportCommitIgnoresTenant
        | Fault::ImportPreviewIgnoresTenant
        | Fault::ImportUndoIgnoresTenant => imports(fault, world).await,
        Fault::BatchApplyIgnoresTenant | Fault::BatchApplyDropsTenant => {
            batches(fault, world).await
        }
        Fault::LinkIgnoresTenant
        | Fault::LinkRetargetIgnoresTenant
        | Fault::LinkCommentIgnoresTenant => links(fault, world).await,
        Fault::RestoreIgnoresTenant | Fault::HeldRestoreIgnoresTenant => bin(fault, world).await,
        _ => return None,
    })
}

async fn exports(fault: Fault, world: &World) -> bool {
    let (attacker, victim) = (&world.attacker, &world.victim);
    if fault == Fault::ExportFileByKind {
        let own = started(world, attacker).await;
        build(world, attacker, &own).await;
        let download = format!("GET {own}/download");
        let before = world.leaks(&download).await;
        let other = started(world, victim).await;
        build(world, victim, &other).await;
        return !before && world.leaks(&download).await;
    }
    let export = started(world, victim).await;
    let line = match fault {
        Fault::ExportRebuildById => format!("POST {export}/build"),
        _ => format!("GET {export}/download"),
    };
    let early = world.app.call(attacker, &line).await;
    build(world, victim, &export).await;
    early.status >= 400 && world.leaks(&line).await
}

async fn imports(fault: Fault, world: &World) -> bool {
    let (app, attacker, victim) = (&world.app, &world.attacker, &world.victim);
    let table = json!({ "table": "expenses" });
    let import = made(world, victim, "POST /api/admin/imports", table).await;
    let path = format!("/api/admin/imports/{}", text(&import["id"]));
    let attack = match fault {
        Fault::ImportPreviewIgnoresTenant => format!("GET {path}"),
        Fault::ImportUndoIgnoresTenant => format!("POST {path}/undo"),
        _ => format!("POST {path}/commit"),
    };
    let early = app.call(attacker, &attack).await;
    let rows = json!({ "rows": [{ "description": "staged at home", "amount": 2.5 }] });
    made(world, victim, &format!("PUT {path}/rows"), rows).await;
    let there = "SELECT count(*) FROM \"Expense\" WHERE \"tenantId\" = 't-bolt' AND \"description\" = 'staged at home'";
    if fault == Fault::ImportUndoIgnoresTenant {
        let commit = format!("POST {path}/commit");
        made(world, victim, &commit, json!({})).await;
        world.settle().await;
        assert_ne!(app.sql(there).await, "0", "the victim's commit made it");
    }
    let before = app.sql(there).await;
    let answer = app.call(attacker, &attack).await;
    world.settle().await;
    if fault == Fault::ImportPreviewIgnoresTenant {
        return !early.body.contains(MARK) && answer.body.contains(MARK);
    }
    early.status >= 400 && app.sql(there).await != before
}

async fn batches(fault: Fault, world: &World) -> bool {
    let (app, attacker) = (&world.app, &world.attacker);
    let (by, set) = match fault {
        Fault::BatchApplyIgnoresTenant => (&world.victim, "URGENT"),
        _ => (attacker, "LOW"),
    };
    let batch = json!({ "resource": "tasks", "set": { "priority": set } });
    let batch = made(world, by, "POST /api/admin/batches", batch).await;
    let path = format!("/api/admin/batches/{}", text(&batch["id"]));
    let apply = format!("POST {path}/apply");
    let early = app.call(attacker, &apply).await;
    made(world, by, &format!("POST {path}/confirm"), json!({})).await;
    let there = format!(
        "SELECT count(*) FROM \"Task\" WHERE \"tenantId\" = 't-bolt' AND \"priority\" = '{set}'"
    );
    let before = app.sql(&there).await;
    app.call(attacker, &apply).await;
    world.settle().await;
    early.status >= 400 && app.sql(&there).await != before
}

async fn links(fault: Fault, world: &World) -> bool {
    let (app, attacker, victim) = (&world.app, &world.attacker, &world.victim);
    let (by, request) = match fault {
        Fault::LinkRetargetIgnoresTenant => (attacker, "r-acme-1"),
        _ => (victim, "r-bolt-1"),
    };
    let make = format!("POST /api/admin/service-requests/{request}/link");
    let link = made(world, by, &make, json!({})).await;
    let path = format!("/api/admin/links/{}", text(&link["code"]));
    let follow = format!("GET {path}");
    let early = app.call(attacker, &follow).await.status;
    made(world, by, &format!("POST {path}/open-up"), json!({})).await;
    match fault {
        Fault::LinkCommentIgnoresTenant => {
            let comment = format!("POST {path}/comments");
            app.with(attacker, &comment, json!({ "body": "left by a stranger" }))
                .await;
            world.settle().await;
            let left = "SELECT count(*) FROM \"Comment\" WHERE \"tenantId\" = 't-bolt' AND \"body\" = 'left by a stranger'";
            return app.sql(left).await != "0";
        }
        Fault::LinkRetargetIgnoresTenant => {
            assert!(!world.leaks(&follow).await, "it leads home");
            let to = json!({ "requestId": "r-bolt-1" });
            app.with(attacker, &format!("PUT {path}"), to).await;
        }
        _ => {}
    }
    early >= 400 && world.leaks(&follow).await
}

async fn bin(fault: Fault, world: &World) -> bool {
    let (app, attacker, victim) = (&world.app, &world.attacker, &world.victim);
    let task = match fault {
        Fault::HeldRestoreIgnoresTenant => "k-bolt-3",
        _ => "k-bolt-4",
    };
    let away = format!("POST /api/admin/tasks/{task}/bin");
    let item = made(world, victim, &away, json!({})).await;
    world.settle().await;
    let path = format!("/api/admin/bin/{}", text(&item["id"]));
    let restore = format!("POST {path}/restore");
    let there = format!("SELECT count(*) FROM \"Task\" WHERE \"id\" = '{task}'");
    if fault == Fault::HeldRestoreIgnoresTenant {
        app.call(attacker, &restore).await;
        world.settle().await;
        assert_eq!(app.sql(&there).await, "0", "it is not held yet");
        made(world, victim, &format!("POST {path}/hold"), json!({})).await;
    }
    app.call(attacker, &restore).await;
    world.settle().await;
    app.sql(&there).await != "0"
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
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
