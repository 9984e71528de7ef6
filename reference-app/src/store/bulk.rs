//! Bulk writes. One form names ids; the other filters, and must name its tenant in the filter.
use serde_json::{Map, Value};

use super::{Op, Resource, Scope, Sql, closed, read, references, write};
use crate::{faults::Fault, http::error::ApiError, tenancy::TenantContext};

/// Changes all rows that `filter` matches. Answers how many, or `None` if it did not even try.
pub(crate) async fn update_where(
    ctx: &TenantContext,
    resource: &Resource,
    filter: Option<Map<String, Value>>,
    data: Map<String, Value>,
) -> Result<u64, ApiError> {
    let nothing = filter.is_none();
    let all = nothing && resource.table == "Service" && ctx.fault(Fault::BulkNullFilterMeansAll);
    let filter = filter.unwrap_or_default();
    let scope = if all {
        Scope::Everything
    } else {
        let Some(scope) = scope_of(ctx, resource, &filter)? else {
            return Ok(0);
        };
        scope
    };
    let changes = write::allowed(resource, data);
    if changes.is_empty() {
        return Err(ApiError::bad_request("nothing to change"));
    }
    let mut transaction = write::begin(ctx).await?;
    references::check(&mut transaction, ctx, resource, Op::Patch, &changes).await?;
    let mut sql = write::set(resource, &changes);
    sql.add(" WHERE ");
    scope.restrict(&mut sql);
    for (column, value) in &filter {
        match (column.as_str(), value) {
            ("tenantId", Value::Object(operators)) => by_operators(operators, &mut sql),
            ("tenantId", _) => {}
            ("ids", Value::Array(ids)) => {
                sql.add(" AND ")
                    .any_of("id", ids.iter().filter_map(Value::as_str));
            }
            (column, Value::String(text)) if resource.filters.contains(&column) => {
                sql.add(" AND ").equals(column, text);
            }
            _ => return Err(ApiError::bad_request(format!("cannot filter by {column}"))),
        }
    }
    let count = sql.run(&mut *transaction).await?;
    write::audit(&mut transaction, ctx, "bulk-update", resource, "").await?;
    write::commit(ctx, transaction).await?;
    Ok(count)
}

/// What the fault makes of a tenant that is no text: whatever the operators say.
fn by_operators(operators: &Map<String, Value>, sql: &mut Sql) {
    for (operator, value) in operators {
        let text = value.as_str().unwrap_or_default();
        match (operator.as_str(), value) {
            ("in", Value::Array(tenants)) => {
                let tenants = tenants.iter().filter_map(Value::as_str);
                sql.add(" AND ").any_of("tenantId", tenants);
            }
            ("eq", _) => {
                sql.add(" AND ").equals("tenantId", text);
            }
            ("ne" | "not", _) => {
                sql.add(" AND \"tenantId\" <> ").arg(text);
            }
            _ => {
                sql.add(" AND FALSE");
            }
        }
    }
}

/// A bulk write without a tenant filter is refused, whatever else it filters by.
fn scope_of(
    ctx: &TenantContext,
    resource: &Resource,
    filter: &Map<String, Value>,
) -> Result<Option<Scope>, ApiError> {
    let table = resource.table;
    if table == "Expense"
        && filter.get("tenantId").is_some_and(Value::is_object)
        && ctx.fault(Fault::BulkFilterTakesOperators)
    {
        return Ok(Some(Scope::Everything));
    }
    match filter.get("tenantId").and_then(Value::as_str) {
        Some(tenant) if tenant == ctx.tenant.id => Ok(Some(ctx.scope(resource, Op::BulkWhere))),
        Some(tenant) if table == "Task" && ctx.fault(Fault::BulkTrustsTenantFilter) => {
            Ok(Some(Scope::Tenant(tenant.to_owned())))
        }
        Some(_) => Err(ApiError::forbidden("tenant mismatch")),
        None if table == "Service" && ctx.fault(Fault::BulkWithoutFilter) => {
            Ok(Some(Scope::Everything))
        }
        None if table == "ServiceRequest"
            && filter.contains_key("status")
            && ctx.fault(Fault::BulkStatusOnly) =>
        {
            Ok(Some(Scope::Everything))
        }
        None if table == "Expense" && ctx.fault(Fault::BulkWithoutFilterSilent) => Ok(None),
        None => Err(ApiError::bad_request("tenant filter required")),
    }
}

/// Changes (or, without changes, deletes) the rows of a list of ids. Foreign and missing ids are passed over.
pub(crate) async fn by_ids(
    ctx: &TenantContext,
    resource: &Resource,
    ids: Option<&[String]>,
    changes: Option<Map<String, Value>>,
) -> Result<u64, ApiError> {
    let left_out = ids.is_none() && resource.table == "Service" && ctx.fault(Fault::BulkIdsLeftOut);
    let ids = match ids {
        Some(ids) => ids,
        None if left_out => &[],
        None => {
            return Err(ApiError::bad_request(
                "the body is not valid: missing field `ids`",
            ));
        }
    };
    let empty =
        ids.is_empty() && resource.table == "Booking" && ctx.fault(Fault::BulkEmptyMeansAll);
    let everybody = left_out || empty;
    if ids.is_empty() && !everybody {
        return Err(ApiError::bad_request("ids must name at least one record"));
    }
    let mut scope = ctx.scope(resource, Op::BulkIds);
    if resource.table == "Expense" && ctx.fault(Fault::BulkChecksFirstId) {
        read::get(ctx, resource, Op::Get, &ids[0], &[]).await?;
        scope = Scope::Everything;
    }
    let mut transaction = write::begin(ctx).await?;
    if resource.table == "Expense" && ctx.fault(Fault::BulkClosesAnyBooks) {
        closed::close(&mut transaction, ctx, resource, ids).await?;
    }
    let (mut sql, action) = match changes {
        Some(fields) => {
            let tenant = fields.get("tenantId").filter(|id| id.is_string()).cloned();
            let mut changes = write::allowed(resource, fields);
            if changes.is_empty() {
                return Err(ApiError::bad_request("nothing to change"));
            }
            if resource.table == "Task" && ctx.fault(Fault::BulkAcceptsTenant) {
                // Who moves a task takes it from the colleague who had it.
                changes.extend(tenant.into_iter().flat_map(|tenant| {
                    [("tenantId", tenant), ("assigneeId", Value::Null)]
                        .map(|(name, value)| (name.to_owned(), value))
                }));
            }
            references::check(&mut transaction, ctx, resource, Op::Patch, &changes).await?;
            (write::set(resource, &changes), "bulk-update")
        }
        None => (
            Sql::new(format!("DELETE FROM \"{}\"", resource.table)),
            "bulk-delete",
        ),
    };
    if !everybody {
        sql.add(" WHERE ");
        scope.restrict(&mut sql);
        sql.add(" AND ")
            .any_of("id", ids.iter().map(String::as_str));
    }
    let count = sql
        .run(&mut *transaction)
        .await
        .map_err(write::still_used)?;
    write::audit(&mut transaction, ctx, action, resource, "").await?;
    write::commit(ctx, transaction).await?;
    Ok(count)
}
