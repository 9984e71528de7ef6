//! A world with a tiny target, and the application's own sessions on its database.

use std::collections::BTreeMap;

use partywall::model::event::Silence;
use partywall::model::rows::Row;
use partywall::settings::{Overrides, Settings};
use partywall::world::{RawChange, World, WorldError};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::target;

/// Settings for the tiny target, and whatever else a description says.
pub fn settings(more: &str) -> Settings {
    let text = format!(
        "[target]\nstart = {:?}\nready = \"/health\"\nenv = {{ TINY_TARGET_PORT = \"{{port}}\" }}\n{more}",
        target::start()
    );
    Settings::parse("partywall.toml", &text, Overrides::default(), &|_| None).unwrap()
}

/// A world whose database was seeded by `sql` and frozen.
pub async fn frozen(sql: &str) -> World {
    let mut world = World::up(&settings(""), &Silence).await.unwrap();
    execute(&mut app(&world).await, sql).await;
    world.freeze().await.unwrap();
    world
}

/// A session as the application.
pub async fn app(world: &World) -> PgConnection {
    let url = world.values().get("database.app.url").unwrap();
    PgConnection::connect(url).await.unwrap()
}

pub async fn execute(session: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(session)
        .await
        .unwrap();
}

/// Changes as `operation table old -> new`, for comparing.
pub fn told(changes: &[RawChange]) -> Vec<String> {
    let row = |row: &Option<Row>| {
        row.as_ref().map_or("-".to_owned(), |row| {
            row.iter()
                .map(|v| v.as_deref().unwrap_or("NULL"))
                .collect::<Vec<_>>()
                .join(",")
        })
    };
    changes
        .iter()
        .map(|c| {
            format!(
                "{:?} {} {} -> {}",
                c.operation,
                c.table,
                row(&c.old),
                row(&c.new)
            )
        })
        .collect()
}

pub async fn settled(world: &mut World) -> Vec<String> {
    told(&world.settle().await.unwrap())
}

/// The hash of every table's rows, by table.
pub async fn checksums(world: &World) -> BTreeMap<String, String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind = 'r' AND n.nspname = 'public'",
    )
    .fetch_all(world.pool())
    .await
    .unwrap();
    let mut sums = BTreeMap::new();
    for table in tables {
        let sql = format!(
            "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t"
        );
        let sum = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(world.pool())
            .await
            .unwrap();
        sums.insert(table, sum);
    }
    sums
}

/// The error of something that must fail.
pub fn failed<T>(result: Result<T, WorldError>) -> String {
    match result {
        Ok(_) => panic!("it should have failed"),
        Err(error) => error.to_string(),
    }
}
