//! Servers that are not ours: what is made there is dropped, whoever ends the run; a target that runs already.

use std::process::{Command, Stdio};

use partywall::model::event::Silence;
use partywall::model::exchange::Watch;
use partywall::settings::{Overrides, Settings};
use partywall::world::{PortOwner, World};
use sqlx::{AssertSqlSafe, PgPool};

use super::driver::{app, checksums, execute, failed, frozen, settings, settled};
use super::target::start;

/// A server of somebody else: the one below another world, by a role with these attributes.
async fn foreign(attributes: &str) -> (World, String) {
    let world = World::up(&settings(""), &Silence).await.unwrap();
    let sql = format!("CREATE ROLE boss LOGIN PASSWORD 'p@ss' {attributes}");
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(world.pool())
        .await
        .unwrap();
    let at = |part: &str| world.values().get(&format!("database.app.{part}")).unwrap();
    let url = format!(
        "postgresql://boss:p%40ss@{}:{}/postgres",
        at("host"),
        at("port")
    );
    (world, url)
}

fn on(url: &str) -> Settings {
    settings(&format!("[database]\nurl = {url:?}\n"))
}

/// All that runs have made on a server, by name.
async fn traces(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT datname::text FROM pg_database UNION ALL SELECT rolname::text FROM pg_roles \
         UNION ALL SELECT slot_name::text FROM pg_replication_slots \
         UNION ALL SELECT roname::text FROM pg_replication_origin ORDER BY 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn on_a_named_server_everything_works_and_nothing_stays() {
    let (host, url) = foreign("SUPERUSER").await;
    let before = traces(host.pool()).await;
    for close in [true, false] {
        let mut world = World::up(&on(&url), &Silence).await.unwrap();
        assert!(world.about().contains("database.url names it"));
        let mut session = app(&world).await;
        execute(&mut session, "CREATE TABLE t (id int PRIMARY KEY, a text)").await;
        drop(session);
        world.freeze().await.unwrap();
        assert_eq!(world.watch(), Watch::Exact);
        let mut session = app(&world).await;
        execute(&mut session, "INSERT INTO t VALUES (1, 'x')").await;
        let changes = world.settle().await.unwrap();
        assert_eq!(changes.len(), 1);
        world.undo(&changes).await.unwrap();
        assert!(settled(&mut world).await.is_empty());
        world.fresh().await.unwrap();
        assert!(traces(host.pool()).await.len() >= before.len() + 4);
        if close {
            world.close().await.unwrap();
        } else {
            drop(world);
        }
        assert_eq!(traces(host.pool()).await, before, "closed: {close}");
    }
    host.close().await.unwrap();
}

#[tokio::test]
async fn without_superuser_rows_are_compared_and_that_is_said() {
    let (host, url) = foreign("CREATEDB CREATEROLE").await;
    let mut world = World::up(&on(&url), &Silence).await.unwrap();
    let mut session = app(&world).await;
    execute(
        &mut session,
        "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); \
         GRANT SELECT ON t TO PUBLIC",
    )
    .await;
    drop(session);
    world.freeze().await.unwrap();
    assert_eq!(world.watch(), Watch::Compared);
    assert!(world.about().contains("rows compared"));
    let said = world.take_notes();
    assert!(said.iter().any(|s| s.contains("no superuser")), "{said:?}");
    let mut session = app(&world).await;
    execute(&mut session, "INSERT INTO t VALUES (2)").await;
    assert_eq!(settled(&mut world).await, ["Insert t - -> 2"]);
    drop(session);
    world.fresh().await.unwrap();
    assert!(settled(&mut world).await.is_empty());
    world.close().await.unwrap();
    host.close().await.unwrap();

    let (host, url) = foreign("").await;
    let error = failed(World::up(&on(&url), &Silence).await);
    assert!(error.contains("CREATEDB"), "{error}");
    host.close().await.unwrap();
}

/// A world on the server that the environment names, which is killed.
#[tokio::test]
#[ignore = "not a test: what another test kills"]
async fn victim() {
    let Ok(url) = std::env::var("PARTYWALL_TEST_SERVER") else {
        return;
    };
    let mut world = World::up(&on(&url), &Silence).await.unwrap();
    world.freeze().await.unwrap();
    println!("victim");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn what_a_killed_run_left_on_a_server_is_dropped_by_the_next() {
    use std::io::{BufRead, BufReader};
    let (host, url) = foreign("SUPERUSER").await;
    let before = traces(host.pool()).await;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "world::servers::victim",
            "--ignored",
            "--nocapture",
        ])
        .env("PARTYWALL_TEST_SERVER", &url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let came = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .any(|l| l == "victim");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(came && traces(host.pool()).await.len() > before.len());
    // Somebody else's things, which only look like ours.
    execute(
        &mut host.pool().acquire().await.unwrap(),
        "CREATE ROLE partywall_mine_1_2_app",
    )
    .await;

    let world = World::up(&on(&url), &Silence).await.unwrap();
    world.close().await.unwrap();
    let mut wanted = before;
    wanted.push("partywall_mine_1_2_app".to_owned());
    wanted.sort();
    let mut left = traces(host.pool()).await;
    left.sort();
    assert_eq!(left, wanted);
    host.close().await.unwrap();
}

#[tokio::test]
async fn servers_and_targets_elsewhere_are_refused() {
    let error = failed(World::up(&on("postgresql://a:b@192.0.2.1/x"), &Silence).await);
    assert!(
        error.contains("192.0.2.1") && error.contains("allow_hosts"),
        "{error}"
    );
    let parse = |text: &str| {
        Settings::parse("partywall.toml", text, Overrides::default(), &|_| None).unwrap()
    };
    let elsewhere = parse(
        "[target]\nurl = \"http://192.0.2.1/\"\n[database]\nurl = \"postgresql://a:b@127.0.0.1/x\"\n",
    );
    let error = failed(World::up(&elsewhere, &Silence).await);
    assert!(
        error.contains("192.0.2.1") && error.contains("allow_hosts"),
        "{error}"
    );
    let old = settings("[database]\nversion = 99\nbackend = \"local\"\n");
    let error = failed(World::up(&old, &Silence).await);
    assert!(error.contains("99"), "{error}");
    let lacking = settings("[database]\nextensions = [\"no_such_thing\"]\n");
    let error = failed(World::up(&lacking, &Silence).await);
    assert!(error.contains("no_such_thing"), "{error}");
}

/// Somebody's own target and database: another world plays them.
#[tokio::test]
async fn a_target_that_runs_already_is_left_running_and_its_rows_written_back() {
    let mut host = frozen("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)").await;
    let sql = "CREATE ROLE boss SUPERUSER LOGIN PASSWORD 'pass'";
    sqlx::query(sql).execute(host.pool()).await.unwrap();
    let at = |part: &str| {
        host.values()
            .get(&format!("database.app.{part}"))
            .unwrap()
            .to_owned()
    };
    let text = format!(
        "[target]\nurl = {:?}\n[database]\nurl = \"postgresql://boss:pass@{}:{}/{}\"\n",
        host.base(),
        at("host"),
        at("port"),
        at("name")
    );
    let settings = Settings::parse("partywall.toml", &text, Overrides::default(), &|_| None);
    let mut world = World::up(&settings.unwrap(), &Silence).await.unwrap();
    assert!(world.about().contains("running already") && !start().is_empty());
    assert_eq!(world.port_owner(), PortOwner::Unknown);
    let before = checksums(&host).await;
    world.freeze().await.unwrap();
    assert_eq!(world.watch(), Watch::Compared);
    let mut session = app(&host).await;
    execute(
        &mut session,
        "INSERT INTO t VALUES (2); UPDATE t SET id = 3 WHERE id = 1",
    )
    .await;
    assert_eq!(settled(&mut world).await.len(), 3);
    world.fresh().await.unwrap();
    assert_eq!(checksums(&host).await, before);
    assert!(settled(&mut world).await.is_empty());
    world.close().await.unwrap();
    assert!(host.alive());
    assert_eq!(checksums(&host).await, before);
    host.close().await.unwrap();
}
