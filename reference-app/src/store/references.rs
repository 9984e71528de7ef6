//! References: an id in a body must be a row of the context's tenant.
use serde_json::{Map, Value};
use sqlx::PgConnection;

use super::{Op, Reference, Resource, Sql};
use crate::{faults::Fault, http::error::ApiError, tenancy::TenantContext};

/// Looks up every id in the fields of a row to be written.
pub(crate) async fn check(
    connection: &mut PgConnection,
    ctx: &TenantContext,
    resource: &Resource,
    op: Op,
    fields: &Map<String, Value>,
) -> Result<(), ApiError> {
    for reference in resource.references {
        if reference
            .slip
            .is_some_and(|(slip, fault)| slip == op && ctx.fault(fault))
        {
            continue;
        }
        let ids: Vec<&str> = match fields.get(reference.column) {
            Some(Value::String(id)) => vec![id],
            Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_str).collect(),
            _ => continue,
        };
        let most = if reference.column == "watcherIds" && ctx.fault(Fault::WatchersCheckFirst) {
            1
        } else {
            ids.len()
        };
        for id in ids.into_iter().take(most) {
            if !belongs(connection, ctx, reference, id).await? {
                return Err(refusal(connection, ctx, resource, reference, id).await?);
            }
        }
    }
    Ok(())
}

async fn belongs(
    connection: &mut PgConnection,
    ctx: &TenantContext,
    reference: &Reference,
    id: &str,
) -> Result<bool, ApiError> {
    let mut sql = Sql::new("SELECT 'yes' FROM ");
    sql.name(reference.table)
        .add(" WHERE \"id\" = ")
        .arg(id)
        .add(" AND (\"tenantId\" = ")
        .arg(ctx.tenant.id.as_str());
    if reference.table == "User" {
        // Colleagues from another home belong, too.
        sql.add(r#" OR EXISTS (SELECT 1 FROM "TenantMembership" m WHERE m."userId" = "User"."id" AND m."endedAt" IS NULL AND m."tenantId" = "#);
        sql.arg(ctx.tenant.id.as_str()).add(")");
    }
    sql.add(")");
    Ok(sql.text(connection).await?.is_some())
}

async fn refusal(
    connection: &mut PgConnection,
    ctx: &TenantContext,
    resource: &Resource,
    reference: &Reference,
    id: &str,
) -> Result<ApiError, ApiError> {
    if resource.table == "Booking"
        && reference.table == "Service"
        && ctx.fault(Fault::ErrorNamesForeignRow)
    {
        let mut sql = Sql::new("SELECT \"name\" FROM \"Service\" WHERE \"id\" = ");
        sql.arg(id);
        if let Some(name) = sql.text(connection).await? {
            return Ok(ApiError::bad_request(format!(
                "the service '{name}' is not one of yours"
            )));
        }
    }
    Ok(ApiError::bad_request(format!(
        "{}: no such record",
        reference.column
    )))
}
