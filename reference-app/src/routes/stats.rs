//! The dashboard: counts, series, best clients, forecast.
use axum::{http::StatusCode, response::Response};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Routes;
use crate::{
    faults::Fault,
    http::{
        crud,
        error::{ApiError, Problem},
    },
    resources::{bookings::BOOKINGS, invoices::INVOICES, requests::REQUESTS, users::USERS},
    store::{Op, Resource, Scope, Sql},
    tenancy::{Role, TenantContext},
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(counts))
        .routes(routes!(users))
        .routes(routes!(bookings))
        .routes(routes!(requests))
        .routes(routes!(clients))
        .routes(routes!(analytics))
        .routes(routes!(forecast))
}

/// The scope of one figure: the tenant's, unless the team of that figure slipped.
pub(super) fn figure(ctx: &TenantContext, resource: &Resource, slip: Fault) -> Scope {
    if ctx.fault(slip) {
        Scope::Everything
    } else {
        ctx.scope(resource, Op::Aggregate)
    }
}

/// How much there is of everything.
#[utoipa::path(get, path = "/api/admin/stats/counts", tag = "stats", responses((status = 200, body = Object)))]
async fn counts(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let mut sql = Sql::new("SELECT json_build_object(");
    for (index, table) in [
        "Service",
        "ServiceRequest",
        "Booking",
        "Task",
        "Invoice",
        "Expense",
        "Post",
    ]
    .into_iter()
    .enumerate()
    {
        sql.add(if index == 0 { "" } else { ", " }).add(&format!(
            "'{table}', (SELECT count(*) FROM \"{table}\" WHERE "
        ));
        ctx.scope(&USERS, Op::Aggregate).restrict(&mut sql);
        sql.add(")");
    }
    sql.add(")::text");
    sql.json(&ctx.app.pool)
        .await?
        .map(|row| crud::ok(&row))
        .ok_or_else(ApiError::not_found)
}

/// People by role.
#[utoipa::path(get, path = "/api/admin/stats/users", tag = "stats", operation_id = "stats-users", responses((status = 200, body = Object)))]
async fn users(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let mut sql = Sql::new(
        r#"SELECT json_build_object('total', count(*), 'admins', count(*) FILTER (WHERE "role" = 'ADMIN'),
             'staff', count(*) FILTER (WHERE "role" = 'STAFF'), 'clients', count(*) FILTER (WHERE "role" = 'CLIENT'))::text FROM "User" WHERE "#,
    );
    ctx.scope(&USERS, Op::Aggregate).restrict(&mut sql);
    sql.json(&ctx.app.pool)
        .await?
        .map(|row| crud::ok(&row))
        .ok_or_else(ApiError::not_found)
}

/// Bookings by status.
#[utoipa::path(get, path = "/api/admin/stats/bookings", tag = "stats", operation_id = "stats-bookings", responses((status = 200, body = Object)))]
async fn bookings(ctx: TenantContext) -> Result<Response, ApiError> {
    super::bookings::stats(ctx).await
}

