//! Row changes as they are streamed: complete, in order, and not too early.

use std::time::{Duration, Instant};

use partywall::model::exchange::Watch;
use partywall::world::text;

use super::driver::{app, checksums, execute, frozen, settled, told};

#[tokio::test]
async fn changes_come_in_commit_order_with_both_images() {
    let mut world = frozen(
        "CREATE TABLE note (id int PRIMARY KEY, text text, data json);
         INSERT INTO note VALUES (1, 'one', '{\"a\": 1}'), (2, 'two', NULL)",
    )
    .await;
    assert_eq!(world.watch(), Watch::Exact);
    assert!(settled(&mut world).await.is_empty());
    let mut app = app(&world).await;
    execute(&mut app, "INSERT INTO note VALUES (3, 'three', '[1]')").await;
    execute(&mut app, "UPDATE note SET text = 'uno' WHERE id = 1").await;
    execute(&mut app, "BEGIN; DELETE FROM note; ROLLBACK").await;
    execute(&mut app, "DELETE FROM note WHERE id = 2").await;
    assert_eq!(
        settled(&mut world).await,
        [
            "Insert note - -> 3,three,[1]",
            "Update note 1,one,{\"a\": 1} -> 1,uno,{\"a\": 1}",
            "Delete note 2,two,NULL -> -",
        ]
    );
    execute(&mut app, "TRUNCATE note").await;
    assert_eq!(settled(&mut world).await, ["Truncate note - -> -"]);
    assert!(settled(&mut world).await.is_empty());
    world.close().await.unwrap();
}

#[tokio::test]
async fn what_is_answered_before_its_commit_is_waited_for() {
    let mut world = frozen("CREATE TABLE note (id int PRIMARY KEY)").await;
    let mut session = app(&world).await;
    execute(&mut session, "BEGIN; INSERT INTO note VALUES (1)").await;
    // The answer would go out here.
    let late = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(150)).await;
        execute(&mut session, "COMMIT").await;
        session
    });
    assert_eq!(settled(&mut world).await, ["Insert note - -> 1"]);
    assert!(late.is_finished() || late.await.is_ok());
    world.close().await.unwrap();
}

#[tokio::test]
async fn a_transaction_that_stays_open_is_given_up_once_and_said() {
    let mut world = frozen("CREATE TABLE note (id int PRIMARY KEY)").await;
    let mut session = app(&world).await;
    execute(&mut session, "BEGIN; INSERT INTO note VALUES (1)").await;
    assert!(settled(&mut world).await.is_empty());
    let said = world.take_notes();
    assert!(
        said.len() == 1 && said[0].contains("idle in transaction"),
        "{said:?}"
    );
    let begun = Instant::now();
    assert!(settled(&mut world).await.is_empty());
    assert!(begun.elapsed() < Duration::from_secs(1));
    execute(&mut session, "COMMIT").await;
    assert_eq!(settled(&mut world).await, ["Insert note - -> 1"]);
    world.close().await.unwrap();
}

#[tokio::test]
async fn tables_without_a_key_and_tables_made_later_show_both_images() {
    let mut world = frozen(
        "CREATE TABLE bare (a int, b text);
         INSERT INTO bare VALUES (1, 'x'), (1, 'x')",
    )
    .await;
    let mut app = app(&world).await;
    execute(&mut app, "UPDATE bare SET b = 'y'").await;
    assert_eq!(
        settled(&mut world).await,
        ["Update bare 1,x -> 1,y", "Update bare 1,x -> 1,y"]
    );
    // As the application's role, which owns neither the trigger nor its function.
    execute(
        &mut app,
        "CREATE TABLE later (a int); INSERT INTO later VALUES (1)",
    )
    .await;
    execute(&mut app, "CREATE TABLE copied AS SELECT * FROM later").await;
    execute(
        &mut app,
        "CREATE TEMP TABLE passing (a int); INSERT INTO passing VALUES (1)",
    )
    .await;
    settled(&mut world).await;
    execute(&mut app, "UPDATE later SET a = 2; DELETE FROM copied").await;
    assert_eq!(
        settled(&mut world).await,
        ["Update later 1 -> 2", "Delete copied 1 -> -"]
    );
    world.close().await.unwrap();
}

#[tokio::test]
async fn values_out_of_line_are_taken_from_the_old_image() {
    let mut world = frozen(
        "CREATE TABLE doc (id int PRIMARY KEY, title text, body text);
         ALTER TABLE doc ALTER body SET STORAGE EXTERNAL;
         INSERT INTO doc VALUES (1, 'a', repeat('long ', 4000))",
    )
    .await;
    let mut app = app(&world).await;
    execute(&mut app, "UPDATE doc SET title = 'b'").await;
    let changes = world.settle().await.unwrap();
    let new = changes[0].new.as_ref().unwrap();
    assert_eq!(new[1].as_deref(), Some("b"));
    assert_eq!(new[2].as_deref().map(str::len), Some(20_000));
    assert_eq!(changes[0].old.as_ref().unwrap()[2], new[2]);
    world.close().await.unwrap();
}

