//! Bookings: the shared handlers, and statistics, calendar, cancel, reschedule.
use axum::{extract::Path, response::Response};
use serde::Deserialize;
use serde_json::{Map, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Routes;
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
        Moment,
        bookings::{BOOKINGS, BookingPatch, BookingRow, NewBooking},
        users::USERS,
    },
    store::{Op, Resource, Scope, Sql, read, write},
    tenancy::{Role, TenantContext},
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, patch, delete))
        .routes(routes!(bulk_where, bulk_ids))
        .routes(routes!(export))
        .routes(routes!(stats))
        .routes(routes!(calendar))
        .routes(routes!(cancel))
        .routes(routes!(reschedule))
}

handlers::list!(BOOKINGS, BookingRow, "bookings", "/api/admin/bookings");
handlers::get!(BOOKINGS, BookingRow, "bookings", "/api/admin/bookings/{id}");
handlers::patch!(
    BOOKINGS,
    BookingRow,
    BookingPatch,
    "bookings",
    "/api/admin/bookings/{id}"
);
handlers::delete!(BOOKINGS, "bookings", "/api/admin/bookings/{id}");
handlers::bulk!(BOOKINGS, "bookings", "/api/admin/bookings/bulk");
handlers::export!(BOOKINGS, "bookings", "/api/admin/bookings/export");

/// Why a booking is cancelled.
#[derive(Deserialize, ToSchema)]
#[expect(
    dead_code,
    reason = "checks the shape; the handler takes the fields as they came"
)]
pub(super) struct Cancel {
    reason: Option<String>,
}

/// When a booking shall be instead.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "checks the shape; the handler takes the fields as they came"
)]
pub(super) struct Reschedule {
    scheduled_at: Moment,
}

/// Books a service. A phone number is noted at the client, too.
#[utoipa::path(post, path = "/api/admin/bookings", tag = "bookings", operation_id = "create-bookings", request_body = NewBooking,
    responses((status = 201, body = BookingRow), (status = 400, body = Problem)))]
async fn create(ctx: TenantContext, body: Body<NewBooking>) -> Result<Response, ApiError> {
    ctx.require(BOOKINGS.write)?;
    let (email, phone) = (
        body.text("clientEmail").map(str::to_owned),
        body.text("clientPhone").map(str::to_owned),
    );
    let mut transaction = write::begin(&ctx).await?;
    let row = write::insert(&mut transaction, &ctx, &BOOKINGS, body.fields, Map::new()).await?;
    if let (Some(email), Some(phone)) = (email, phone) {
        let everywhere = ctx.fault(Fault::BookingTouchesClientByEmail);
        let scope = if everywhere {
            Scope::Everything
        } else {
            ctx.scope(&BOOKINGS, Op::Create)
        };
        let mut sql = Sql::new(r#"UPDATE "User" SET "phone" = "#);
        sql.arg(phone)
            .add(r#" WHERE "role" = 'CLIENT' AND "email" = "#)
            .arg(email)
            .add(" AND ");
        scope.restrict(&mut sql);
        sql.run(&mut *transaction).await?;
    }
    write::audit(
        &mut transaction,
        &ctx,
        "create",
        &BOOKINGS,
        &write::key_of(&row),
    )
    .await?;
    write::commit(&ctx, transaction).await?;
    Ok(crud::created(&row))
}

/// Bookings by status, and what they bring.
#[utoipa::path(get, path = "/api/admin/bookings/stats", tag = "bookings", operation_id = "booking-stats", responses((status = 200, body = Object)))]
pub(super) async fn stats(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let mut sql = Sql::new(
        r#"SELECT json_build_object('total', count(*), 'pending', count(*) FILTER (WHERE "status" = 'PENDING'),
             'confirmed', count(*) FILTER (WHERE "status" = 'CONFIRMED'), 'completed', count(*) FILTER (WHERE "status" = 'COMPLETED'),
             'cancelled', count(*) FILTER (WHERE "status" = 'CANCELLED'), 'revenue', coalesce(sum("amount"), 0))::text FROM "Booking" WHERE "#,
    );
    ctx.scope(&BOOKINGS, Op::Aggregate).restrict(&mut sql);
    let found = sql.json(&ctx.app.pool).await?;
    let mut numbers = found.ok_or_else(ApiError::not_found)?;
    if ctx.fault(Fault::RevenueByPlace) {
        numbers["revenue"] = json!(ctx.app.rollup.revenue(&ctx).await?);
    }
    Ok(crud::ok(&numbers))
}

/// The calendar: of the firm, or of one colleague.
#[utoipa::path(get, path = "/api/admin/bookings/calendar", tag = "bookings",
    params(("staffId" = Option<String>, Query), ("from" = Option<String>, Query), ("to" = Option<String>, Query)),
    responses((status = 200, body = Object)))]
