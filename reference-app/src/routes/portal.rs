//! The clients' portal: the catalogue, own requests and bookings, the inbox. Staff see the firm's.
use axum::{
    extract::{OriginalUri, Path},
    http::{HeaderValue, header::CACHE_CONTROL},
    response::Response,
};
use serde_json::{Map, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Routes,
    bookings::{Cancel, Reschedule, cancelled, moved},
};
use crate::{
    faults::Fault,
    http::{
        body::Body,
        cache::Key,
        crud::{self, Page},
        error::{ApiError, Problem},
        listing::{ListQuery, Listing},
        nested::Nest,
    },
    quirks::Quirk,
    resources::{
        bookings::{NewPortalBooking, PORTAL_BOOKINGS, PortalBookingRow},
        requests::{COMMENTS, CommentRow, NewComment, NewRequest, REQUESTS, RequestRow},
        services::{SERVICES, ServiceRow},
    },
    store::{Op, Resource, Sql, read, write},
    tenancy::{Role, TenantContext},
};

/// Requests as clients see them.
static PORTAL_REQUESTS: Resource = Resource {
    read: Role::Client,
    write: Role::Client,
    slips: &[],
    ..PORTAL_REQUESTS_BASE
};
const PORTAL_REQUESTS_BASE: Resource = Resource {
    table: "ServiceRequest",
    columns: &[
        "id",
        "tenantId",
        "serviceId",
        "userId",
        "title",
        "description",
        "status",
        "priority",
        "dueDate",
        "createdAt",
        "updatedAt",
    ],
    writable: &["serviceId", "title", "description", "priority", "dueDate"],
    searchable: &[],
    sortable: REQUESTS.sortable,
    filters: &["status", "priority"],
    references: &[crate::store::Reference {
        column: "serviceId",
        table: "Service",
        slip: None,
    }],
    ..Resource::BASE
};
const NEST: Nest = Nest {
    parent: &PORTAL_REQUESTS,
    child: &PORTAL_COMMENTS,
    column: "serviceRequestId",
};
static PORTAL_COMMENTS: Resource = Resource {
    slips: &[],
    ..COMMENTS
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(catalogue))
        .routes(routes!(detail))
        .routes(routes!(requests, request))
        .routes(routes!(one_request))
        .routes(routes!(comments, comment))
        .routes(routes!(hours))
        .routes(routes!(bookings, book))
        .routes(routes!(booking))
        .routes(routes!(cancel))
        .routes(routes!(reschedule))
        .routes(routes!(inbox))
}

/// What a client is confined to: the own rows. Staff see the firm's.
fn own<'a>(ctx: &'a TenantContext, column: &'a str) -> Vec<(&'a str, &'a str)> {
    if ctx.role == Role::Client {
        vec![(column, ctx.user.id.as_str())]
    } else {
        Vec::new()
    }
}

/// The services on offer.
#[utoipa::path(get, path = "/api/portal/services", tag = "portal", operation_id = "catalogue", params(ListQuery),
    responses((status = 200, body = Page<ServiceRow>)))]
async fn catalogue(
    ctx: TenantContext,
    OriginalUri(uri): OriginalUri,
    listing: Listing,
) -> Result<Response, ApiError> {
    ctx.require(Role::Client)?;
    let key = key(&ctx, Fault::CatalogueCacheLacksTenant, uri.to_string());
    let answer = if let Some(answer) = ctx.app.cache.get(&key) {
        answer
    } else {
        let active = [("status", "ACTIVE")];
        let answer = read::page(&ctx, &SERVICES, Op::List, &listing, &active).await?;
        ctx.app.cache.put(key, &answer);
        answer
    };
    let mut response = crud::json_text(answer);
    if ctx.fault(Fault::CatalogueSaysPublic) {
        let kept = HeaderValue::from_static("public, max-age=60");
        response.headers_mut().insert(CACHE_CONTROL, kept);
    }
    Ok(response)
}

/// One service on offer.
#[utoipa::path(get, path = "/api/portal/services/{id}", tag = "portal", operation_id = "catalogue-detail", params(("id" = String, Path)),
    responses((status = 200, body = ServiceRow), (status = 404, body = Problem)))]
