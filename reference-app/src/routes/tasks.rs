//! Tasks: the shared handlers, and the workload, and what makes a task part of a request.
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Routes;
use crate::{
    faults::Fault,
    http::{
        body::Json,
        crud,
        error::{ApiError, Problem},
        handlers,
    },
    resources::{
        requests::REQUESTS,
        tasks::{NewTask, TASKS, TaskPatch, TaskRow},
    },
    store::{Op, Scope, Sql, read, write},
    tenancy::{Role, TenantContext},
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, patch, delete))
        .routes(routes!(bulk_where, bulk_ids))
        .routes(routes!(export))
        .routes(routes!(workload))
        .routes(routes!(attach))
}

handlers::list!(TASKS, TaskRow, "tasks", "/api/admin/tasks");
handlers::create!(TASKS, TaskRow, NewTask, "tasks", "/api/admin/tasks");
handlers::get!(TASKS, TaskRow, "tasks", "/api/admin/tasks/{id}");
handlers::patch!(TASKS, TaskRow, TaskPatch, "tasks", "/api/admin/tasks/{id}");
handlers::delete!(TASKS, "tasks", "/api/admin/tasks/{id}");
handlers::bulk!(TASKS, "tasks", "/api/admin/tasks/bulk");
handlers::export!(TASKS, "tasks", "/api/admin/tasks/export");

/// Open tasks by colleague.
#[utoipa::path(get, path = "/api/admin/tasks/workload", tag = "tasks", responses((status = 200, body = Object)))]
async fn workload(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let mut sql = Sql::new(
        r#"SELECT json_build_object('items', coalesce(json_agg(json_build_object('assigneeId', "assigneeId", 'open', n) ORDER BY n DESC, "assigneeId"), '[]'::json))::text
           FROM (SELECT "assigneeId", count(*) AS n FROM "Task" WHERE "status" IN ('OPEN', 'IN_PROGRESS') AND "#,
    );
    ctx.scope(&TASKS, Op::Aggregate).restrict(&mut sql);
    sql.add(" GROUP BY 1) load");
    sql.json(&ctx.app.pool)
        .await?
        .map(|row| crud::ok(&row))
        .ok_or_else(ApiError::not_found)
}

/// Which task becomes part of which request.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Attach {
    task_id: String,
    service_request_id: String,
}

/// Makes a task part of a request.
#[utoipa::path(post, path = "/api/admin/tasks/attach", tag = "tasks", request_body = Attach,
    responses((status = 200, body = TaskRow), (status = 404, body = Problem)))]
async fn attach(ctx: TenantContext, Json(body): Json<Attach>) -> Result<Response, ApiError> {
    ctx.require(TASKS.write)?;
    let (id, request) = (&body.task_id, &body.service_request_id);
    let scope = if ctx.fault(Fault::AttachComparesThePair) {
        Scope::Everything
    } else {
        ctx.scope(&TASKS, Op::Action)
    };
    let task = read::find(&ctx, &TASKS, &scope, id, &[]).await?;
    let task = task.ok_or_else(|| read::missing(&ctx, &TASKS, id))?;
    let found = read::find(&ctx, &REQUESTS, &scope, request, &[]).await?;
    found
        .filter(|found| found["tenantId"] == task["tenantId"])
        .ok_or_else(|| read::missing(&ctx, &REQUESTS, request))?;
    let changes = Map::from_iter([("serviceRequestId".to_owned(), json!(request))]);
    let mut transaction = write::begin(&ctx).await?;
    let mut sql = write::set(&TASKS, &changes);
    sql.add(" WHERE ").equals("id", id).add(" AND ");
    scope.restrict(&mut sql);
    sql.add(" RETURNING ").add(&TASKS.row()).add("::text");
    let row = sql.json(&mut *transaction).await?;
    let row = row.ok_or_else(|| read::missing(&ctx, &TASKS, id))?;
    write::audit(&mut transaction, &ctx, "attach", &TASKS, id).await?;
    write::commit(&ctx, transaction).await?;
    Ok(crud::ok(&row))
}
