//! Schemas of several styles, each seeded and checked.

use partywall::model::ownership::Rule;
use partywall::model::tenant::Standing;

use super::driver::Ground;

/// Quoted camelCase names, enums, compound foreign keys with the tenant, a home tenant and memberships.
const CAMEL: &str = include_str!("camel.sql");
/// `snake_case`, integer ids, users of one tenant each, numbers per tenant, a table tree.
const SNAKE: &str = include_str!("snake.sql");
/// Ids in varchar(36), child tables without a tenant column, undeclared references to people.
const TRACKER: &str = include_str!("tracker.sql");
/// Rings of foreign keys, join tables without a primary key, partitions, domains and checks.
const CURIOUS: &str = include_str!("curious.sql");

#[tokio::test]
async fn camel_case_with_enums_and_compound_keys() {
    let ground = Ground::seeded(CAMEL, "").await;
    ground.check(&[]);
    assert_eq!(ground.seeded.warnings, Vec::<String>::new());
    assert!(matches!(ground.rule("User"), Rule::Members { .. }));
    let actors = ground.actors();
    for id in [
        "acme.admin",
        "acme.staff",
        "globex.client",
        "vacant.admin",
        "double",
        "ended",
        "homeless",
        "anonymous",
    ] {
        assert!(actors.contains(&id), "{id} is not among {actors:?}");
    }
    let double = ground
        .seeded
        .actors
        .iter()
        .find(|a| a.standing == Standing::Double)
        .unwrap();
    assert_eq!(double.memberships.len(), 2);
    let ended = ground
        .seeded
        .actors
        .iter()
        .find(|a| a.standing == Standing::Ended)
        .unwrap();
    assert!(ended.memberships.is_empty() && ended.tenant.is_some());
    let counts = ground.counts("Service");
    assert!(
        counts["acme"] < counts["globex"] && counts["globex"] < counts["initech"],
        "{counts:?}"
    );
    // Slugs need only be unique within a tenant: one is the same in all.
    let slugs = ground.values("Service", "slug");
    assert_eq!(
        slugs
            .iter()
            .filter(|s| s.as_deref() == Some("general"))
            .count(),
        3
    );
    // Nobody got a right that only a list tells.
    assert!(
        ground
            .values("User", "globalRole")
            .iter()
            .all(Option::is_none)
    );
    // Rows of nobody where the column allows it.
    assert!(ground.values("Settings", "tenantId").contains(&None));
    ground.world.close().await.unwrap();
}

#[tokio::test]
async fn snake_case_with_integer_ids() {
    let ground = Ground::seeded(SNAKE, "").await;
    ground.check_but(&["schema_migrations"], &["departments"]);
    assert_eq!(ground.seeded.warnings, Vec::<String>::new());
    assert!(matches!(
        ground.rule("ticket_comments"),
        Rule::Parents { .. }
    ));
    assert_eq!(*ground.rule("countries"), Rule::Global);
    assert!(matches!(ground.rule("sessions"), Rule::Parents { .. }));
    assert!(
        !ground.actors().contains(&"double"),
        "a user has one company only"
    );
    assert!(ground.actors().contains(&"acme.agent"));
    // Numbers count within a tenant, so that primary keys of several columns overlap.
    let firsts = ground.values("invoices", "number");
    assert_eq!(
        firsts.iter().filter(|n| n.as_deref() == Some("1")).count(),
        3
    );
    ground.world.close().await.unwrap();
}