async fn detail(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(Role::Client)?;
    let key = key(&ctx, Fault::DetailCacheLacksTenant, format!("service {id}"));
    if let Some(answer) = ctx.app.cache.get(&key) {
        return Ok(crud::json_text(answer));
    }
    let answer = read::get(&ctx, &SERVICES, Op::List, &id, &[("status", "ACTIVE")])
        .await?
        .to_string();
    ctx.app.cache.put(key, &answer);
    Ok(crud::json_text(answer))
}

/// An answer is cached for the tenant that asked.
fn key(ctx: &TenantContext, slip: Fault, question: String) -> Key {
    let tenant = if ctx.fault(slip) {
        String::new()
    } else {
        ctx.tenant.id.clone()
    };
    Key { tenant, question }
}

/// Own requests.
#[utoipa::path(get, path = "/api/portal/service-requests", tag = "portal", operation_id = "portal-requests", params(ListQuery),
    responses((status = 200, body = Page<RequestRow>)))]
async fn requests(ctx: TenantContext, listing: Listing) -> Result<Response, ApiError> {
    read::page(
        &ctx,
        &PORTAL_REQUESTS,
        Op::List,
        &listing,
        &own(&ctx, "userId"),
    )
    .await
    .map(crud::json_text)
}

/// Asks for a service.
#[utoipa::path(post, path = "/api/portal/service-requests", tag = "portal", operation_id = "portal-request", request_body = NewRequest,
    responses((status = 201, body = RequestRow), (status = 400, body = Problem)))]
async fn request(ctx: TenantContext, body: Body<NewRequest>) -> Result<Response, ApiError> {
    let own = Map::from_iter([
        ("userId".to_owned(), json!(ctx.user_at_home())),
        ("status".to_owned(), json!("SUBMITTED")),
    ]);
    write::create(&ctx, &PORTAL_REQUESTS, body.fields, own)
        .await
        .map(|row| crud::created(&row))
}

/// One own request.
#[utoipa::path(get, path = "/api/portal/service-requests/{id}", tag = "portal", operation_id = "portal-one-request", params(("id" = String, Path)),
    responses((status = 200, body = RequestRow), (status = 404, body = Problem)))]
async fn one_request(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    read::get(&ctx, &PORTAL_REQUESTS, Op::Get, &id, &own(&ctx, "userId"))
        .await
        .map(|row| crud::ok(&row))
}

/// The comments on an own request.
#[utoipa::path(get, path = "/api/portal/service-requests/{id}/comments", tag = "portal", operation_id = "portal-comments",
    params(("id" = String, Path), ListQuery), responses((status = 200, body = Page<CommentRow>), (status = 404, body = Problem)))]
async fn comments(
    ctx: TenantContext,
    Path(id): Path<String>,
    listing: Listing,
) -> Result<Response, ApiError> {
    read::get(&ctx, &PORTAL_REQUESTS, Op::Get, &id, &own(&ctx, "userId")).await?;
    let shown = [("serviceRequestId", id.as_str()), ("visibility", "CLIENT")];
    read::page(&ctx, &PORTAL_COMMENTS, Op::NestedList, &listing, &shown)
        .await
        .map(crud::json_text)
}

/// Comments on an own request.
#[utoipa::path(post, path = "/api/portal/service-requests/{id}/comments", tag = "portal", operation_id = "portal-comment",
    params(("id" = String, Path)), request_body = NewComment, responses((status = 201, body = CommentRow), (status = 404, body = Problem)))]
async fn comment(
    ctx: TenantContext,
    Path(id): Path<String>,
    body: Body<NewComment>,
) -> Result<Response, ApiError> {
    read::get(&ctx, &PORTAL_REQUESTS, Op::Get, &id, &own(&ctx, "userId")).await?;
    let author = Map::from_iter([("authorId".to_owned(), json!(ctx.author()))]);
    NEST.create(&ctx, &id, body.fields, author).await
}

/// Free hours of a day.
#[utoipa::path(get, path = "/api/portal/service-requests/availability", tag = "portal", operation_id = "portal-availability",
    params(("date" = Option<String>, Query)), responses((status = 200, body = Object)))]
async fn hours(ctx: TenantContext, listing: Listing) -> Result<Response, ApiError> {
    super::service_requests::availability(ctx, listing).await
}

/// Own bookings.
#[utoipa::path(get, path = "/api/portal/bookings", tag = "portal", operation_id = "portal-bookings", params(ListQuery),
    responses((status = 200, body = Page<PortalBookingRow>)))]
