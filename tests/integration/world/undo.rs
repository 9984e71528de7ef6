//! Undoing: the rows are as they were, and nobody hears of it.

use partywall::model::rows::Operation;

use super::driver::{app, checksums, execute, failed, frozen, settled};

const SCHEMA: &str = "
    CREATE TABLE firm (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE, data json, made timestamptz);
    CREATE TABLE person (id serial PRIMARY KEY, firm bigint REFERENCES firm ON DELETE CASCADE, tags text[],
                         twice int GENERATED ALWAYS AS (id * 2) STORED);
    CREATE TABLE bare (a int, b json);
    CREATE TABLE audit (line text);
    CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (TG_OP); RETURN NULL; END $$;
    CREATE TRIGGER log AFTER INSERT OR UPDATE OR DELETE ON firm FOR EACH ROW EXECUTE FUNCTION log();
    INSERT INTO firm (name, data, made) VALUES ('it''s', '{\"a\":  1}', '2024-01-01'), ('back\\slash', NULL, NULL);
    INSERT INTO person (firm, tags) VALUES (1, '{a,b}'), (1, NULL), (2, '{}');
    INSERT INTO bare VALUES (1, '[1]'), (1, '[1]'), (NULL, NULL);";

#[tokio::test]
async fn undoing_restores_every_row_and_is_not_reported() {
    let mut world = frozen(SCHEMA).await;
    let before = checksums(&world).await;
    let mut app = app(&world).await;
    for sql in [
        "UPDATE firm SET name = 'other', data = '[]' WHERE id = 1",
        "INSERT INTO firm (name) VALUES ('third'), ('fourth')",
        "INSERT INTO person (firm, tags) VALUES (3, '{\"c d\"}')",
        "UPDATE person SET firm = 2 WHERE id = 1",
        "DELETE FROM firm WHERE id = 1",
        "UPDATE bare SET b = '{}' WHERE ctid = (SELECT min(ctid) FROM bare)",
        "DELETE FROM bare WHERE a IS NULL",
        "INSERT INTO bare VALUES (7, NULL)",
    ] {
        execute(&mut app, sql).await;
    }
    let changes = world.settle().await.unwrap();
    assert!(changes.iter().any(|c| c.table == "audit"));
    assert!(
        changes
            .iter()
            .any(|c| c.table == "person" && c.operation == Operation::Delete)
    );
    assert_ne!(checksums(&world).await, before);

    world.undo(&changes).await.unwrap();
    assert_eq!(checksums(&world).await, before);
    assert!(settled(&mut world).await.is_empty());
    execute(&mut app, "INSERT INTO bare VALUES (8, NULL)").await;
    assert_eq!(settled(&mut world).await, ["Insert bare - -> 8,NULL"]);
    world.close().await.unwrap();
}

#[tokio::test]
async fn an_identity_that_was_changed_comes_back() {
    let mut world = frozen(
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text); INSERT INTO t (a) VALUES ('x')",
    )
    .await;
    let before = checksums(&world).await;
    let mut app = app(&world).await;
    execute(&mut app, "UPDATE t SET id = DEFAULT").await;
    let changes = world.settle().await.unwrap();
    world.undo(&changes).await.unwrap();
    assert_eq!(checksums(&world).await, before);
    world.close().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_undone_is_an_error_and_changes_nothing() {
    let mut world = frozen(
        "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'x'), (2, 'y')",
    )
    .await;
    let mut app = app(&world).await;
    execute(
        &mut app,
        "UPDATE t SET a = 'z' WHERE id = 1; DELETE FROM t WHERE id = 2",
    )
    .await;
    let changes = world.settle().await.unwrap();
    // Somebody takes the row away in between.
    execute(&mut app, "DELETE FROM t WHERE id = 1").await;
    let before = checksums(&world).await;
    let error = failed(world.undo(&changes).await);
    assert!(error.contains("fresh clone"), "{error}");
    assert_eq!(checksums(&world).await, before);

    execute(&mut app, "TRUNCATE t").await;
    let changes = world.settle().await.unwrap();
    let error = failed(world.undo(&changes).await);
    assert!(error.contains("truncated"), "{error}");
    world.close().await.unwrap();
}
