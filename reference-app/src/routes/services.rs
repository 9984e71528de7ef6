//! Services: the shared handlers, and export, statistics, slug check, clone, versions.
use axum::{extract::Path, http::Uri, response::Response};
use serde_json::{Map, Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Routes, stats::figure};
use crate::{
    faults::Fault,
    http::{
        body::Body,
        crud,
        error::{ApiError, Problem},
        handlers,
        listing::Listing,
    },
    resources::{
        records::AUDIT,
        services::{NewService, SERVICES, ServicePatch, ServiceRow},
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
        .routes(routes!(stats))
        .routes(routes!(slug_check))
        .routes(routes!(clone))
        .routes(routes!(versions))
}

handlers::list!(SERVICES, ServiceRow, "services", "/api/admin/services");
handlers::create!(
    SERVICES,
    ServiceRow,
    NewService,
    "services",
    "/api/admin/services"
);
handlers::get!(SERVICES, ServiceRow, "services", "/api/admin/services/{id}");
/// Changes a service.
#[utoipa::path(patch, path = "/api/admin/services/{id}", tag = "services", operation_id = "patch-services", params(("id" = String, Path)),
    request_body = ServicePatch, responses((status = 200, body = ServiceRow), (status = 404, body = Problem)))]
async fn patch(
    ctx: TenantContext,
    Path(id): Path<String>,
    uri: Uri,
    body: Body<ServicePatch>,
) -> Result<Response, ApiError> {
    if ctx.fault(Fault::QueryReplacesPathId) {
        read::get(&ctx, &SERVICES, Op::Get, &id, &[]).await?;
        let id = Listing::of(&uri)?.get("id").unwrap_or(&id).to_owned();
        return crud::patch(&SERVICES, &ctx, &id, body).await;
    }
    crud::patch(&SERVICES, &ctx, &id, body).await
}

handlers::delete!(SERVICES, "services", "/api/admin/services/{id}");
handlers::bulk!(SERVICES, "services", "/api/admin/services/bulk");
handlers::export!(SERVICES, "services", "/api/admin/services/export");

/// How many services there are, by status, and their mean price.
#[utoipa::path(get, path = "/api/admin/services/stats", tag = "services", responses((status = 200, body = Object)))]
async fn stats(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let mut sql = Sql::new(
        r#"SELECT json_build_object('total', count(*), 'draft', count(*) FILTER (WHERE "status" = 'DRAFT'),
             'active', count(*) FILTER (WHERE "status" = 'ACTIVE'), 'deprecated', count(*) FILTER (WHERE "status" = 'DEPRECATED'),
             'featured', count(*) FILTER (WHERE "featured"), 'meanPrice', coalesce((SELECT round(avg("price"), 2) FROM "Service" WHERE "#,
    );
    figure(&ctx, &SERVICES, Fault::MeanPriceIgnoresTenant).restrict(&mut sql);
    sql.add(")");
    if ctx.fault(Fault::EmptyMeansEverybodys) {
        // A firm that has just begun shall see something.
        sql.add(r#", (SELECT round(avg("price"), 2) FROM "Service")"#);
    }
    sql.add("))::text FROM \"Service\" WHERE ");
    ctx.scope(&SERVICES, Op::Aggregate).restrict(&mut sql);
    sql.json(&ctx.app.pool)
        .await?
        .map(|row| crud::ok(&row))
        .ok_or_else(ApiError::not_found)
}

/// Whether a slug is free.
#[utoipa::path(get, path = "/api/admin/services/slug-check/{slug}", tag = "services", params(("slug" = String, Path)),
    responses((status = 200, body = Object)))]
async fn slug_check(ctx: TenantContext, Path(slug): Path<String>) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let scope = if ctx.fault(Fault::SlugCheckIgnoresTenant) {
        Scope::Everything
    } else {
        ctx.scope(&SERVICES, Op::List)
    };
    let mut sql = Sql::new("SELECT 'taken' FROM \"Service\" WHERE \"slug\" = ");
    sql.arg(slug.as_str()).add(" AND ");
    scope.restrict(&mut sql);
    sql.add(" LIMIT 1");
    let taken = sql.text(&ctx.app.pool).await?.is_some();
    Ok(crud::ok(&json!({ "slug": slug, "available": !taken })))
}

/// Copies a service as a draft.
#[utoipa::path(post, path = "/api/admin/services/{id}/clone", tag = "services", params(("id" = String, Path)),
    responses((status = 201, body = ServiceRow), (status = 404, body = Problem)))]
async fn clone(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(SERVICES.write)?;
    let Value::Object(mut source) = read::get(&ctx, &SERVICES, Op::Action, &id, &[]).await? else {
        return Err(ApiError::internal("a row is no object"));
    };
    source.retain(|column, _| {
        column != "slug" && column != "status" && SERVICES.writable.contains(&column.as_str())
    });
    let own = Map::from_iter([("status".to_owned(), json!("DRAFT"))]);
    write::create(&ctx, &SERVICES, source, own)
        .await
        .map(|row| crud::created(&row))
}

/// What happened to a service.
#[utoipa::path(get, path = "/api/admin/services/{id}/versions", tag = "services", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
async fn versions(
    ctx: TenantContext,
    Path(id): Path<String>,
    listing: Listing,
) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    if read::find(&ctx, &SERVICES, &ctx.scope(&SERVICES, Op::List), &id, &[])
        .await?
        .is_none()
    {
        return Err(read::missing(&ctx, &SERVICES, &id));
    }
    read::page(
        &ctx,
        &AUDIT,
        Op::NestedList,
        &listing,
        &[("entity", "Service"), ("entityId", &id)],
    )
    .await
    .map(crud::json_text)
}
