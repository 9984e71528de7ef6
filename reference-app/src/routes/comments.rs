//! Comments on service requests.
use axum::{extract::Path, response::Response};
use serde_json::{Map, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Routes;
use crate::{
    faults::Fault,
    http::{
        body::Body,
        crud::Page,
        error::{ApiError, Problem},
        listing::{ListQuery, Listing},
        nested::Nest,
    },
    resources::requests::{COMMENTS, CommentRow, NewComment, REQUESTS},
    tenancy::TenantContext,
};

pub(super) const NEST: Nest = Nest {
    parent: &REQUESTS,
    child: &COMMENTS,
    column: "serviceRequestId",
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, delete))
}

/// The comments on a request.
#[utoipa::path(get, path = "/api/admin/service-requests/{id}/comments", tag = "comments", operation_id = "list-comments",
    params(("id" = String, Path), ListQuery), responses((status = 200, body = Page<CommentRow>), (status = 404, body = Problem)))]
async fn list(
    ctx: TenantContext,
    Path(id): Path<String>,
    listing: Listing,
) -> Result<Response, ApiError> {
    NEST.list(&ctx, &id, &listing).await
}

/// Comments on a request.
#[utoipa::path(post, path = "/api/admin/service-requests/{id}/comments", tag = "comments", operation_id = "create-comments",
    params(("id" = String, Path)), request_body = NewComment,
    responses((status = 201, body = CommentRow), (status = 404, body = Problem)))]
pub(super) async fn create(
    ctx: TenantContext,
    Path(id): Path<String>,
    body: Body<NewComment>,
) -> Result<Response, ApiError> {
    let named = body
        .text("userId")
        .filter(|_| ctx.fault(Fault::AuthorFromBody));
    let author = named.or(ctx.author());
    let own = Map::from_iter([("authorId".to_owned(), json!(author))]);
    NEST.create(&ctx, &id, body.fields, own).await
}

/// One comment.
#[utoipa::path(get, path = "/api/admin/service-requests/{id}/comments/{commentId}", tag = "comments", operation_id = "get-comments",
    params(("id" = String, Path), ("commentId" = String, Path)), responses((status = 200, body = CommentRow), (status = 404, body = Problem)))]
async fn get(
    ctx: TenantContext,
    Path((id, comment)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    NEST.get(&ctx, &id, &comment).await
}

/// Takes a comment back.
#[utoipa::path(delete, path = "/api/admin/service-requests/{id}/comments/{commentId}", tag = "comments", operation_id = "delete-comments",
    params(("id" = String, Path), ("commentId" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
async fn delete(
    ctx: TenantContext,
    Path((id, comment)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    NEST.delete(&ctx, &id, &comment).await
}
