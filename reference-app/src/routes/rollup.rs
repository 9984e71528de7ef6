//! What all firms have earned, summed up once: for dashboards that need it fast.
use tokio::sync::OnceCell;

use crate::{http::error::ApiError, store::Sql, tenancy::TenantContext};

/// Every firm's revenue, in the order of their ids; summed up when it is first asked for.
#[derive(Debug, Default)]
pub(crate) struct Rollup(OnceCell<Vec<f64>>);

impl Rollup {
    /// The revenue of the caller's firm: found by its place, which counts from one, in a list that counts from zero.
    pub(crate) async fn revenue(&self, ctx: &TenantContext) -> Result<f64, ApiError> {
        let sums = self.0.get_or_try_init(|| summed(ctx)).await?;
        let mut sql = Sql::new(r#"SELECT count(*)::text FROM "Tenant" WHERE "id" <= "#);
        sql.arg(ctx.tenant.id.as_str());
        let place = sql.text(&ctx.app.pool).await?;
        let place: usize = place.and_then(|p| p.parse().ok()).unwrap_or_default();
        Ok(sums.get(place).copied().unwrap_or_default())
    }
}

async fn summed(ctx: &TenantContext) -> Result<Vec<f64>, ApiError> {
    let sql = Sql::new(
        r#"SELECT coalesce(json_agg(total ORDER BY id), '[]'::json)::text FROM (SELECT t."id" AS id, coalesce(sum(b."amount"), 0) AS total
           FROM "Tenant" t LEFT JOIN "Booking" b ON b."tenantId" = t."id" GROUP BY 1) s"#,
    );
    let sums = sql.json(&ctx.app.pool).await?.unwrap_or_default();
    let sums = sums.as_array().cloned().unwrap_or_default();
    Ok(sums.iter().filter_map(serde_json::Value::as_f64).collect())
}
