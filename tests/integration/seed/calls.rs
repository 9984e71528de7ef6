//! Seeding by the target's own calls, and by its own command and SQL.

use partywall::model::event::Silence;
use partywall::seed;
use partywall::world::World;

use super::driver::{Ground, settings};

const CLUBS: &str = "
    CREATE TABLE clubs (id serial PRIMARY KEY, slug text UNIQUE NOT NULL, colour text);
    CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE NOT NULL, password_hash text NOT NULL);
    CREATE TABLE club_members (club_id int NOT NULL REFERENCES clubs, user_id int NOT NULL REFERENCES users, role text NOT NULL, PRIMARY KEY (club_id, user_id));
    CREATE TABLE matches (id serial PRIMARY KEY, club_id int NOT NULL REFERENCES clubs, title text NOT NULL);
    CREATE TABLE goals (id serial PRIMARY KEY, match_id int NOT NULL REFERENCES matches, scorer text NOT NULL);
    DO $$ BEGIN EXECUTE format('GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC'); EXECUTE 'GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO PUBLIC'; END $$";

const STEPS: &str = r#"
[user]
roles = ["owner", "player"]

[[login]]
step = [{ call = "POST /login", json = { email = "{user.email}", password = "{user.password}" }, take = { bearer = "$.token" } }]

[seed]
register = [{ call = "POST /register", json = { email = "{user.email}", password = "{user.password}" } }]
create_tenant = [{ call = "POST /clubs", json = { slug = "{tenant.slug}" } }]
add_member = [{ call = "POST /members", json = { club = "{tenant.key}", email = "{member.email}", role = "{user.role}" } }]
calls = [{ call = "POST /matches", json = { title = "first of {tenant.slug}" } }]
sql = ["UPDATE clubs SET colour = 'red'"]
"#;

#[tokio::test]
async fn users_tenants_and_memberships_come_by_calls() {
    let ground = Ground::seeded(CLUBS, STEPS).await;
    ground.check(&[]);
    assert_eq!(ground.seeded.warnings, Vec::<String>::new());
    let slugs: Vec<_> = ground
        .seeded
        .tenants
        .iter()
        .map(|t| t.slug.as_str())
        .collect();
    assert_eq!(slugs, ["acme", "globex", "initech", "vacant"]);
    // What calls made stays alone; what they did not make is generated.
    assert_eq!(
        ground.values("matches", "title"),
        ["acme", "globex", "initech"].map(|s| Some(format!("first of {s}")))
    );
    assert!(ground.counts("goals")["acme"] >= 10);
    assert!(
        ground
            .values("clubs", "colour")
            .iter()
            .all(|c| c.as_deref() == Some("red"))
    );
    // Everybody was registered, so that everybody's own password fits.
    for actor in ground.seeded.actors.iter().filter(|a| !a.id.is_anonymous()) {
        assert_eq!(
            actor.fields["password_hash"],
            format!("hash of {}", actor.fields["password"]),
            "{}",
            actor.id
        );
    }
    let double = ground
        .seeded
        .actors
        .iter()
        .find(|a| &*a.id.0 == "double")
        .unwrap();
    assert_eq!(double.memberships.len(), 2);
    assert_eq!(ground.counts("club_members")["vacant"], 2);
    ground.world.close().await.unwrap();
}

#[tokio::test]
async fn who_is_registered_after_the_answer_is_told_from_the_next() {
    let more = r#"
[user]
roles = ["owner", "player"]

[seed]
copy_hash = true
register = [{ call = "POST /register-late", json = { email = "{user.email}", password = "{user.password}" } }]
"#;
    let ground = Ground::seeded(CLUBS, more).await;
    let people = ground.seeded.actors.iter();
    for actor in people.filter(|a| !a.id.is_anonymous()) {
        assert_eq!(
            actor.fields["password_hash"],
            format!("hash of {}", actor.fields["password"]),
            "{}",
            actor.id
        );
    }
    ground.world.close().await.unwrap();
}

#[tokio::test]
async fn tables_that_calls_make_are_filled_too() {
    let sql = format!(
        "{CLUBS}; GRANT CREATE ON SCHEMA public TO PUBLIC; GRANT REFERENCES ON clubs TO PUBLIC"
    );
    let more = STEPS.replace(
        "calls = [",
        "words = { \"referees.grade\" = [\"first\", \"second\"] }\nskip = [\"whistles\"]\ncalls = [{ call = \"POST /referees\", json = {} }, ",
    );
    let ground = Ground::seeded(&sql, &more).await;
    ground.check(&["whistles"]);
    assert!(ground.counts("referees")["acme"] >= 10);
    let grades = ground.values("referees", "grade");
    assert!(
        grades
            .iter()
            .all(|g| ["first", "second"].contains(&g.as_deref().unwrap()))
    );
    // What stays empty although tenants own it is named with the reason.
    let warnings = &ground.seeded.warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("whistles is owned") && warnings[0].contains("seed.skip"),
        "{warnings:?}"
    );
    ground.world.close().await.unwrap();
}

