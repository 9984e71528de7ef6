//! Attachments of service requests, and the download by storage key.
use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::Routes;
use crate::{
    http::{
        body::Body,
        crud::Page,
        error::{ApiError, Problem},
        listing::{ListQuery, Listing},
        nested::Nest,
    },
    resources::requests::{ATTACHMENTS, AttachmentRow, NewAttachment, REQUESTS},
    store::{Op, Sql},
    tenancy::{Role, TenantContext},
};

const NEST: Nest = Nest {
    parent: &REQUESTS,
    child: &ATTACHMENTS,
    column: "serviceRequestId",
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, delete))
        .routes(routes!(file))
}

/// The attachments of a request.
#[utoipa::path(get, path = "/api/admin/service-requests/{id}/attachments", tag = "attachments", operation_id = "list-attachments",
    params(("id" = String, Path), ListQuery), responses((status = 200, body = Page<AttachmentRow>), (status = 404, body = Problem)))]
async fn list(
    ctx: TenantContext,
    Path(id): Path<String>,
    listing: Listing,
) -> Result<Response, ApiError> {
    NEST.list(&ctx, &id, &listing).await
}

/// Attaches a text to a request.
#[utoipa::path(post, path = "/api/admin/service-requests/{id}/attachments", tag = "attachments", operation_id = "create-attachments",
    params(("id" = String, Path)), request_body = NewAttachment,
    responses((status = 201, body = AttachmentRow), (status = 404, body = Problem)))]
async fn create(
    ctx: TenantContext,
    Path(id): Path<String>,
    body: Body<NewAttachment>,
) -> Result<Response, ApiError> {
    let content = body.text("content").unwrap_or_default().to_owned();
    let mut own = Map::new();
    own.insert("uploadedBy".to_owned(), json!(ctx.author()));
    own.insert("size".to_owned(), json!(content.len()));
    own.insert("content".to_owned(), Value::String(content));
    own.insert(
        "storageKey".to_owned(),
        json!(Uuid::new_v4().simple().to_string()),
    );
    NEST.create(&ctx, &id, body.fields, own).await
}

/// One attachment.
#[utoipa::path(get, path = "/api/admin/service-requests/{id}/attachments/{attachmentId}", tag = "attachments", operation_id = "get-attachments",
    params(("id" = String, Path), ("attachmentId" = String, Path)),
    responses((status = 200, body = AttachmentRow), (status = 404, body = Problem)))]
async fn get(
    ctx: TenantContext,
    Path((id, attachment)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    NEST.get(&ctx, &id, &attachment).await
}

/// Removes an attachment.
#[utoipa::path(delete, path = "/api/admin/service-requests/{id}/attachments/{attachmentId}", tag = "attachments", operation_id = "delete-attachments",
    params(("id" = String, Path), ("attachmentId" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
async fn delete(
    ctx: TenantContext,
    Path((id, attachment)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    NEST.delete(&ctx, &id, &attachment).await
}

/// The content of an attachment, by the key under which it is stored.
#[utoipa::path(get, path = "/api/portal/files/{storageKey}", tag = "attachments", operation_id = "get-file", params(("storageKey" = String, Path)),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 404, body = Problem)))]
async fn file(ctx: TenantContext, Path(key): Path<String>) -> Result<Response, ApiError> {
    ctx.require(Role::Client)?;
    let mut sql = Sql::new(
        r#"SELECT "fileName" || E'\n' || "content" FROM "Attachment" WHERE "storageKey" = "#,
    );
    sql.arg(key).add(" AND ");
    ctx.scope(&ATTACHMENTS, Op::Get).restrict(&mut sql);
    let text = sql
        .text(&ctx.app.pool)
        .await?
        .ok_or_else(ApiError::not_found)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}
