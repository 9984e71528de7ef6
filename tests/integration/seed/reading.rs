//! Introspection, rows in the stream's own text form, visibility, taking rows back.

use partywall::model::event::Silence;
use partywall::model::rows::RowRef;
use partywall::model::schema::Kind;
use partywall::seed;
use partywall::world::World;

use super::driver::{Ground, settings};

#[tokio::test]
async fn the_schema_is_read_as_it_is() {
    let sql = r#"
        CREATE TYPE mood AS ENUM ('sad', 'happy');
        CREATE DOMAIN short AS varchar(12) NOT NULL CHECK (VALUE <> '');
        CREATE TABLE tenants (id uuid PRIMARY KEY);
        CREATE TABLE "Odd Name" ("id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "tenantId" uuid REFERENCES tenants DEFERRABLE,
          s short, m mood DEFAULT 'sad', ms mood[], n numeric(7,3), c char(4), j jsonb, d date, gone int, up text GENERATED ALWAYS AS (upper(c)) STORED);
        ALTER TABLE "Odd Name" DROP COLUMN gone;
        ALTER TABLE "Odd Name" ADD late serial;
        CREATE UNIQUE INDEX ON "Odd Name" ("tenantId", s) WHERE d IS NULL;
        CREATE UNIQUE INDEX ON "Odd Name" (lower(c));
        CREATE UNLOGGED TABLE fast (a int);
        CREATE SCHEMA other; CREATE TABLE other.tenants (id int);
        CREATE TEMP TABLE gone (a int)"#;
    let world = World::up(&settings(sql, ""), &Silence).await.unwrap();
    let schema = seed::introspect(world.pool(), None).await.unwrap();
    let names: Vec<String> = schema.tables.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["Odd Name", "fast", "tenants", "other.tenants"]);
    let odd = schema.by_name("Odd Name").unwrap();
    let column = |name: &str| &odd.columns[odd.column(name).unwrap()];
    assert!(column("id").numbered && column("id").identity_always);
    assert!(column("late").numbered && !column("late").identity_always);
    assert_eq!(column("s").max_length, Some(12));
    assert!(column("s").not_null);
    assert_eq!(
        column("m").kind,
        Kind::Enum(vec!["sad".into(), "happy".into()])
    );
    assert_eq!(
        column("ms").kind,
        Kind::Array(Box::new(column("m").kind.clone()))
    );
    assert_eq!(column("n").kind, Kind::Numeric(Some((7, 3))));
    assert!(column("up").generated && column("up").default.is_none());
    assert_eq!(odd.checks, [r#"CHECK ((("s")::text <> ''::text))"#]);
    assert_eq!(
        odd.uniques.len(),
        1,
        "an index over an expression is none over columns"
    );
    assert!(odd.uniques[0].predicate.is_some());
    assert!(odd.foreign_keys[0].deferrable && odd.foreign_keys[0].is_declared());
    assert!(schema.by_name("fast").unwrap().unlogged);
    sqlx::raw_sql("DROP TABLE fast; CREATE TABLE \"A first one\" (id int)")
        .execute(world.pool())
        .await
        .unwrap();
    let again = seed::introspect(world.pool(), Some(&schema)).await.unwrap();
    assert_eq!(again.by_name("Odd Name").unwrap().id, odd.id);
    assert_eq!(again.tables.last().unwrap().name, "A first one");
    seed::read_rows(world.pool(), &again).await.unwrap();
    world.close().await.unwrap();
}

#[tokio::test]
async fn rows_read_as_the_row_stream_prints_them() {
    let sql = "CREATE TABLE tenants (id int PRIMARY KEY);
        CREATE TABLE many (id int PRIMARY KEY, yes boolean, at timestamptz, c char(4), b bytea, f float8, a text[], j jsonb, i interval)";
    let mut world = World::up(&settings(sql, ""), &Silence).await.unwrap();
    world.freeze().await.unwrap();
    sqlx::raw_sql(
        "INSERT INTO many VALUES (1, true, '2024-05-06 07:08:09.5+02', 'ab', '\\x00ff', 0.1, '{a,\"b c\"}', '{\"k\": 1}', '1 day 2 hours')",
    )
    .execute(world.pool())
    .await
    .unwrap();
    let streamed = world.settle().await.unwrap();
    let schema = seed::introspect(world.pool(), None).await.unwrap();
    let rows = seed::read_rows(world.pool(), &schema).await.unwrap();
    let read: Vec<_> = rows
        .of(schema.by_name("many").unwrap().id)
        .map(|(_, row)| row.clone())
        .collect();
    assert_eq!(streamed.len(), 1);
    assert_eq!(read, [streamed[0].new.clone().unwrap()]);
    assert_eq!(read[0][1].as_deref(), Some("t"));
    world.close().await.unwrap();
}

const POSTS: &str = "
    CREATE TABLE tenants (id serial PRIMARY KEY, slug text UNIQUE NOT NULL, name text, parent_id int REFERENCES tenants);
    CREATE TABLE users (id serial PRIMARY KEY, tenant_id int REFERENCES tenants, email text UNIQUE NOT NULL);
    CREATE TABLE posts (id serial PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants, title text NOT NULL, published boolean NOT NULL);
    CREATE TABLE replies (id serial PRIMARY KEY, post_id int NOT NULL REFERENCES posts, body text NOT NULL)";

#[tokio::test]
async fn declared_rights_are_evaluated_in_sql() {
    let more = "[tenant]\npublic = [\"tenant.name\", \"posts where published\"]\nsees = \"children\"\nparent = \"parent_id\"\n\
                [[tenant.share]]\ntable = \"replies\"\nfrom = \"acme\"\nto = \"globex\"\nwhere = \"id > 0\"\n\
                [seed]\nsql = [\"INSERT INTO tenants (slug) VALUES ('globex'); INSERT INTO tenants (slug, parent_id) VALUES ('acme', 1)\"]";
    let ground = Ground::seeded(POSTS, more).await;
    let settings = settings(POSTS, more);
    let Ground {
        world,
        seeded,
        rows,
    } = &ground;
    let rights = seed::visibility(
        world.pool(),
        &seeded.schema,
        &seeded.ownership,
        &seeded.tenants,
        &settings.description,
    )
    .await
    .unwrap();
    let posts = ground.table("posts");
    let published = posts.column("published").unwrap();
    let wanted = rows
        .of(posts.id)
        .filter(|(_, r)| r[published].as_deref() == Some("t"))
        .count();
    let right = rights
        .iter()
        .find(|r| r.table == posts.id && r.rows.is_some())
        .unwrap();
    assert!(wanted > 0 && wanted < rows.count(posts.id));
    assert_eq!(right.rows.as_ref().unwrap().len(), wanted);
    let key = |slug: &str| {
        seeded
            .tenants
            .iter()
            .find(|t| t.slug == slug)
            .unwrap()
            .key
            .clone()
    };
    assert!(rights.iter().any(|r| r.table == ground.table("replies").id
        && r.from == Some(key("acme"))
        && r.to == Some(key("globex"))
        && r.rows.is_some()));
    // The parent sees the child's rows, not the other way round.
    assert!(rights.iter().any(|r| r.table == posts.id
        && r.rows.is_none()
        && r.from == Some(key("acme"))
        && r.to == Some(key("globex"))));
    assert!(
        !rights.iter().any(|r| r.rows.is_none()
            && r.from == Some(key("globex"))
            && r.to == Some(key("acme")))
    );
    let mut wrong = settings.description.clone();
    wrong.tenant.public = vec!["posts where nonsense".into()];
    let error = seed::visibility(
        world.pool(),
        &seeded.schema,
        &seeded.ownership,
        &seeded.tenants,
        &wrong,
    )
    .await
    .unwrap_err();
    assert!(error.to_string().contains("tenant.public[0]"), "{error}");
    wrong.tenant.public = vec!["post".into()];
    let error = seed::visibility(
        world.pool(),
        &seeded.schema,
        &seeded.ownership,
        &seeded.tenants,
        &wrong,
    )
    .await
    .unwrap_err();
    assert!(
        error.to_string().contains("did you mean `posts`"),
        "{error}"
    );
    ground.world.close().await.unwrap();
}

#[tokio::test]
async fn generated_rows_are_taken_back_with_their_children() {
    let ground = Ground::seeded(POSTS, "").await;
    let posts = ground.table("posts").id;
    let (_, generated) = ground
        .seeded
        .generated
        .iter()
        .find(|(t, _)| *t == posts)
        .unwrap();
    let (gone, kept): (Vec<RowRef>, Vec<RowRef>) = generated
        .iter()
        .cloned()
        .partition(|r| r.key[0].as_deref() < Some("2"));
    assert!(!gone.is_empty() && !kept.is_empty());
    seed::take_back(ground.world.pool(), ground.schema(), &gone)
        .await
        .unwrap();
    let rows = seed::read_rows(ground.world.pool(), ground.schema())
        .await
        .unwrap();
    assert_eq!(rows.count(posts), kept.len());
    let orphans: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM replies WHERE post_id NOT IN (SELECT id FROM posts)",
    )
    .fetch_one(ground.world.pool())
    .await
    .unwrap();
    assert_eq!(orphans, 0);
    assert!(rows.count(ground.table("replies").id) > 0);
    ground.world.close().await.unwrap();
}