/// Service requests by status, and the urgent ones.
#[utoipa::path(get, path = "/api/admin/stats/service-requests", tag = "stats", responses((status = 200, body = Object)))]
async fn requests(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let mut sql = Sql::new(
        r#"SELECT json_build_object('total', count(*), 'submitted', count(*) FILTER (WHERE "status" = 'SUBMITTED'),
             'inProgress', count(*) FILTER (WHERE "status" = 'IN_PROGRESS'), 'completed', count(*) FILTER (WHERE "status" = 'COMPLETED'),
             'urgent', (SELECT count(*) FROM "ServiceRequest" WHERE "priority" = 'URGENT' AND "#,
    );
    figure(&ctx, &REQUESTS, Fault::UrgentCountIgnoresTenant).restrict(&mut sql);
    sql.add("))::text FROM \"ServiceRequest\" WHERE ");
    ctx.scope(&REQUESTS, Op::Aggregate).restrict(&mut sql);
    sql.json(&ctx.app.pool)
        .await?
        .map(|row| crud::ok(&row))
        .ok_or_else(ApiError::not_found)
}

/// Clients, and how many of them have an invoice.
#[utoipa::path(get, path = "/api/admin/stats/clients", tag = "stats", responses((status = 200, body = Object)))]
async fn clients(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let mut sql = Sql::new(
        r#"SELECT json_build_object('clients', (SELECT count(*) FROM "User" WHERE "role" = 'CLIENT' AND "#,
    );
    ctx.scope(&USERS, Op::Aggregate).restrict(&mut sql);
    if ctx.fault(Fault::InvoicedByEmail) {
        sql.add(r#"), 'invoiced', (SELECT count(*) FROM "Invoice" i JOIN (SELECT "email" FROM "User" WHERE "role" = 'CLIENT' AND "#);
        ctx.scope(&USERS, Op::Aggregate).restrict(&mut sql);
        sql.add(r#") c ON c."email" = i."clientEmail"))::text"#);
    } else {
        sql.add(r#"), 'invoiced', (SELECT count(DISTINCT "clientId") FROM "Invoice" WHERE "#);
        ctx.scope(&INVOICES, Op::Aggregate).restrict(&mut sql);
        sql.add("))::text");
    }
    sql.json(&ctx.app.pool)
        .await?
        .map(|row| crud::ok(&row))
        .ok_or_else(ApiError::not_found)
}

/// Revenue by month, and the best clients.
#[utoipa::path(get, path = "/api/admin/analytics", tag = "stats", operation_id = "dashboard", responses((status = 200, body = Object)))]
async fn analytics(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let mut sql = Sql::new(
        r#"SELECT json_build_object('series', (SELECT coalesce(json_agg(json_build_object('month', month, 'bookings', n, 'revenue', total) ORDER BY month),
             '[]'::json) FROM (SELECT date_trunc('month', "scheduledAt")::date AS month, count(*) AS n, coalesce(sum("amount"), 0) AS total
             FROM "Booking" WHERE "#,
    );
    figure(&ctx, &BOOKINGS, Fault::SeriesIgnoresTenant).restrict(&mut sql);
    if ctx.fault(Fault::OpenMonthIgnoresTenant) {
        // Months that are over come from each firm's books, the one that is open from the bookings themselves.
        sql.add(
            r#" OR date_trunc('month', "scheduledAt") = (SELECT max(date_trunc('month', "scheduledAt")) FROM "Booking")"#,
        );
    }
    sql.add(
        r#" GROUP BY 1) s), 'topClients', (SELECT coalesce(json_agg(json_build_object('name', name, 'revenue', total) ORDER BY total DESC, name),
             '[]'::json) FROM (SELECT "clientName" AS name, coalesce(sum("amount"), 0) AS total FROM "Booking" WHERE "#,
    );
    figure(&ctx, &BOOKINGS, Fault::TopClientsIgnoreTenant).restrict(&mut sql);
    sql.add(
        r#" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10) t), 'thisMonth', (SELECT count(*) FROM "Booking"
             WHERE date_trunc('month', "scheduledAt") = date_trunc('month', coalesce(nullif("#,
    )
    .arg(ctx.app.now.clone().unwrap_or_default())
    .add("::text, '')::timestamptz, now())) AND ");
    ctx.scope(&BOOKINGS, Op::Aggregate).restrict(&mut sql);
    sql.add("))::text");
    sql.json(&ctx.app.pool)
        .await?
        .map(|row| crud::ok(&row))
        .ok_or_else(ApiError::not_found)
}

/// What the next month may bring. Dear, so limited: 25 calls in 10 seconds a firm.
#[utoipa::path(get, path = "/api/admin/analytics/forecast", tag = "stats",
    responses((status = 200, body = Object), (status = 429, body = Problem)))]
async fn forecast(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    if !ctx.app.limiter.allows(ctx.tenant.id.as_str()) {
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too many forecasts: wait ten seconds",
        ));
    }
    let mut sql = Sql::new(
        r#"SELECT coalesce(round(avg("amount"), 2), 0)::text FROM "Booking" WHERE "status" <> 'CANCELLED' AND "#,
    );
    figure(&ctx, &BOOKINGS, Fault::ForecastIgnoresTenant).restrict(&mut sql);
    let mean: f64 = sql
        .text(&ctx.app.pool)
        .await?
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    Ok(crud::ok(
        &json!({ "perBooking": mean, "nextMonth": mean * 20.0 }),
    ))
}
