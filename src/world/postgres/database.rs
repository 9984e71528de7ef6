//! Scratch databases: made, cloned, vacated, dropped.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, PgPool, Row};

use super::locale;
use crate::model::schema::quote;
use crate::target::description::Database;
use crate::world::error::WorldError;
use crate::world::process::LOOK;

/// How long sessions may take to end by themselves before they are ended.
const PATIENCE: Duration = Duration::from_millis(150);

/// How long a database may take to become empty of sessions.
const VACANT: Duration = Duration::from_secs(10);

/// Makes an empty database, with the locale and the time zone that the target needs; its clones have them, too.
pub async fn create(
    admin: &PgPool,
    name: &str,
    owner: &str,
    wanted: &Database,
) -> Result<(), WorldError> {
    let locale = wanted.locale.as_ref().map(|locale| {
        let locale = literal(locale);
        format!(" LC_COLLATE {locale} LC_CTYPE {locale}")
    });
    let sql = format!(
        "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'{}",
        quote(name),
        quote(owner),
        locale.unwrap_or_default()
    );
    let made = run(admin, sql, &format!("create the database `{name}`")).await;
    made.map_err(|error| match &wanted.locale {
        Some(locale) if error.to_string().contains("locale") => {
            locale::lacking(locale, &error.to_string())
        }
        _ => error,
    })?;
    let Some(zone) = &wanted.timezone else {
        return Ok(());
    };
    let sql = format!(
        "ALTER DATABASE {} SET timezone TO {}",
        quote(name),
        literal(zone)
    );
    run(admin, sql, "set the time zone of database.timezone").await
}

/// Copies a database with what CREATE DATABASE leaves behind: its settings and its privileges.
pub async fn clone(admin: &PgPool, from: &str, to: &str) -> Result<(), WorldError> {
    vacate(admin, from).await?;
    let owner: String = sqlx::query_scalar(
        "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = $1",
    )
    .bind(from)
    .fetch_one(admin)
    .await
    .map_err(WorldError::database(format!("find the owner of `{from}`")))?;
    let sql = format!(
        "CREATE DATABASE {} OWNER {} TEMPLATE {}",
        quote(to),
        quote(&owner),
        quote(from)
    );
    run(admin, sql, &format!("clone the database `{from}`")).await?;
    copy_settings(admin, from, to).await?;
    copy_privileges(admin, from, to).await
}

/// `ALTER DATABASE … SET` and `ALTER ROLE … IN DATABASE … SET`.
async fn copy_settings(admin: &PgPool, from: &str, to: &str) -> Result<(), WorldError> {
    let rows = sqlx::query(
        "SELECT r.rolname::text AS role, split_part(s, '=', 1) AS name, \
                substr(s, strpos(s, '=') + 1) AS value \
         FROM pg_db_role_setting d JOIN pg_database b ON b.oid = d.setdatabase \
         LEFT JOIN pg_roles r ON r.oid = d.setrole, unnest(d.setconfig) AS s \
         WHERE b.datname = $1",
    )
    .bind(from)
    .fetch_all(admin)
    .await
    .map_err(WorldError::database(format!(
        "read the settings of `{from}`"
    )))?;
    for row in rows {
        let role: Option<String> = row.get("role");
        let (name, value): (String, String) = (row.get("name"), row.get("value"));
        let whose = match role {
            Some(role) => format!("ROLE {} IN DATABASE {}", quote(&role), quote(to)),
            None => format!("DATABASE {}", quote(to)),
        };
        // A dotted name is two identifiers; list settings are kept as the list that they are.
        let name = name.split('.').map(quote).collect::<Vec<_>>().join(".");
        let value = if name == "\"search_path\"" {
            value
        } else {
            literal(&value)
        };
        let sql = format!("ALTER {whose} SET {name} TO {value}");
        run(admin, sql, &format!("copy the settings of `{from}`")).await?;
    }
    Ok(())
}

/// GRANT and REVOKE on the database itself.
async fn copy_privileges(admin: &PgPool, from: &str, to: &str) -> Result<(), WorldError> {
    let rows = sqlx::query(
        "SELECT a.privilege_type AS privilege, a.is_grantable AS grantable, \
                CASE WHEN a.grantee = 0 THEN NULL ELSE pg_get_userbyid(a.grantee)::text END AS role \
         FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = $1",
    )
    .bind(from)
    .fetch_all(admin)
    .await
    .map_err(WorldError::database(format!("read the privileges of `{from}`")))?;
    if rows.is_empty() {
        return Ok(());
    }
    let mut statements = vec![format!("REVOKE ALL ON DATABASE {} FROM PUBLIC;", quote(to))];
    for row in rows {
        let role: Option<String> = row.get("role");
        let role = role.map_or_else(|| "PUBLIC".to_owned(), |r| quote(&r));
        let option = if row.get("grantable") {
            " WITH GRANT OPTION"
        } else {
            ""
        };
        let privilege: String = row.get("privilege");
        statements.push(format!(
            "GRANT {privilege} ON DATABASE {} TO {role}{option};",
            quote(to)
        ));
    }
    let doing = format!("copy the privileges of `{from}`");
    run(admin, statements.concat(), &doing).await
}

/// Gives a database another name.
pub async fn rename(admin: &PgPool, from: &str, to: &str) -> Result<(), WorldError> {
    vacate(admin, from).await?;
    let sql = format!("ALTER DATABASE {} RENAME TO {}", quote(from), quote(to));
    run(admin, sql, &format!("rename the database `{from}`")).await
}

/// Drops a database; one that is not there is dropped already.
pub async fn drop(admin: &PgPool, name: &str) -> Result<(), WorldError> {
    vacate(admin, name).await?;
    let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quote(name));
    run(admin, sql, &format!("drop the database `{name}`")).await
}

/// Waits until nobody is in a database: sessions that were just closed need a moment, those that stay are ended. Dropping at
/// once would stall for longer.
pub async fn vacate(admin: &PgPool, name: &str) -> Result<(), WorldError> {
    let begun = Instant::now();
    loop {
        let there: i64 =
            sqlx::query_scalar("SELECT count(*) FROM pg_stat_activity WHERE datname = $1")
                .bind(name)
                .fetch_one(admin)
                .await
                .map_err(WorldError::database(format!("look who is in `{name}`")))?;
        if there == 0 {
            return Ok(());
        }
        if begun.elapsed() > VACANT {
            return Err(WorldError::Blocked {
                waiting_for: format!("an empty database `{name}`"),
                within: VACANT,
                blockers: sessions(admin, name).await?,
            });
        }
        if begun.elapsed() > PATIENCE {
            sqlx::query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
            )
            .bind(name)
            .execute(admin)
            .await
            .map_err(WorldError::database(format!(
                "end the sessions in `{name}`"
            )))?;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Who is in a database, for a message.
async fn sessions(admin: &PgPool, name: &str) -> Result<String, WorldError> {
    let all: Vec<String> = sqlx::query_scalar(
        "SELECT format('process %s (role %s, application `%s`, %s)', pid, usename, \
                       application_name, coalesce(state, backend_type)) \
         FROM pg_stat_activity WHERE datname = $1 ORDER BY pid LIMIT 5",
    )
    .bind(name)
    .fetch_all(admin)
    .await
    .map_err(WorldError::database(format!("look who is in `{name}`")))?;
    Ok(all.join(", "))
}

/// A string in SQL.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

async fn run(admin: &PgPool, sql: String, doing: &str) -> Result<(), WorldError> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(admin)
        .await
        .map(|_| ())
        .map_err(WorldError::database(doing))
}
