//! Servers that are not ours: what is made there is dropped, whoever ends the run; a target that runs already.

use std::process::{Command, Stdio};

use partywall::model::event::Silence;
use partywall::model::exchange::Watch;
use partywall::model::rows::RowRef;
use partywall::seed;
use partywall::settings::{Overrides, Settings};
use partywall::world::{PortOwner, World};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use super::driver::{app, checksums, execute, failed, frozen, settings, settled, told};
use super::target::start;

/// A server of somebody else: the one below another world, by a role with these attributes.
pub async fn foreign(attributes: &str) -> (World, String) {
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
pub async fn traces(pool: &PgPool) -> Vec<String> {
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
    execute(&mut session, "DELETE FROM t").await;
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

/// Without superuser neither triggers nor foreign keys can be switched off.
#[tokio::test]
async fn without_superuser_changes_are_taken_back_all_the_same() {
    let (host, url) = foreign("CREATEDB CREATEROLE").await;
    let mut world = World::up(&on(&url), &Silence).await.unwrap();
    let mut session = app(&world).await;
    execute(
        &mut session,
        "CREATE TABLE firm (id int PRIMARY KEY, name text UNIQUE, at timestamptz DEFAULT now());
         CREATE TABLE person (id int PRIMARY KEY, firm int REFERENCES firm ON DELETE CASCADE, boss int REFERENCES person,
                              twice int GENERATED ALWAYS AS (id * 2) STORED);
         CREATE TABLE a_note (person int REFERENCES person ON DELETE SET NULL, flag boolean, code char(3));
         CREATE TABLE strict (firm int REFERENCES firm);
         CREATE TABLE audit (line text);
         CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           NEW.at = clock_timestamp(); INSERT INTO audit VALUES (TG_OP); RETURN NEW; END $$;
         CREATE TRIGGER log BEFORE INSERT OR UPDATE ON firm FOR EACH ROW EXECUTE FUNCTION log();
         INSERT INTO firm VALUES (1, 'one'), (2, 'two'), (3, 'three');
         INSERT INTO person VALUES (1, 1, NULL), (2, 1, 1), (3, 2, 3);
         INSERT INTO a_note VALUES (1, true, 'a'), (1, true, 'a'), (NULL, NULL, NULL);
         INSERT INTO strict VALUES (3);",
    )
    .await;
    drop(session);
    world.freeze().await.unwrap();
    let before = checksums(&world).await;
    let mut session = app(&world).await;
    for sql in [
        "DELETE FROM firm WHERE id = 1",
        "UPDATE firm SET name = 'one' WHERE id = 2; INSERT INTO firm VALUES (4, 'two')",
        "INSERT INTO person VALUES (5, 4, NULL), (6, 4, 5); UPDATE person SET boss = 6 WHERE id = 3; \
         INSERT INTO a_note VALUES (6, false, ''); INSERT INTO strict VALUES (4)",
    ] {
        execute(&mut session, sql).await;
    }
    let changes = world.settle().await.unwrap();
    // Somebody else writes meanwhile: that stays, and is told.
    execute(&mut session, "INSERT INTO a_note VALUES (3, NULL, 'z')").await;
    world.undo(&changes).await.unwrap();
    assert_eq!(settled(&mut world).await, ["Insert a_note - -> 3,NULL,z  "]);
    execute(&mut session, "DELETE FROM a_note WHERE person = 3").await;
    settled(&mut world).await;
    assert_eq!(checksums(&world).await, before);
    // The triggers are as they were.
    execute(&mut session, "UPDATE firm SET name = 'x' WHERE id = 3").await;
    assert_eq!(settled(&mut world).await.len(), 2);

    // What a trigger does in passing is noticed, and nothing is changed then.
    execute(
        &mut session,
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES ('gone'); RETURN OLD; END $$;
         CREATE TRIGGER spoil AFTER DELETE ON person FOR EACH ROW EXECUTE FUNCTION spoil();
         INSERT INTO firm VALUES (9, 'nine')",
    )
    .await;
    let changes: Vec<_> = world.settle().await.unwrap();
    let only: Vec<_> = changes.into_iter().filter(|c| c.table == "firm").collect();
    execute(&mut session, "INSERT INTO person VALUES (9, 9, NULL)").await;
    let now = checksums(&world).await;
    let error = failed(world.undo(&only).await);
    assert!(error.contains("fresh clone"), "{error}");
    assert_eq!(checksums(&world).await, now);
    assert_eq!(
        settled(&mut world).await,
        ["Insert person - -> 9,9,NULL,18"]
    );
    world.close().await.unwrap();
    host.close().await.unwrap();
}

#[tokio::test]
async fn without_superuser_rows_can_be_taken_away_and_no_role_stays() {
    let (host, url) = foreign("CREATEDB CREATEROLE").await;
    let before = traces(host.pool()).await;
    let roles = "[database.roles]\nowner = { owner = true }\njobs = {}\n";
    let described = settings(&format!("[database]\nurl = {url:?}\n{roles}"));
    let mut world = World::up(&described, &Silence).await.unwrap();
    let owner = world.values().get("database.owner.url").unwrap().to_owned();
    let jobs = world.values().get("database.jobs.url").unwrap().to_owned();
    let mut session = PgConnection::connect(&owner).await.unwrap();
    execute(
        &mut session,
        "CREATE TABLE firm (id int PRIMARY KEY, name text); INSERT INTO firm VALUES (1, 'a'), (2, 'b');
         CREATE TABLE person (id int PRIMARY KEY, firm int NOT NULL REFERENCES firm); INSERT INTO person VALUES (1, 1), (2, 2);
         GRANT CREATE ON SCHEMA public TO PUBLIC",
    )
    .await;
    let mut session = PgConnection::connect(&jobs).await.unwrap();
    execute(&mut session, "CREATE TABLE job (id int PRIMARY KEY)").await;
    drop(session);
    world.freeze().await.unwrap();
    let state = checksums(&world).await;
    let schema = seed::introspect(world.pool(), None).await.unwrap();
    let firm = RowRef {
        table: schema.by_name("firm").unwrap().id,
        key: vec![Some("1".into())],
    };
    seed::take_back(world.pool(), &schema, &[firm])
        .await
        .unwrap();
    let gone = world.settle().await.unwrap();
    assert_eq!(
        told(&gone),
        ["Delete firm 1,a -> -", "Delete person 1,1 -> -"]
    );
    world.undo(&gone).await.unwrap();
    assert_eq!(checksums(&world).await, state);
    let mut session = PgConnection::connect(&jobs).await.unwrap();
    execute(&mut session, "INSERT INTO job VALUES (1)").await;
    let made = world.settle().await.unwrap();
    world.undo(&made).await.unwrap();
    assert_eq!(checksums(&world).await, state);
    drop(session);
    world.close().await.unwrap();
    assert_eq!(traces(host.pool()).await, before);
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

#[cfg(feature = "download")]
#[tokio::test]
#[ignore = "fetches binaries from the network"]
async fn binaries_are_downloaded() {
    let fetched = settings("[database]\nbackend = \"download\"\n");
    let mut world = World::up(&fetched, &Silence).await.unwrap();
    assert!(world.about().contains("downloaded binaries"));
    world.freeze().await.unwrap();
    assert_eq!(world.watch(), Watch::Exact);
    world.close().await.unwrap();
}

#[tokio::test]
async fn locale_and_time_zone_are_given_and_stay_with_the_clones_or_are_refused_early() {
    // Our driver asks for UTC by itself: what other sessions get stands with the database.
    const ASKS: &str = "SELECT concat_ws(' ', datcollate, s.setconfig::text, current_setting('lc_messages')) \
                        FROM pg_database d JOIN pg_db_role_setting s ON s.setdatabase = d.oid AND s.setrole = 0 \
                        WHERE datname = current_database()";
    let more = "[database]\nlocale = \"C\"\ntimezone = \"Europe/Berlin\"\n";
    let mut world = World::up(&settings(more), &Silence).await.unwrap();
    for fresh in [false, true] {
        let mut session = app(&world).await;
        let told: String = sqlx::query_scalar(ASKS)
            .fetch_one(&mut session)
            .await
            .unwrap();
        let zone = told.to_lowercase().contains("timezone=europe/berlin");
        assert!(
            told.starts_with("C ") && zone && told.ends_with(" C"),
            "fresh: {fresh}, {told}"
        );
        drop(session);
        if !fresh {
            world.freeze().await.unwrap();
            world.fresh().await.unwrap();
        }
    }
    let url = {
        let (user, password) = ("boss", "pass");
        execute_as_superuser(&world, "CREATE ROLE boss LOGIN SUPERUSER PASSWORD 'pass'").await;
        let at = |part: &str| world.values().get(&format!("database.app.{part}")).unwrap();
        format!(
            "postgresql://{user}:{password}@{}:{}/postgres",
            at("host"),
            at("port")
        )
    };
    // On a server of ours initdb refuses the locale, on another the server does.
    for server in [String::new(), format!("url = {url:?}\n")] {
        let backend = if server.is_empty() {
            "backend = \"local\"\n"
        } else {
            ""
        };
        for (wanted, said) in [
            ("locale = \"xx_XX.UTF-8\"", "locale `xx_XX.UTF-8`"),
            (
                "timezone = \"Europe/Berlim\"",
                "did you mean `Europe/Berlin`?",
            ),
        ] {
            let more = format!("[database]\n{backend}{server}{wanted}\n");
            let error = failed(World::up(&settings(&more), &Silence).await);
            assert!(error.contains(said), "{error}");
        }
    }
    world.close().await.unwrap();
}

async fn execute_as_superuser(world: &World, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(world.pool())
        .await
        .unwrap();
}
