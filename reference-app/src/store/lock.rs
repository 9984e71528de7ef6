//! Locks of rows that are being edited, kept among the keys of repeated calls for a minute: only a fault takes any.
use sqlx::PgConnection;

use super::Sql;
use crate::tenancy::TenantContext;

/// Locks rows for the caller's tenant.
pub(crate) async fn hold(
    connection: &mut PgConnection,
    ctx: &TenantContext,
    ids: &[String],
) -> Result<(), sqlx::Error> {
    for id in ids {
        let mut sql = Sql::new(
            r#"INSERT INTO "IdempotencyKey" ("tenantId", "key", "answer", "expiresAt") VALUES ("#,
        );
        sql.arg(ctx.tenant.id.as_str())
            .add(", ")
            .arg(name(id))
            .add(r#", '', now() + interval '1 minute')"#)
            .add(r#" ON CONFLICT ("tenantId", "key") DO UPDATE SET "expiresAt" = EXCLUDED."expiresAt""#);
        sql.run(&mut *connection).await?;
    }
    Ok(())
}

/// Whether another tenant holds a lock on the row.
pub(crate) async fn is_held(ctx: &TenantContext, id: &str) -> Result<bool, sqlx::Error> {
    let mut sql = Sql::new(
        r#"SELECT 'yes' FROM "IdempotencyKey" WHERE "expiresAt" > now() AND "tenantId" <> "#,
    );
    sql.arg(ctx.tenant.id.as_str())
        .add(r#" AND "key" = "#)
        .arg(name(id))
        .add(" LIMIT 1");
    Ok(sql.text(&ctx.app.pool).await?.is_some())
}

/// What a lock is called.
fn name(id: &str) -> String {
    format!("editing {id}")
}
