//! States, and the end: fresh clones, who blocks, what is left behind.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use partywall::model::call::Wire;
use partywall::model::event::Silence;
use partywall::world::{PortOwner, World};

use super::driver::{app, checksums, execute, failed, frozen, settings, settled};

#[tokio::test]
async fn fresh_state_is_the_frozen_one_under_the_same_name() {
    let mut world = World::up(&settings(""), &Silence).await.unwrap();
    for sql in [
        "CREATE TABLE t (id int PRIMARY KEY)",
        "INSERT INTO t VALUES (1)",
        "GRANT ALL ON t TO partywall_app",
        "ALTER DATABASE partywall_app SET my.tenant TO 'it''s, me'",
        "ALTER ROLE partywall_app IN DATABASE partywall_app SET search_path TO public, \"Odd\"",
        "REVOKE ALL ON DATABASE partywall_app FROM PUBLIC",
    ] {
        sqlx::query(sql).execute(world.pool()).await.unwrap();
    }
    world.freeze().await.unwrap();
    let (before, url) = (
        checksums(&world).await,
        world.values().get("database.app.url").unwrap().to_owned(),
    );
    let base = world.base().to_owned();
    let mut session = app(&world).await;
    execute(&mut session, "INSERT INTO t VALUES (2)").await;
    world.fresh().await.unwrap();
    assert_eq!(checksums(&world).await, before);
    assert_eq!(world.values().get("database.app.url"), Some(url.as_str()));
    assert_eq!(world.base(), base);
    assert!(settled(&mut world).await.is_empty());
    let mut session = app(&world).await;
    let kept: (String, String, bool) = sqlx::query_as(
        "SELECT current_setting('my.tenant'), current_setting('search_path'), \
                has_database_privilege('public', current_database(), 'TEMP')",
    )
    .fetch_one(&mut session)
    .await
    .unwrap();
    assert_eq!(kept, ("it's, me".into(), "public, \"Odd\"".into(), false));

    execute(&mut session, "INSERT INTO t VALUES (3)").await;
    world.freeze().await.unwrap();
    let kept = checksums(&world).await;
    assert_ne!(kept, before);
    world.fresh().await.unwrap();
    assert_eq!(checksums(&world).await, kept);
    world.close().await.unwrap();
}

#[tokio::test]
async fn the_target_runs_and_answers_and_its_output_is_kept() {
    let mut world = World::up(&settings(""), &Silence).await.unwrap();
    assert!(world.alive() && world.about().contains("PostgreSQL"));
    assert_eq!(world.port_owner(), PortOwner::Ours);
    let wire = Wire {
        base: world.base().to_owned(),
        method: "GET".to_owned(),
        target: "/hello".to_owned(),
        headers: vec![(
            "Host".to_owned(),
            format!("acme.localhost:{}", world.port()),
        )],
        body: bytes::Bytes::new(),
    };
    let sent = world.send(&wire).await;
    let (response, elapsed) = (sent.outcome, sent.elapsed);
    assert_eq!(response.unwrap().text(), "/hello");
    assert!(elapsed > Duration::ZERO && elapsed < Duration::from_secs(5));
    assert!(world.log_tail().contains("asked for /hello"));
    assert!(failed(world.settle().await).contains("freeze"));
    world.stop_target().await.unwrap();
    assert!(!world.alive() && world.log_tail().contains("asked for /hello"));
    assert!(world.send(&wire).await.outcome.is_err());
    world.close().await.unwrap();
}

