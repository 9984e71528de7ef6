//! How each fault of the pages is driven: over HTTP where it shows there, and else by what the server hands to browsers.
use reference_app::faults::Fault;

use super::{
    World,
    support::{Actor, seed::MARK},
};

/// True if the fault lets something through; `None` if it is driven elsewhere.
pub async fn drive(fault: Fault, world: &World) -> Option<bool> {
    let app = &world.app;
    let name = fault.entry()?.name;
    let nobody = Actor {
        host: app.base.to_owned(),
        ..Actor::default()
    };
    let desk = app.base;
    let shown =
        async |actor: &Actor, path: &str| app.call(actor, &format!("GET {path}")).await.body;
    let scripted = async |path: &str| {
        let script = shown(&nobody, path).await;
        let slips = script.lines().find(|line| line.starts_with("const slips"));
        slips.expect("a line for slips").contains(name)
    };
    let forgotten = async || {
        let left = app.form(&nobody, "POST /logout", &[]).await;
        left.header("clear-site-data")
            .unwrap_or_default()
            .to_owned()
    };
    Some(match fault {
        Fault::DraftsKeyLacksFirm | Fault::RecentOnParentDomain => scripted("/assets/app.js").await,
        Fault::WorkerCachesByPath => scripted("/worker.js").await,
        Fault::DraftsStayAfterLogout | Fault::WorkerCacheStaysAfterLogout => {
            scripted("/assets/app.js").await && !forgotten().await.contains("storage")
        }
        Fault::PagesMayBeStored => {
            let acme = app.enter(desk, "acme", "admin@acme.test").await;
            let page = app.call(&acme, "GET /dashboard").await;
            let stored = !page.header("cache-control").unwrap().contains("no-store");
            stored && scripted("/assets/app.js").await && !forgotten().await.contains("cache")
        }
        Fault::SwitcherTrustsForm => {
            let acme = app.enter(desk, "acme", "admin@acme.test").await;
            let switched = app.form(&acme, "POST /switch", &[("firm", "bolt")]).await;
            let there = Actor {
                cookie: switched.cookie(),
                ..nobody.clone()
            };
            let title = [("title", "planted by acme"), ("firm", "bolt")];
            app.form(&there, "POST /tasks", &title).await;
            world.settle().await;
            let planted = tasks(world, "planted by acme", "t-bolt").await;
            shown(&there, "/bookings").await.contains(MARK) && planted
        }
        Fault::MismatchNotRedirected => {
            let host = format!("acme.{desk}");
            let acme = app.enter(&host, "acme", "admin@acme.test").await;
            let there = acme.on(&format!("bolt.{desk}"));
            let title = [("title", "planted from acme"), ("firm", "bolt")];
            app.form(&there, "POST /tasks", &title).await;
            world.settle().await;
            let planted = tasks(world, "planted from acme", "t-bolt").await;
            shown(&there, "/dashboard").await.contains(MARK) && planted
        }
        Fault::ActiveFirmPerUser => {
            let one = app.enter(desk, "acme", "dual@acme.test").await;
            let other = app.enter(desk, "acme", "dual@acme.test").await;
            app.form(&one, "POST /switch", &[("firm", "bolt")]).await;
            shown(&other, "/dashboard").await.contains(MARK)
        }
        Fault::StateOfLastVisitor => {
            let acme = app.enter(desk, "acme", "admin@acme.test").await;
            let bolt = app.enter(desk, "bolt", "admin@bolt.test").await;
            shown(&acme, "/dashboard").await;
            let cold = shown(&acme, "/dashboard").await.contains(MARK);
            shown(&bolt, "/dashboard").await;
            let next = shown(&acme, "/dashboard").await;
            !cold && next.contains(MARK) && !shown(&acme, "/dashboard").await.contains(MARK)
        }
        Fault::StaleFormWritesElsewhere => {
            let dual = app.enter(desk, "acme", "dual@acme.test").await;
            let switched = app.form(&dual, "POST /switch", &[("firm", "bolt")]).await;
            let there = Actor {
                cookie: switched.cookie(),
                ..nobody.clone()
            };
            let stale = [("title", "meant for acme"), ("firm", "acme")];
            app.form(&there, "POST /tasks", &stale).await;
            world.settle().await;
            tasks(world, "meant for acme", "t-bolt").await
        }
        _ => return None,
    })
}

/// Whether a firm has a task of that title.
async fn tasks(world: &World, title: &str, tenant: &str) -> bool {
    let sql = format!(
        r#"SELECT count(*) FROM "Task" WHERE "title" = '{title}' AND "tenantId" = '{tenant}'"#
    );
    world.app.sql(&sql).await != "0"
}
