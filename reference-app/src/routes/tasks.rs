//! Tasks: the shared handlers, and the workload.
use axum::response::Response;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Routes;
use crate::{
    http::{crud, error::ApiError, handlers},
    resources::tasks::{NewTask, TASKS, TaskPatch, TaskRow},
    store::{Op, Sql},
    tenancy::{Role, TenantContext},
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, patch, delete))
        .routes(routes!(bulk_where, bulk_ids))
        .routes(routes!(export))
        .routes(routes!(workload))
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
