//! Service requests: the shared handlers, and export, availability, analytics, assignment.
use axum::response::Response;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Routes, stats::figure};
use crate::{
    faults::Fault,
    http::{crud, error::ApiError, handlers, listing::Listing},
    resources::requests::{NewRequest, REQUESTS, RequestPatch, RequestRow},
    store::{Op, Sql},
    tenancy::{Role, TenantContext},
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, patch, delete))
        .routes(routes!(bulk_where, bulk_ids))
        .routes(routes!(export))
        .routes(routes!(availability))
        .routes(routes!(analytics))
}

handlers::list!(
    REQUESTS,
    RequestRow,
    "service-requests",
    "/api/admin/service-requests"
);
handlers::create!(
    REQUESTS,
    RequestRow,
    NewRequest,
    "service-requests",
    "/api/admin/service-requests"
);
handlers::get!(
    REQUESTS,
    RequestRow,
    "service-requests",
    "/api/admin/service-requests/{id}"
);
handlers::patch!(
    REQUESTS,
    RequestRow,
    RequestPatch,
    "service-requests",
    "/api/admin/service-requests/{id}"
);
handlers::delete!(
    REQUESTS,
    "service-requests",
    "/api/admin/service-requests/{id}"
);
handlers::bulk!(
    REQUESTS,
    "service-requests",
    "/api/admin/service-requests/bulk"
);
handlers::export!(
    REQUESTS,
    "service-requests",
    "/api/admin/service-requests/export"
);

/// The hours of a day, and how many bookings each one holds already.
#[utoipa::path(get, path = "/api/admin/service-requests/availability", tag = "service-requests",
    params(("date" = Option<String>, Query, description = "day, `2026-03-31`; today without it")), responses((status = 200, body = Object)))]
pub(super) async fn availability(
    ctx: TenantContext,
    listing: Listing,
) -> Result<Response, ApiError> {
    ctx.require(Role::Client)?;
    let mut sql = Sql::new(
        r#"SELECT json_build_object('items', json_agg(json_build_object('hour', h, 'booked', (
             SELECT count(*) FROM "Booking" WHERE extract(hour FROM "scheduledAt") = h AND "status" <> 'CANCELLED' AND "scheduledAt"::date = coalesce("#,
    );
    let today = ctx.app.now.as_deref().and_then(|now| now.get(..10));
    sql.maybe(listing.get("date").or(today))
        .add("::text::date, CURRENT_DATE) AND ");
    ctx.scope(&crate::resources::bookings::BOOKINGS, Op::Aggregate)
        .restrict(&mut sql);
    sql.add(")) ORDER BY h))::text FROM generate_series(8, 17) AS h");
    sql.json(&ctx.app.pool)
        .await?
        .map(|row| crud::ok(&row))
        .ok_or_else(ApiError::not_found)
}

/// Requests by status and by month.
#[utoipa::path(get, path = "/api/admin/service-requests/analytics", tag = "service-requests", responses((status = 200, body = Object)))]
async fn analytics(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let mut sql = Sql::new(
        r#"WITH mine AS (SELECT "status", "budget", date_trunc('month', "createdAt")::date AS month FROM "ServiceRequest" WHERE "#,
    );
    ctx.scope(&REQUESTS, Op::Aggregate).restrict(&mut sql);
    sql.add(
        r#") SELECT json_build_object('total', (SELECT count(*) FROM mine), 'budget', (SELECT coalesce(sum("budget"), 0) FROM "ServiceRequest" WHERE "#,
    );
    figure(&ctx, &REQUESTS, Fault::BudgetSumIgnoresTenant).restrict(&mut sql);
    sql.add(
        r#"), 'byStatus', (SELECT coalesce(json_object_agg("status", n), '{}'::json) FROM (SELECT "status", count(*) AS n FROM mine GROUP BY 1) s),
             'byMonth', (SELECT coalesce(json_object_agg(month, n), '{}'::json) FROM (SELECT month, count(*) AS n FROM mine GROUP BY 1) m))::text"#,
    );
    sql.json(&ctx.app.pool)
        .await?
        .map(|row| crud::ok(&row))
        .ok_or_else(ApiError::not_found)
}
