//! The recycle bin of tasks: what is put away leaves the database and is kept by the process, until it is restored.
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::Routes;
use crate::{
    faults::Fault,
    http::{
        crud,
        error::{ApiError, Problem},
    },
    resources::tasks::{TASKS, TaskRow},
    store::{Kept, Sql, read, write},
    tenancy::TenantContext,
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(put_away))
        .routes(routes!(list))
        .routes(routes!(hold))
        .routes(routes!(restore))
        .routes(routes!(discard))
}

/// A task that was put away.
#[derive(Clone, Debug)]
pub(crate) struct Binned {
    row: Value,
    held: bool,
}

/// A task in the bin.
#[derive(Serialize, ToSchema)]
struct BinItem {
    id: String,
    title: String,
    /// Whether it is held: it cannot be discarded then.
    held: bool,
}

/// What is in the bin, the newest first.
#[derive(Serialize, ToSchema)]
struct BinList {
    items: Vec<BinItem>,
}

fn item(kept: &Kept<Binned>) -> BinItem {
    BinItem {
        id: kept.id.clone(),
        title: kept.thing.row["title"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        held: kept.thing.held,
    }
}

/// Puts a task into the bin.
#[utoipa::path(post, path = "/api/admin/tasks/{id}/bin", tag = "bin", operation_id = "bin-task", params(("id" = String, Path)),
    responses((status = 201, body = BinItem), (status = 404, body = Problem)))]
async fn put_away(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(TASKS.write)?;
    let mut transaction = write::begin(&ctx).await?;
    let mut sql = Sql::new("DELETE FROM \"Task\" WHERE ");
    if !read::by_id(&TASKS, &id, &mut sql) {
        return Err(read::missing(&ctx, &TASKS, &id));
    }
    sql.add(" AND ");
    ctx.scope_unless(&[]).restrict(&mut sql);
    sql.add(" RETURNING ").add(&TASKS.row()).add("::text");
    let row = sql.json(&mut *transaction).await?;
    let row = row.ok_or_else(|| read::missing(&ctx, &TASKS, &id))?;
    write::audit(&mut transaction, &ctx, "bin", &TASKS, &id).await?;
    write::commit(&ctx, transaction).await?;
    let owner = row["tenantId"].as_str().unwrap_or_default().to_owned();
    let binned = Binned { row, held: false };
    let kept = ctx.app.bin.put(&owner, Uuid::new_v4().to_string(), binned);
    Ok(crud::created(&json!(item(&kept))))
}

/// The firm's bin.
#[utoipa::path(get, path = "/api/admin/bin", tag = "bin", operation_id = "list-bin", responses((status = 200, body = BinList)))]
async fn list(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(TASKS.read)?;
    let kept = ctx.app.bin.all(&ctx.scope_unless(&[]));
    let items = kept.iter().map(item).collect();
    Ok(crud::ok(&json!(BinList { items })))
}

/// Holds a task in the bin, so that nobody discards it.
#[utoipa::path(post, path = "/api/admin/bin/{binId}/hold", tag = "bin", operation_id = "hold-in-bin",
    params(("binId" = String, Path)), responses((status = 200, body = BinItem), (status = 404, body = Problem)))]
async fn hold(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(TASKS.write)?;
    let own = ctx.scope_unless(&[]);
    let kept = ctx.app.bin.change(&own, &id, |binned| binned.held = true);
    let kept = kept.ok_or_else(ApiError::not_found)?;
    Ok(crud::ok(&json!(item(&kept))))
}

/// Restores a task, held or not.
#[utoipa::path(post, path = "/api/admin/bin/{binId}/restore", tag = "bin", operation_id = "restore-from-bin",
    params(("binId" = String, Path)), responses((status = 200, body = TaskRow), (status = 404, body = Problem)))]
async fn restore(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(TASKS.write)?;
    let mut scope = ctx.scope_unless(&[Fault::RestoreIgnoresTenant]);
    // Held tasks came later, and have a query of their own.
    let held = ctx.scope_unless(&[Fault::HeldRestoreIgnoresTenant]);
    let bin = &ctx.app.bin;
    if bin.get(&held, &id).is_some_and(|kept| kept.thing.held) {
        scope = held;
    }
    let kept = bin.get(&scope, &id).ok_or_else(ApiError::not_found)?;
    let columns = TASKS.columns.join("\", \"");
    let mut transaction = write::begin(&ctx).await?;
    let mut sql = Sql::new(format!(
        r#"INSERT INTO "Task" ("{columns}") SELECT "{columns}" FROM jsonb_populate_record(NULL::"Task", "#
    ));
    sql.arg(kept.thing.row.to_string())
        .add("::text::jsonb) RETURNING ")
        .add(&TASKS.row())
        .add("::text");
    let row = sql.json(&mut *transaction).await?;
    let row = row.ok_or_else(|| ApiError::internal("nothing was restored"))?;
    let task = write::key_of(&row);
    write::audit(&mut transaction, &ctx, "restore", &TASKS, &task).await?;
    write::commit(&ctx, transaction).await?;
    bin.take(&scope, &id);
    Ok(crud::ok(&row))
}

/// Throws a task in the bin away for good.
#[utoipa::path(delete, path = "/api/admin/bin/{binId}", tag = "bin", operation_id = "discard-from-bin",
    params(("binId" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn discard(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(TASKS.write)?;
    let own = ctx.scope_unless(&[]);
    let kept = ctx.app.bin.get(&own, &id).ok_or_else(ApiError::not_found)?;
    if kept.thing.held {
        return Err(ApiError::conflict("the task is held"));
    }
    ctx.app.bin.take(&own, &id);
    Ok(StatusCode::NO_CONTENT.into_response())
}