#[tokio::test]
async fn the_application_is_neither_superuser_nor_above_policies() {
    let more = "[database]\nroles = { migrator = { owner = true }, jobs = { bypass_rls = true } }\n\
                setup = [\"CREATE TABLE early (id int)\"]\nextensions = [\"plpgsql\"]\n";
    let world = World::up(&settings(more), &Silence).await.unwrap();
    let rows: Vec<(String, bool, bool, bool)> = sqlx::query_as(
        "SELECT rolname::text, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles \
         WHERE rolname LIKE 'partywall\\_%' ORDER BY 1",
    )
    .fetch_all(world.pool())
    .await
    .unwrap();
    let role = |name: &str, bypass| (format!("partywall_{name}"), false, bypass, false);
    assert_eq!(
        rows,
        [
            role("app", false),
            role("jobs", true),
            role("migrator", false)
        ]
    );
    let mut app = app(&world).await;
    let made = sqlx::query("CREATE TABLE mine (id int)")
        .execute(&mut app)
        .await;
    assert!(made.is_err(), "the application owns nothing here");
    let owner = world.values().get("database.migrator.url").unwrap();
    let mut owner = <sqlx::PgConnection as sqlx::Connection>::connect(owner)
        .await
        .unwrap();
    execute(&mut owner, "CREATE TABLE theirs (id serial)").await;
    execute(&mut app, "INSERT INTO theirs DEFAULT VALUES").await;
    world.close().await.unwrap();
}

#[tokio::test]
async fn who_blocks_the_slot_is_named() {
    let mut world = frozen("CREATE TABLE t (id int)").await;
    let values = world.values();
    let at = |part: &str| {
        values
            .get(&format!("database.app.{part}"))
            .unwrap()
            .to_owned()
    };
    // In another database of the server: those sessions are not ours to end.
    let url = format!(
        "postgresql://{}:{}@{}:{}/postgres?application_name=holder",
        at("user"),
        at("password"),
        at("host"),
        at("port")
    );
    let mut holder = <sqlx::PgConnection as sqlx::Connection>::connect(&url)
        .await
        .unwrap();
    execute(&mut holder, "BEGIN; CREATE TEMP TABLE held (id int)").await;
    let error = failed(world.fresh().await);
    assert!(
        error.contains("slot") && error.contains("holder") && error.contains("idle in transaction"),
        "{error}"
    );
    execute(&mut holder, "ROLLBACK").await;
    world.fresh().await.unwrap();
    world.close().await.unwrap();
}

/// Every folder and process that a world made, to look for later.
fn traces(world: &World) -> Vec<PathBuf> {
    let token = world.token().to_owned();
    let folders = ["/dev/shm".into(), std::env::temp_dir()];
    let data = folders
        .iter()
        .map(|f: &PathBuf| f.join(format!("partywall_{token}")));
    data.chain([world.folder().to_owned()])
        .filter(|p| p.exists())
        .collect()
}

fn connects(port: u16) -> bool {
    std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[tokio::test]
async fn closing_and_dropping_leave_nothing() {
    for close in [true, false] {
        let world = frozen("CREATE TABLE t (id int)").await;
        let traces = traces(&world);
        assert_eq!(traces.len(), 2, "{traces:?}");
        let ports = [
            world.port(),
            world
                .values()
                .get("database.app.port")
                .unwrap()
                .parse()
                .unwrap(),
        ];
        assert!(ports.iter().all(|&p| connects(p)));
        if close {
            world.close().await.unwrap();
        } else {
            drop(world);
        }
        assert!(!ports.iter().any(|&p| connects(p)), "closed: {close}");
        assert!(!traces.iter().any(|t| t.exists()), "closed: {close}");
    }
}

#[test]
fn a_world_that_outlives_its_runtime_leaves_nothing_either() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(frozen("CREATE TABLE t (id int)"));
    let (traces, port) = (traces(&world), world.port());
    assert!(traces.len() == 2 && connects(port));
    drop(runtime);
    drop(world);
    assert!(!connects(port) && !traces.iter().any(|t| t.exists()));
}

/// A future that is dropped half way, as a panic or Ctrl-C does: the parts that were there already go.
async fn give_up() {
    let slow = settings("setup = [\"sleep 30\"]\n");
    let up = World::up(&slow, &Silence);
    let given_up = tokio::time::timeout(Duration::from_secs(3), up).await;
    assert!(given_up.is_err());
    let mine = format!("partywall_{}_", std::process::id());
    let folders = ["/dev/shm".into(), std::env::temp_dir()];
    let left = folders
        .iter()
        .flat_map(|f: &PathBuf| std::fs::read_dir(f).into_iter().flatten());
    let left: Vec<_> = left
        .flatten()
        .map(|e| e.file_name().into_string().unwrap())
        .filter(|n| n.starts_with(&mine))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_start_that_is_given_up_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ended = other_run_in(folder.path(), "give up").wait().unwrap();
    assert!(ended.success());
    let root = folder.path().join("partywall");
    assert_eq!(std::fs::read_dir(root).unwrap().count(), 0);
}