/// One user is registered, and gives its hash to the others.
fn copied() -> String {
    let only = STEPS.lines().filter(|l| {
        !["create_tenant", "add_member", "calls"]
            .iter()
            .any(|k| l.starts_with(k))
    });
    only.collect::<Vec<_>>().join("\n") + "\ncopy_hash = true\n"
}

#[tokio::test]
async fn one_registered_user_gives_its_hash_to_all() {
    let ground = Ground::seeded(CLUBS, &copied()).await;
    ground.check(&[]);
    let mut hashes = ground.values("users", "password_hash");
    hashes.dedup();
    assert_eq!(hashes.len(), 1);
    let password = &ground.seeded.actors[0].fields["password"];
    assert_eq!(
        hashes[0].as_deref(),
        Some(format!("hash of {password}").as_str())
    );
    assert!(
        ground
            .seeded
            .actors
            .iter()
            .filter(|a| !a.id.is_anonymous())
            .all(|a| a.fields["password"] == *password)
    );
    ground.world.close().await.unwrap();
}

/// A target that runs already keeps its database: the next run finds there what this one made.
#[tokio::test]
async fn seeding_twice_takes_over_who_is_there() {
    for (more, hash_alone) in [(STEPS.to_owned(), false), (copied(), true)] {
        let mut settings = settings(CLUBS, &more);
        let mut world = World::up(&settings, &Silence).await.unwrap();
        let first = seed::run(&mut world, &settings, &[], &Silence)
            .await
            .unwrap();
        let second = seed::run(&mut world, &settings, &[], &Silence).await;
        let second = second.unwrap_or_else(|e| panic!("{e}"));
        let people = |seeded: &seed::Seeded| -> Vec<_> {
            let actors = seeded.actors.iter().filter(|a| !a.id.is_anonymous());
            actors
                .map(|a| {
                    (
                        a.id.clone(),
                        a.tenant.clone(),
                        a.fields["email"].clone(),
                        a.fields["password"].clone(),
                    )
                })
                .collect()
        };
        assert_eq!(people(&first), people(&second));
        let slugs = |seeded: &seed::Seeded| {
            seeded
                .tenants
                .iter()
                .map(|t| t.slug.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(slugs(&first), slugs(&second));
        for actor in second
            .actors
            .iter()
            .filter(|a| !a.id.is_anonymous() && !hash_alone)
        {
            let hash = format!("hash of {}", actor.fields["password"]);
            assert_eq!(actor.fields["password_hash"], hash, "{}", actor.id);
        }
        // Other people than before, and tenants of their own where calls make them.
        settings.seed = 2;
        let third = seed::run(&mut world, &settings, &[], &Silence).await;
        let third = third.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(third.tenants.len(), 4);
        if !hash_alone {
            assert!(slugs(&third)[0].starts_with("acme-"), "{:?}", slugs(&third));
        }
        world.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_failing_statement_is_told_as_it_was_written() {
    let more = "[seed]\nsql = [\"INSERT INTO nowhere VALUES ('{secret.pepper}')\"]\n";
    let settings = settings(CLUBS, more);
    let mut world = World::up(&settings, &Silence).await.unwrap();
    let error = seed::run(&mut world, &settings, &[], &Silence)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("seed.sql[0]") && error.contains("{secret.pepper}"),
        "{error}"
    );
    assert!(
        !error.contains(settings.secrets.get("secret.pepper").unwrap()),
        "{error}"
    );
    world.close().await.unwrap();
}

#[tokio::test]
async fn a_call_that_is_refused_is_named() {
    let refused = STEPS.replace("POST /clubs", "POST /nowhere");
    let settings = settings(CLUBS, &refused);
    let mut world = World::up(&settings, &Silence).await.unwrap();
    let error = seed::run(&mut world, &settings, &[], &Silence)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("create the tenant acme") && error.contains("403"),
        "{error}"
    );
    world.close().await.unwrap();
}

#[tokio::test]
async fn a_cast_that_cannot_be_written_is_an_error() {
    let sql = "CREATE TABLE tenants (id serial PRIMARY KEY, slug text UNIQUE, CHECK (slug = 'only-me'));
               CREATE TABLE users (id serial PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants, email text)";
    let settings = settings(sql, "");
    let mut world = World::up(&settings, &Silence).await.unwrap();
    let error = seed::run(&mut world, &settings, &[], &Silence)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("the tenant acme") && error.contains("tenants_slug_check"),
        "{error}"
    );
    world.close().await.unwrap();
}
