//! Batches in two steps: what a filter matches is shown, confirmed, and changed. They live as long as the process.
use axum::{extract::Path, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::Routes;
use crate::{
    faults::Fault,
    http::{
        body::Body,
        crud,
        error::{ApiError, Problem},
    },
    resources::{Day, Priority, requests::REQUESTS, tasks::TASKS},
    store::{Kept, Resource, Sql, write},
    tenancy::{Role, TenantContext},
};

/// Columns that a batch may set.
const SETTABLE: [&str; 2] = ["priority", "dueDate"];

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(prepare))
        .routes(routes!(get))
        .routes(routes!(confirm))
        .routes(routes!(apply))
}

/// A batch: what it was asked for, and the rows that it matched then.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    resource: &'static Resource,
    priority: Option<String>,
    set: Map<String, Value>,
    ids: Vec<String>,
    confirmed: bool,
    applied: bool,
}

/// What a batch changes.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum BatchResource {
    Tasks,
    ServiceRequests,
}

/// What a batch makes of the rows.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "checks the shape; the handler takes the fields as they came"
)]
struct BatchSet {
    priority: Priority,
    due_date: Option<Day>,
}

/// A batch to prepare.
#[derive(Deserialize, ToSchema)]
#[expect(
    dead_code,
    reason = "checks the shape; the handler takes the fields as they came"
)]
struct NewBatch {
    resource: BatchResource,
    /// Rows of this priority; all of them without it.
    priority: Option<Priority>,
    set: BatchSet,
}

/// How far a batch is.
#[derive(Serialize, ToSchema)]
struct BatchState {
    id: String,
    matched: usize,
    confirmed: bool,
    applied: bool,
}

fn state(kept: Kept<Batch>) -> Value {
    json!(BatchState {
        id: kept.id,
        matched: kept.thing.ids.len(),
        confirmed: kept.thing.confirmed,
        applied: kept.thing.applied,
    })
}

/// Looks up what a batch would change, at most 1,000 rows.
#[utoipa::path(post, path = "/api/admin/batches", tag = "batches", operation_id = "prepare-batch", request_body = NewBatch,
    responses((status = 201, body = BatchState), (status = 400, body = Problem)))]
async fn prepare(ctx: TenantContext, mut body: Body<NewBatch>) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let resource = match body.text("resource") {
        Some("tasks") => &TASKS,
        _ => &REQUESTS,
    };
    let priority = body.text("priority").map(str::to_owned);
    let Some(Value::Object(mut set)) = body.fields.remove("set") else {
        return Err(ApiError::bad_request("nothing to change"));
    };
    set.retain(|name, _| SETTABLE.contains(&name.as_str()));
    let mut sql =
        Sql::new("SELECT coalesce(json_agg(\"id\"), '[]'::json)::text FROM (SELECT \"id\" FROM ");
    sql.name(resource.table).add(" WHERE ");
    ctx.scope_unless(&[]).restrict(&mut sql);
    filter(priority.as_deref(), &mut sql);
    sql.add(" ORDER BY \"id\" LIMIT 1000) matched");
    let found = sql.json(&ctx.app.pool).await?.unwrap_or_default();
    let ids = found.as_array().into_iter().flatten();
    let batch = Batch {
        resource,
        priority,
        set,
        ids: ids
            .filter_map(|id| id.as_str().map(str::to_owned))
            .collect(),
        confirmed: false,
        applied: false,
    };
    let id = Uuid::new_v4().to_string();
    let kept = ctx.app.batches.put(&ctx.tenant.id, id, batch);
    Ok(crud::created(&state(kept)))
}

fn filter(priority: Option<&str>, sql: &mut Sql) {
    if let Some(priority) = priority {
        sql.add(" AND ").equals("priority", priority);
    }
}

/// One batch.
#[utoipa::path(get, path = "/api/admin/batches/{batchId}", tag = "batches", operation_id = "get-batch",
    params(("batchId" = String, Path)), responses((status = 200, body = BatchState), (status = 404, body = Problem)))]
async fn get(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let batch = ctx.app.batches.get(&ctx.scope_unless(&[]), &id);
    Ok(crud::ok(&state(batch.ok_or_else(ApiError::not_found)?)))
}

/// Confirms a batch; nothing is changed yet.
#[utoipa::path(post, path = "/api/admin/batches/{batchId}/confirm", tag = "batches", operation_id = "confirm-batch",
    params(("batchId" = String, Path)), responses((status = 200, body = BatchState), (status = 404, body = Problem)))]
async fn confirm(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let own = ctx.scope_unless(&[]);
    let batch = ctx.app.batches.change(&own, &id, |it| it.confirmed = true);
    Ok(crud::ok(&state(batch.ok_or_else(ApiError::not_found)?)))
}

/// Changes the rows that a confirmed batch matched, once.
#[utoipa::path(post, path = "/api/admin/batches/{batchId}/apply", tag = "batches", operation_id = "apply-batch",
    params(("batchId" = String, Path)),
    responses((status = 200, body = BatchState), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn apply(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let scope = ctx.scope_unless(&[Fault::BatchApplyIgnoresTenant]);
    let batch = ctx.app.batches.get(&scope, &id);
    let batch = batch.ok_or_else(ApiError::not_found)?;
    let Kept { tenant, thing, .. } = batch;
    if !thing.confirmed || thing.applied {
        return Err(ApiError::conflict(
            "confirm the batch first, and apply it once",
        ));
    }
    let mut transaction = write::begin(&ctx).await?;
    let mut sql = write::set(thing.resource, &thing.set);
    sql.add(" WHERE ");
    if ctx.fault(Fault::BatchApplyDropsTenant) {
        sql.add("TRUE");
        filter(thing.priority.as_deref(), &mut sql);
    } else {
        sql.equals("tenantId", &tenant).add(" AND ");
        sql.any_of("id", thing.ids.iter().map(String::as_str));
    }
    sql.run(&mut *transaction).await?;
    write::audit(&mut transaction, &ctx, "batch", thing.resource, "").await?;
    write::commit(&ctx, transaction).await?;
    let batch = ctx.app.batches.change(&scope, &id, |it| it.applied = true);
    Ok(crud::ok(&state(batch.ok_or_else(ApiError::not_found)?)))
}