#[tokio::test]
async fn ids_in_text_and_children_without_a_tenant_column() {
    let ground = Ground::seeded(TRACKER, "[user]\nroles = [\"owner\", \"member\"]").await;
    ground.check(&[]);
    assert_eq!(ground.seeded.warnings, Vec::<String>::new());
    for table in ["comment", "issue_dependency", "issue_to_label"] {
        assert!(
            matches!(ground.rule(table), Rule::Parents { .. }),
            "{table}"
        );
    }
    for id in ground.values("issue", "id").into_iter().flatten() {
        assert_eq!(id.len(), 36, "{id} is no UUID");
    }
    let users = ground.values("user", "id");
    for author in ground.values("comment", "author_id") {
        assert!(users.contains(&author), "{author:?} is nobody");
    }
    assert!(
        ground
            .values("comment", "author_type")
            .iter()
            .all(|t| t.as_deref() == Some("member"))
    );
    assert!(
        ground
            .values("issue", "status")
            .iter()
            .all(|s| s.as_deref() == Some("active"))
    );
    ground.world.close().await.unwrap();
}

#[tokio::test]
async fn rings_partitions_domains_and_checks() {
    let ground = Ground::seeded(CURIOUS, "").await;
    ground.check(&["impossible"]);
    assert!(
        ground
            .seeded
            .warnings
            .iter()
            .any(|w| w.starts_with("impossible could not be filled")
                && w.contains("nothing is allowed here"))
    );
    assert_eq!(
        ground.seeded.warnings.len(),
        1,
        "{:?}",
        ground.seeded.warnings
    );
    // A ring in which every row must point on, and one that is patched afterwards.
    assert!(ground.values("ring_a", "b_id").iter().all(Option::is_some));
    assert!(
        ground
            .values("albums", "cover_id")
            .iter()
            .any(Option::is_some)
    );
    assert!(
        ground.schema().by_name("events_2024").is_none(),
        "a partition is no table of its own"
    );
    ground.world.close().await.unwrap();
}

#[tokio::test]
async fn users_who_are_their_own_tenants() {
    let ground = Ground::seeded(
        "CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE NOT NULL, password_hash text NOT NULL);
         CREATE TABLE notes (id serial PRIMARY KEY, user_id int NOT NULL REFERENCES users, body text NOT NULL);
         CREATE TABLE note_links (id serial PRIMARY KEY, note_id int NOT NULL REFERENCES notes, url text NOT NULL)",
        "[seed.values]\n\"users.password_hash\" = \"plain:{user.password}\"",
    )
    .await;
    ground.check(&[]);
    assert_eq!(ground.seeded.tenants.len(), 4);
    let actor = ground
        .seeded
        .actors
        .iter()
        .find(|a| &*a.id.0 == "acme.member")
        .unwrap();
    assert_eq!(
        actor.fields["password_hash"],
        format!("plain:{}", actor.fields["password"])
    );
    assert_eq!(actor.memberships.len(), 1);
    ground.world.close().await.unwrap();
}

#[tokio::test]
async fn rows_that_are_there_already_make_the_tenants() {
    let ground = Ground::seeded(
        "CREATE TABLE teams (id int PRIMARY KEY, slug text UNIQUE NOT NULL);
         CREATE TABLE members (id int PRIMARY KEY, team_id int NOT NULL REFERENCES teams, email text NOT NULL, password text, role text);
         CREATE TABLE boards (id serial PRIMARY KEY, team_id int NOT NULL REFERENCES teams, title text NOT NULL);
         INSERT INTO teams VALUES (1, 'red'), (2, 'blue');
         INSERT INTO members VALUES (1, 1, 'a@red.example', 'x', 'lead'), (2, 2, 'a@blue.example', 'y', 'lead'), (3, 2, 'b@blue.example', 'z', 'lead')",
        "[seed]\nexisting = true",
    )
    .await;
    let slugs: Vec<_> = ground
        .seeded
        .tenants
        .iter()
        .map(|t| t.slug.as_str())
        .collect();
    assert_eq!(slugs.len(), 2);
    assert!(slugs.contains(&"red") && slugs.contains(&"blue"));
    let actors = ground.actors();
    assert!(
        actors.contains(&"red.lead") && actors.contains(&"blue.lead"),
        "{actors:?}"
    );
    assert_eq!(
        ground.rows.count(ground.table("members").id),
        3,
        "nobody was added"
    );
    assert!(ground.rows.count(ground.table("boards").id) > 10);
    ground.world.close().await.unwrap();
}