#[tokio::test]
async fn values_have_the_form_in_which_our_sessions_read_them() {
    let mut world = frozen(
        "CREATE TABLE kinds (id int PRIMARY KEY, t timestamptz, d date, i interval, b bytea, f float8, n numeric(8,2), \
         a text[], u uuid, s timestamp, c char(4), y boolean, m money);",
    )
    .await;
    let mut app = app(&world).await;
    execute(
        &mut app,
        "SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'; SET intervalstyle = 'iso_8601'; SET bytea_output = 'escape';
         INSERT INTO kinds VALUES (1, '2024-02-03 04:05:06.7+09', '2024-02-03', '1 day 2 hours', '\\x00ff', 0.1, 1.5, \
         '{a,\"b c\"}', 'c0ffee00-0000-0000-0000-000000000001', '2024-02-03 04:05', 'ab', true, 12.5)",
    )
    .await;
    let change = world.settle().await.unwrap().remove(0);
    let mut session = world.pool().acquire().await.unwrap();
    let read = text::query(&mut session, "SELECT * FROM kinds")
        .await
        .unwrap();
    assert_eq!(change.new.as_ref(), read.first());
    // A table without a key is searched by these very words.
    let columns = change.columns.iter().zip(change.new.iter().flatten());
    for (column, value) in columns {
        let literal = format!("'{}'", value.as_deref().unwrap().replace('\'', "''"));
        let place = text::shows(column, value.as_deref(), &literal);
        let sql = format!("SELECT id FROM kinds WHERE {place}");
        assert_eq!(
            text::query(&mut session, &sql).await.unwrap().len(),
            1,
            "{sql}"
        );
    }
    world.close().await.unwrap();
}

#[tokio::test]
async fn unlogged_tables_are_compared() {
    let mut world = frozen(
        "CREATE UNLOGGED TABLE hits (id int PRIMARY KEY, n int); INSERT INTO hits VALUES (1, 1)",
    )
    .await;
    let mut app = app(&world).await;
    execute(&mut app, "UPDATE hits SET n = 2").await;
    assert_eq!(settled(&mut world).await, ["Update hits 1,1 -> 1,2"]);
    world.close().await.unwrap();
}

#[tokio::test]
async fn unlogged_tables_made_later_are_compared_too() {
    let mut world = frozen("CREATE TABLE note (id int PRIMARY KEY)").await;
    assert!(settled(&mut world).await.is_empty());
    let mut app = app(&world).await;
    execute(
        &mut app,
        "CREATE UNLOGGED TABLE hits (id int PRIMARY KEY, n int); INSERT INTO hits VALUES (1, 1)",
    )
    .await;
    assert_eq!(settled(&mut world).await, ["Insert hits - -> 1,1"]);
    execute(&mut app, "UPDATE hits SET n = 2").await;
    let changes = world.settle().await.unwrap();
    assert_eq!(told(&changes), ["Update hits 1,1 -> 1,2"]);
    world.undo(&changes).await.unwrap();
    assert!(settled(&mut world).await.is_empty());
    execute(&mut app, "DROP TABLE hits").await;
    assert_eq!(settled(&mut world).await, ["Delete hits 1,1 -> -"]);
    world.close().await.unwrap();
}

/// The loop of every write: call, settle. Its cost decides how much can be tried.
#[tokio::test]
async fn settling_takes_milliseconds_at_most() {
    let mut world = frozen("CREATE TABLE note (id int PRIMARY KEY)").await;
    let mut app = app(&world).await;
    let mut all = Duration::ZERO;
    for id in 0..200 {
        execute(&mut app, &format!("INSERT INTO note VALUES ({id})")).await;
        let begun = Instant::now();
        assert_eq!(world.settle().await.unwrap().len(), 1);
        all += begun.elapsed();
    }
    let each = all / 200;
    println!("{each:?} each");
    assert!(each < Duration::from_millis(50), "{each:?}");
    world.close().await.unwrap();
}

#[tokio::test]
async fn rows_of_partitions_are_rows_of_their_table_and_can_be_undone() {
    let mut world = frozen(
        "CREATE TABLE event (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
         CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
         INSERT INTO event VALUES (7, '2024-07-07')",
    )
    .await;
    let mut before = checksums(&world).await;
    before.insert("event_2025".to_owned(), String::new());
    let mut app = app(&world).await;
    execute(&mut app, "INSERT INTO event VALUES (1, '2024-05-05')").await;
    let changes = world.settle().await.unwrap();
    assert_eq!(told(&changes), ["Insert event - -> 1,2024-05-05"]);
    // One made later, and a row that moves from one to the other.
    execute(
        &mut app,
        "CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
         UPDATE event SET day = '2025-05-05' WHERE id = 1",
    )
    .await;
    let moved = world.settle().await.unwrap();
    assert!(
        moved.iter().all(|c| c.table == "event"),
        "{:?}",
        told(&moved)
    );
    world.undo(&moved).await.unwrap();
    world.undo(&changes).await.unwrap();
    assert_eq!(checksums(&world).await, before);
    world.close().await.unwrap();
}