/// A world in a process of its own. Told to stay, it says what it has made and waits to be killed.
#[tokio::test]
#[ignore = "not a test: what another test starts, and kills"]
async fn other_run() {
    let Ok(stay) = std::env::var("PARTYWALL_TEST_STAY") else {
        return;
    };
    if stay == "give up" {
        return give_up().await;
    }
    let world = frozen("CREATE TABLE t (id int)").await;
    if stay == "no" {
        return world.close().await.unwrap();
    }
    let server = world.values().get("database.app.port").unwrap();
    let traces: Vec<String> = traces(&world)
        .iter()
        .map(|t| t.display().to_string())
        .collect();
    println!("other run: {} {server} {}", world.port(), traces.join(" "));
    std::future::pending::<()>().await;
}

/// Starts it with a run folder that no other test looks into.
fn other_run_in(folder: &Path, stay: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "world::end::other_run",
            "--ignored",
            "--nocapture",
        ])
        .env("XDG_RUNTIME_DIR", folder)
        .env("PARTYWALL_TEST_STAY", stay)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let mut killed = other_run_in(folder.path(), "yes");
    let line = BufReader::new(killed.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .find_map(|l| l.strip_prefix("other run: ").map(str::to_owned))
        .unwrap();
    killed.kill().unwrap();
    killed.wait().unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    let ports: Vec<u16> = words[..2].iter().map(|p| p.parse().unwrap()).collect();
    let traces: Vec<&Path> = words[2..].iter().map(Path::new).collect();
    assert!(ports.iter().all(|&p| connects(p)), "they outlive a kill");
    assert!(traces.len() == 2 && traces.iter().all(|t| t.exists()));

    assert!(other_run_in(folder.path(), "no").wait().unwrap().success());
    assert!(!ports.iter().any(|&p| connects(p)));
    assert!(!traces.iter().any(|t| t.exists()));
}

#[tokio::test]
async fn a_target_that_fails_shows_its_output_and_leaves_nothing() {
    let text = "[target]\nstart = \"sh -c 'echo no such module; exit 7'\"\n";
    let settings = partywall::settings::Settings::parse(
        "partywall.toml",
        text,
        partywall::settings::Overrides::default(),
        &|_| None,
    )
    .unwrap();
    let error = failed(World::up(&settings, &Silence).await);
    assert!(
        error.contains("no such module") && error.contains('7'),
        "{error}"
    );
}

#[tokio::test]
async fn a_twin_works_on_a_clone_of_its_own_and_leaves_nothing_behind() {
    let mut world = frozen("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)").await;
    let before = checksums(&world).await;
    let mut twin = world.twin().unwrap().up().await.unwrap();
    assert_ne!(twin.base(), world.base());
    assert_eq!(checksums(&twin).await, before);
    execute(&mut app(&twin).await, "INSERT INTO t VALUES (2)").await;
    execute(&mut app(&world).await, "INSERT INTO t VALUES (3)").await;
    assert_eq!(settled(&mut twin).await, ["Insert t - -> 2"]);
    assert_eq!(settled(&mut world).await, ["Insert t - -> 3"]);
    twin.fresh().await.unwrap();
    assert_eq!(checksums(&twin).await, before);
    assert_ne!(checksums(&world).await, before);
    assert_eq!(databases(&world).await.len(), 3);
    let folder = twin.folder().to_owned();
    twin.close().await.unwrap();
    let left = databases(&world).await;
    assert_eq!(left, ["partywall_app", "partywall_template"]);
    assert!(!folder.exists());
    world.close().await.unwrap();
}

async fn databases(world: &World) -> Vec<String> {
    let sql = "SELECT datname::text FROM pg_database WHERE datname LIKE 'partywall%' ORDER BY 1";
    let all = sqlx::query_scalar(sql).fetch_all(world.pool());
    all.await.unwrap()
}