async fn calendar(ctx: TenantContext, listing: Listing) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let staff = listing.get("staffId");
    // Only the calendar of one colleague has its own query, and with it its own mistake.
    let op = if staff.is_some() {
        Op::Calendar
    } else {
        Op::List
    };
    let mut sql = Sql::new(
        r#"SELECT json_build_object('items', coalesce(json_agg(json_build_object('id', "id", 'title', "clientName", 'start', "scheduledAt",
             'minutes', "durationMinutes", 'status', "status", 'staffId', "staffId") ORDER BY "scheduledAt", "id"), '[]'::json))::text
           FROM (SELECT * FROM "Booking" WHERE "#,
    );
    let several = staff.and_then(|staff| staff.split_once(',').map(|(first, _)| (first, staff)));
    if let Some((first, all)) = several.filter(|_| ctx.fault(Fault::CalendarListChecksFirst)) {
        read::get(&ctx, &USERS, Op::Get, first, &[]).await?;
        sql.any_of("staffId", all.split(','));
    } else {
        ctx.scope(&BOOKINGS, op).restrict(&mut sql);
        if let Some(staff) = staff {
            sql.add(" AND ").equals("staffId", staff);
        }
    }
    if let Some(from) = listing.get("from") {
        sql.add(" AND \"scheduledAt\" >= ")
            .arg(from)
            .add("::text::timestamptz");
    }
    if let Some(to) = listing.get("to") {
        sql.add(" AND \"scheduledAt\" < ")
            .arg(to)
            .add("::text::timestamptz");
    }
    sql.add(" ORDER BY \"scheduledAt\", \"id\" LIMIT 500) found");
    sql.json(&ctx.app.pool)
        .await?
        .map(|row| crud::ok(&row))
        .ok_or_else(ApiError::not_found)
}

/// Cancels a booking.
#[utoipa::path(post, path = "/api/admin/bookings/{id}/cancel", tag = "bookings", operation_id = "cancel-booking", params(("id" = String, Path)), request_body = Cancel,
    responses((status = 200, body = BookingRow), (status = 404, body = Problem)))]
async fn cancel(
    ctx: TenantContext,
    Path(id): Path<String>,
    body: Body<Cancel>,
) -> Result<Response, ApiError> {
    cancelled(&ctx, &BOOKINGS, &id, &body, &[]).await
}

/// Moves a booking.
#[utoipa::path(post, path = "/api/admin/bookings/{id}/reschedule", tag = "bookings", operation_id = "reschedule-booking", params(("id" = String, Path)), request_body = Reschedule,
    responses((status = 200, body = BookingRow), (status = 404, body = Problem)))]
async fn reschedule(
    ctx: TenantContext,
    Path(id): Path<String>,
    body: Body<Reschedule>,
) -> Result<Response, ApiError> {
    moved(&ctx, &BOOKINGS, &id, body, &[], Op::Get).await
}

/// Cancels, for staff and clients alike.
pub(super) async fn cancelled(
    ctx: &TenantContext,
    resource: &Resource,
    id: &str,
    body: &Body<Cancel>,
    fixed: read::Fixed<'_>,
) -> Result<Response, ApiError> {
    ctx.require(resource.write)?;
    let mut changes = Map::from_iter([("status".to_owned(), json!("CANCELLED"))]);
    changes.insert("cancelReason".to_owned(), json!(body.text("reason")));
    // The portal's team cancels through another query than the office's.
    let op = if resource.read == Role::Client {
        Op::Get
    } else {
        Op::Action
    };
    write::update(ctx, resource, op, id, changes, fixed)
        .await
        .map(|row| crud::ok(&row))
}

/// Reschedules, for staff and clients alike.
pub(super) async fn moved(
    ctx: &TenantContext,
    resource: &Resource,
    id: &str,
    body: Body<Reschedule>,
    fixed: read::Fixed<'_>,
    op: Op,
) -> Result<Response, ApiError> {
    ctx.require(resource.write)?;
    let mut changes = body.fields;
    changes.retain(|name, _| name == "scheduledAt");
    write::update(ctx, resource, op, id, changes, fixed)
        .await
        .map(|row| crud::ok(&row))
}
