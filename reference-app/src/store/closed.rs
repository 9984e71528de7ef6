//! Books that are closed while others work on them, noted among the keys of repeated calls for a minute: only a fault closes
//! any.
use sqlx::PgConnection;

use super::{Resource, Sql};
use crate::tenancy::TenantContext;

/// Closes the books of the firms whose rows these are; the caller's own are open again as soon as it is done.
pub(crate) async fn close(
    connection: &mut PgConnection,
    ctx: &TenantContext,
    resource: &Resource,
    ids: &[String],
) -> Result<(), sqlx::Error> {
    let mut sql = Sql::new(
        r#"INSERT INTO "IdempotencyKey" ("tenantId", "key", "answer", "expiresAt") SELECT DISTINCT "#,
    );
    sql.arg(ctx.tenant.id.as_str())
        .add(r#", 'closed ' || "tenantId", '', now() + interval '1 minute' FROM "#)
        .name(resource.table)
        .add(" WHERE \"tenantId\" <> ")
        .arg(ctx.tenant.id.as_str())
        .add(" AND ")
        .any_of("id", ids.iter().map(String::as_str))
        .add(
            r#" ON CONFLICT ("tenantId", "key") DO UPDATE SET "expiresAt" = EXCLUDED."expiresAt""#,
        );
    sql.run(connection).await?;
    Ok(())
}

/// Whether somebody has closed the caller's books.
pub(crate) async fn is_closed(ctx: &TenantContext) -> Result<bool, sqlx::Error> {
    let mut sql = Sql::new(
        r#"SELECT 'yes' FROM "IdempotencyKey" WHERE "expiresAt" > now() AND "key" = 'closed ' || "#,
    );
    sql.arg(ctx.tenant.id.as_str()).add(" LIMIT 1");
    Ok(sql.text(&ctx.app.pool).await?.is_some())
}
