//! Statements in an order that foreign keys allow, for a role that may not switch them off.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::world::error::WorldError;

/// Foreign keys that form a circle have no depth: it is not sought for longer than this.
pub const DEEPEST: usize = 64;

/// Switches triggers and foreign keys off for a transaction; `false` where the role may not.
pub async fn become_replica(transaction: &mut PgConnection) -> Result<bool, WorldError> {
    let set = attempt(transaction, "SET LOCAL session_replication_role = replica").await?;
    Ok(set.is_ok())
}

/// Runs deletions, each with the schema and table that it is for: children first.
pub async fn delete(
    transaction: &mut PgConnection,
    mut deletions: Vec<((String, String), String)>,
) -> Result<(), WorldError> {
    let depths = depths(transaction).await?;
    let depth = |name: &(String, String)| depths.get(name).copied().unwrap_or_default();
    deletions.sort_by_key(|(name, _)| std::cmp::Reverse(depth(name)));
    let deletions = deletions.into_iter();
    let statements = deletions.map(|((_, table), sql)| (table, sql)).collect();
    attempt(transaction, "SET CONSTRAINTS ALL DEFERRED")
        .await?
        .ok();
    until_all_are_done(transaction, statements).await?;
    let checked = attempt(transaction, "SET CONSTRAINTS ALL IMMEDIATE").await?;
    checked.map_err(|error| refused("all rows", &error))
}

/// Tries statements over and over while some succeed: one may wait for another. One that finds no row any more was overtaken
/// by a cascade.
pub async fn until_all_are_done(
    transaction: &mut PgConnection,
    mut waiting: Vec<(String, String)>,
) -> Result<(), WorldError> {
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut still = Vec::new();
        let mut last = None;
        for (table, sql) in waiting {
            if let Err(error) = attempt(transaction, &sql).await? {
                last = Some(refused(&table, &error));
                still.push((table, sql));
            }
        }
        if let Some(error) = last.filter(|_| still.len() == before) {
            return Err(error);
        }
        waiting = still;
    }
    Ok(())
}

/// A statement whose failure leaves the transaction as it was.
pub async fn attempt(
    transaction: &mut PgConnection,
    sql: &str,
) -> Result<Result<(), sqlx::Error>, WorldError> {
    let guarded = format!("SAVEPOINT attempt; {sql}; RELEASE SAVEPOINT attempt");
    let done = sqlx::raw_sql(AssertSqlSafe(guarded))
        .execute(&mut *transaction)
        .await;
    if done.is_err() {
        sqlx::raw_sql("ROLLBACK TO SAVEPOINT attempt")
            .execute(transaction)
            .await
            .map_err(WorldError::database("undo"))?;
    }
    Ok(done.map(|_| ()))
}

/// What a statement on a table was refused for.
pub fn refused(table: &str, error: &sqlx::Error) -> WorldError {
    WorldError::Undo {
        table: table.to_owned(),
        reason: error.to_string(),
    }
}

/// How many foreign keys lie above each table.
pub async fn depths(
    session: &mut PgConnection,
) -> Result<HashMap<(String, String), usize>, WorldError> {
    let rows = sqlx::query(
        "SELECT DISTINCT cn.nspname::text AS cs, c.relname::text AS ct, pn.nspname::text AS ps, p.relname::text AS pt \
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace \
         JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace \
         WHERE k.contype = 'f' AND k.conrelid <> k.confrelid",
    )
    .fetch_all(session)
    .await
    .map_err(WorldError::database("read the foreign keys"))?;
    let edges: Vec<((String, String), (String, String))> = rows
        .iter()
        .map(|r| ((r.get("cs"), r.get("ct")), (r.get("ps"), r.get("pt"))))
        .collect();
    let mut depths: HashMap<(String, String), usize> = HashMap::new();
    for _ in 0..DEEPEST {
        let mut deeper = false;
        for (child, parent) in &edges {
            let below = depths.get(parent).copied().unwrap_or_default() + 1;
            let at = depths.entry(child.clone()).or_default();
            if *at < below {
                *at = below;
                deeper = true;
            }
        }
        if !deeper {
            break;
        }
    }
    Ok(depths)
}
