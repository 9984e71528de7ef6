//! On a server that outlives us: the removal of the databases, roles and slots that the dead left.

use sqlx::{AssertSqlSafe, PgPool};

use super::database;
use crate::model::schema::quote;
use crate::world::error::WorldError;
use crate::world::owner::Owner;

/// Drops what dead runs left on this server; says what. What cannot be dropped is said, too, and is no reason to stop.
pub async fn reap(admin: &PgPool) -> Result<Vec<String>, WorldError> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT datname::text FROM pg_database UNION SELECT rolname::text FROM pg_roles \
         UNION SELECT roname::text FROM pg_replication_origin",
    )
    .fetch_all(admin)
    .await
    .map_err(WorldError::database("list what dead runs left"))?;
    let mut owners: Vec<Owner> = names.iter().filter_map(|n| Owner::of(n)).collect();
    owners.sort_by(|a, b| a.prefix.cmp(&b.prefix));
    owners.dedup();
    let mut said = Vec::new();
    for owner in owners {
        if dead(&owner, admin).await? {
            match remove(admin, &owner.prefix).await {
                Ok(0) => {}
                Ok(_) => said.push(format!("dropped what the dead run {} left", owner.prefix)),
                Err(error) => said.push(format!(
                    "could not drop what the dead run {} left: {error}",
                    owner.prefix
                )),
            }
        }
    }
    Ok(said)
}

/// Here, by process; elsewhere, by whether any of its sessions is still there.
async fn dead(owner: &Owner, admin: &PgPool) -> Result<bool, WorldError> {
    if let Some(dead) = owner.is_dead() {
        return Ok(dead);
    }
    let sessions: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE starts_with(application_name, $1))",
    )
    .bind(&owner.prefix)
    .fetch_one(admin)
    .await
    .map_err(WorldError::database("look for sessions of another run"))?;
    Ok(!sessions)
}

/// Drops every slot, database, origin and role of one prefix; how many.
pub async fn remove(admin: &PgPool, prefix: &str) -> Result<usize, WorldError> {
    let like = format!("{}\\_%", prefix.replace('_', "\\_"));
    let mut count = 0;
    let list = |sql: &'static str| {
        sqlx::query_scalar::<_, String>(sql)
            .bind(&like)
            .fetch_all(admin)
    };
    let failed = |what: &str| WorldError::database(format!("drop a {what} of {prefix}"));

    let slots = list(
        "SELECT slot_name::text FROM pg_replication_slots WHERE slot_name LIKE $1 AND NOT temporary",
    );
    for name in slots.await.map_err(failed("slot"))? {
        sqlx::query("SELECT pg_drop_replication_slot($1)")
            .bind(&name)
            .execute(admin)
            .await
            .map_err(failed("slot"))?;
        count += 1;
    }
    let databases = list("SELECT datname::text FROM pg_database WHERE datname LIKE $1");
    for name in databases.await.map_err(failed("database"))? {
        database::drop(admin, &name).await?;
        count += 1;
    }
    let origins = list("SELECT roname::text FROM pg_replication_origin WHERE roname LIKE $1");
    for name in origins.await.map_err(failed("replication origin"))? {
        sqlx::query("SELECT pg_replication_origin_drop($1)")
            .bind(&name)
            .execute(admin)
            .await
            .map_err(failed("replication origin"))?;
        count += 1;
    }
    let roles = list("SELECT rolname::text FROM pg_roles WHERE rolname LIKE $1");
    for name in roles.await.map_err(failed("role"))? {
        for sql in ["DROP OWNED BY", "DROP ROLE"] {
            sqlx::raw_sql(AssertSqlSafe(format!("{sql} {}", quote(&name))))
                .execute(admin)
                .await
                .map_err(failed("role"))?;
        }
        count += 1;
    }
    Ok(count)
}
