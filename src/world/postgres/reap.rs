//! On a server that outlives us: names that tell whose a database, role or slot is, and the removal of what the dead left.

use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgPool};

use super::database;
use crate::model::schema::quote;
use crate::world::error::WorldError;
use crate::world::run::Run;
use crate::world::system;

/// `partywall_HOST_PID_START`: every name that a run makes on a shared server begins with it.
pub fn prefix(run: &Run) -> String {
    format!("partywall_{}_{}", machine(), run.token())
}

/// Eight hex digits that differ between machines, and between containers of one machine.
fn machine() -> String {
    let mut hash = Sha256::new();
    if let Ok(name) = nix::unistd::gethostname() {
        hash.update(name.as_encoded_bytes());
    }
    for file in ["/etc/machine-id", "/proc/sys/kernel/random/boot_id"] {
        hash.update(std::fs::read(file).unwrap_or_default());
    }
    if let Ok(namespace) = std::fs::read_link("/proc/self/ns/pid") {
        hash.update(namespace.as_os_str().as_encoded_bytes());
    }
    hex::encode(hash.finalize())[..8].to_owned()
}

/// Whose a name is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Owner {
    prefix: String,
    machine: String,
    pid: u32,
    start: String,
}

fn owner(name: &str) -> Option<Owner> {
    let parts: Vec<&str> = name.split('_').collect();
    let ["partywall", machine, pid, start, _, ..] = parts[..] else {
        return None;
    };
    let hex = machine.len() == 8 && machine.bytes().all(|b| b.is_ascii_hexdigit());
    // A second world in one process has a further number before the last part.
    let nth = parts.get(4).filter(|p| p.parse::<u32>().is_ok());
    let mut prefix = parts[..4].join("_");
    if let Some(nth) = nth {
        prefix = format!("{prefix}_{nth}");
    }
    hex.then_some(Owner {
        prefix,
        machine: machine.to_owned(),
        pid: pid.parse().ok()?,
        start: start.to_owned(),
    })
}

/// Drops what dead runs left on this server; says what. What cannot be dropped is said, too, and is no reason to stop.
pub async fn reap(admin: &PgPool) -> Result<Vec<String>, WorldError> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT datname::text FROM pg_database UNION SELECT rolname::text FROM pg_roles \
         UNION SELECT roname::text FROM pg_replication_origin",
    )
    .fetch_all(admin)
    .await
    .map_err(WorldError::database("list what dead runs left"))?;
    let mut owners: Vec<Owner> = names.iter().filter_map(|n| owner(n)).collect();
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
    if owner.machine == machine() {
        return Ok(system::start_time(owner.pid).as_deref() != Some(owner.start.as_str()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_owner() {
        let of = |name: &str| owner(name).map(|o| (o.prefix, o.pid, o.start));
        assert_eq!(
            of("partywall_0a1b2c3d_77_123456_app"),
            Some(("partywall_0a1b2c3d_77_123456".into(), 77, "123456".into()))
        );
        assert_eq!(
            of("partywall_0a1b2c3d_77_123456_2_template"),
            Some(("partywall_0a1b2c3d_77_123456_2".into(), 77, "123456".into()))
        );
        for foreign in [
            "postgres",
            "partywall",
            "partywall_app",
            "partywall_prod_1_2_app",
            "my_partywall_0a1b2c3d_77_1_app",
            "partywall_0a1b2c3d_x_1_app",
        ] {
            assert_eq!(of(foreign), None, "{foreign}");
        }
    }
}
