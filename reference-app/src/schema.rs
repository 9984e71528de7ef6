//! Makes the tables as their owner and grants them to the application role. Idempotent.
use std::str::FromStr;

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection,
    postgres::{PgConnectOptions, PgConnection},
};

use crate::{Error, quirks::QuirkSet};

const STEPS: [&str; 4] = [
    include_str!("../schema/01_people.sql"),
    include_str!("../schema/02_work.sql"),
    include_str!("../schema/03_money.sql"),
    include_str!("../schema/04_records.sql"),
];
const QUIRK_TABLES: &str = include_str!("../schema/05_quirks.sql");

/// Connects as the owner, brings the schema up to date, grants, and hangs up.
pub(crate) async fn migrate(
    owner_url: &str,
    application: &PgConnectOptions,
    quirks: QuirkSet,
) -> Result<(), Error> {
    let options = PgConnectOptions::from_str(owner_url)
        .map_err(|error| Error::DatabaseUrl("OWNER_DATABASE_URL", error))?;
    let mut owner = options.connect().await?;
    // Two instances may start at once.
    sqlx::raw_sql("SELECT pg_advisory_lock(741851)")
        .execute(&mut owner)
        .await?;
    sqlx::raw_sql("SET client_min_messages = warning")
        .execute(&mut owner)
        .await?;
    for step in STEPS {
        sqlx::raw_sql(step).execute(&mut owner).await?;
    }
    if quirks.any() {
        sqlx::raw_sql(QUIRK_TABLES).execute(&mut owner).await?;
    }
    grant(&mut owner, application.get_username()).await?;
    owner.close().await?;
    Ok(())
}

async fn grant(owner: &mut PgConnection, role: &str) -> Result<(), Error> {
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    let statements = format!(
        "GRANT USAGE ON SCHEMA public TO {role};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};"
    );
    sqlx::raw_sql(AssertSqlSafe(statements))
        .execute(owner)
        .await?;
    Ok(())
}