async fn bookings(ctx: TenantContext, listing: Listing) -> Result<Response, ApiError> {
    read::page(
        &ctx,
        &PORTAL_BOOKINGS,
        Op::List,
        &listing,
        &own(&ctx, "clientId"),
    )
    .await
    .map(crud::json_text)
}

/// Books a service.
#[utoipa::path(post, path = "/api/portal/bookings", tag = "portal", operation_id = "portal-book", request_body = NewPortalBooking,
    responses((status = 201, body = PortalBookingRow), (status = 400, body = Problem)))]
async fn book(ctx: TenantContext, body: Body<NewPortalBooking>) -> Result<Response, ApiError> {
    let own = Map::from_iter([("clientId".to_owned(), json!(ctx.author()))]);
    write::create(&ctx, &PORTAL_BOOKINGS, body.fields, own)
        .await
        .map(|row| crud::created(&row))
}

/// One own booking.
#[utoipa::path(get, path = "/api/portal/bookings/{id}", tag = "portal", operation_id = "portal-booking", params(("id" = String, Path)),
    responses((status = 200, body = PortalBookingRow), (status = 404, body = Problem)))]
async fn booking(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    let question = format!("booking {id}");
    let slips = ctx.fault(Fault::LastBookingAgain);
    if slips && let Some(last) = ctx.app.last.answer(&question) {
        return Ok(crud::json_text(last));
    }
    let row = read::get(&ctx, &PORTAL_BOOKINGS, Op::Get, &id, &own(&ctx, "clientId")).await?;
    if slips {
        ctx.app.last.keep(question, row.to_string());
    }
    Ok(crud::ok(&row))
}

/// Cancels an own booking.
#[utoipa::path(post, path = "/api/portal/bookings/{id}/cancel", tag = "portal", operation_id = "portal-cancel", params(("id" = String, Path)),
    request_body = Cancel, responses((status = 200, body = PortalBookingRow), (status = 404, body = Problem)))]
async fn cancel(
    ctx: TenantContext,
    Path(id): Path<String>,
    body: Body<Cancel>,
) -> Result<Response, ApiError> {
    cancelled(&ctx, &PORTAL_BOOKINGS, &id, &body, &own(&ctx, "clientId")).await
}

/// Moves an own booking.
#[utoipa::path(post, path = "/api/portal/bookings/{id}/reschedule", tag = "portal", operation_id = "portal-reschedule", params(("id" = String, Path)),
    request_body = Reschedule, responses((status = 200, body = PortalBookingRow), (status = 404, body = Problem)))]
async fn reschedule(
    ctx: TenantContext,
    Path(id): Path<String>,
    body: Body<Reschedule>,
) -> Result<Response, ApiError> {
    moved(
        &ctx,
        &PORTAL_BOOKINGS,
        &id,
        body,
        &own(&ctx, "clientId"),
        Op::Action,
    )
    .await
}

/// What concerns the caller: requests made by or assigned to them.
#[utoipa::path(get, path = "/api/portal/inbox", tag = "portal", responses((status = 200, body = Object)))]
async fn inbox(ctx: TenantContext) -> Result<Response, ApiError> {
    let mut sql = Sql::new(
        r#"SELECT json_build_object('items', coalesce(json_agg(json_build_object('id', "id", 'tenantId', "tenantId", 'title', "title",
             'status', "status") ORDER BY "createdAt" DESC, "id"), '[]'::json))::text
           FROM (SELECT * FROM "ServiceRequest" WHERE ("userId" = "#,
    );
    sql.arg(ctx.user.id.as_str())
        .add(r#" OR "assigneeId" = "#)
        .arg(ctx.user.id.as_str())
        .add(") AND (");
    ctx.scope(&REQUESTS, Op::List).restrict(&mut sql);
    if ctx.app.quirk(Quirk::MergedInbox) {
        sql.add(r#" OR "tenantId" IN (SELECT m."tenantId" FROM "TenantMembership" m WHERE m."endedAt" IS NULL AND m."userId" = "#);
        sql.arg(ctx.user.id.as_str()).add(")");
    }
    sql.add(") ORDER BY \"createdAt\" DESC, \"id\" LIMIT 50) mine");
    sql.json(&ctx.app.pool)
        .await?
        .map(|row| crud::ok(&row))
        .ok_or_else(ApiError::not_found)
}
