//! Posts: the shared handlers, publishing, and the public page that nobody logs in for.
use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use serde_json::{Map, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Routes;
use crate::{
    app::Shared,
    faults::Fault,
    http::{
        crud,
        error::{ApiError, Problem},
        handlers,
    },
    quirks::Quirk,
    resources::posts::{NewPost, POSTS, PostPatch, PostRow},
    store::{Op, Scope, Sql, read, write},
    tenancy::{
        TenantContext,
        host::{self, Addressed},
    },
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, patch, delete))
        .routes(routes!(publish))
        .routes(routes!(published))
}

handlers::list!(POSTS, PostRow, "posts", "/api/admin/posts");
handlers::create!(POSTS, PostRow, NewPost, "posts", "/api/admin/posts");
handlers::get!(POSTS, PostRow, "posts", "/api/admin/posts/{id}");
handlers::patch!(POSTS, PostRow, PostPatch, "posts", "/api/admin/posts/{id}");
handlers::delete!(POSTS, "posts", "/api/admin/posts/{id}");

/// Publishes a post.
#[utoipa::path(post, path = "/api/admin/posts/{id}/publish", tag = "posts", params(("id" = String, Path)),
    responses((status = 200, body = PostRow), (status = 404, body = Problem)))]
async fn publish(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(POSTS.write)?;
    let now = Sql::new("SELECT now()::text").text(&ctx.app.pool).await?;
    let mut changes = Map::from_iter([
        ("published".to_owned(), json!(true)),
        ("publishedAt".to_owned(), json!(now)),
    ]);
    if ctx.fault(Fault::PublishStampsTenant) {
        changes.insert("tenantId".to_owned(), json!(ctx.tenant.id));
        let mut sql = write::set(&POSTS, &changes);
        sql.add(" WHERE ");
        read::by_id(&POSTS, &id, &mut sql);
        sql.add(" RETURNING ").add(&POSTS.row()).add("::text");
        return sql
            .json(&ctx.app.pool)
            .await?
            .map(|row| crud::ok(&row))
            .ok_or_else(|| read::missing(&ctx, &POSTS, &id));
    }
    write::update(&ctx, &POSTS, Op::Action, &id, changes, &[])
        .await
        .map(|row| crud::ok(&row))
}

/// A firm's published posts, for everybody.
#[utoipa::path(get, path = "/api/public/posts", tag = "public", security(()), responses((status = 200, body = Object)))]
async fn published(
    State(app): State<Shared>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    let slug = match host::of(&app, &headers, &uri) {
        Addressed::Slug(slug) => Some(slug),
        _ => None,
    };
    let mut sql = Sql::new(
        r#"SELECT json_build_object('items', coalesce(json_agg(json_build_object('slug', "slug", 'title', "title", 'body', "body",
             'publishedAt', "publishedAt") ORDER BY "publishedAt" DESC, "id"), '[]'::json))::text
           FROM (SELECT * FROM "Post" WHERE "published" AND "#,
    );
    if app.quirk(Quirk::PublicPosts) {
        Scope::Everything.restrict(&mut sql);
    } else {
        sql.add(r#""tenantId" = (SELECT "id" FROM "Tenant" WHERE "slug" = "#)
            .maybe(slug)
            .add(")");
    }
    sql.add(" ORDER BY \"publishedAt\" DESC, \"id\" LIMIT 100) public");
    sql.json(&app.pool)
        .await?
        .map(|row| crud::ok(&row))
        .ok_or_else(ApiError::not_found)
}
