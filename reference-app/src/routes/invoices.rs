//! Invoices and payments: the shared handlers, and numbers, repeated creates, reminders.
use axum::{
    extract::Path,
    http::{HeaderMap, header::ACCEPT},
    response::Response,
};
use serde_json::{Map, Value, json};
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Routes;
use crate::{
    faults::Fault,
    http::{
        body::Body,
        crud::{self, Page},
        csv,
        error::{ApiError, Problem},
        handlers,
        listing::{ListQuery, Listing},
    },
    resources::invoices::{INVOICES, InvoicePatch, InvoiceRow, NewInvoice},
    store::{Op, Scope, Sql, read, write},
    tenancy::{Role, TenantContext},
};

mod payments;

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, patch, delete))
        .routes(routes!(export))
        .routes(routes!(by_number))
        .routes(routes!(remind))
        .merge(payments::routes())
}

/// A page of them.
#[utoipa::path(get, path = "/api/admin/invoices", tag = "invoices", operation_id = "list-invoices", params(ListQuery),
    responses((status = 200, body = Page<InvoiceRow>)))]
async fn list(ctx: TenantContext, listing: Listing) -> Result<Response, ApiError> {
    let mut words = listing.get("expand").unwrap_or_default().split(',');
    if !ctx.fault(Fault::ExpandByEmail) || words.all(|word| word != "client") {
        return crud::list(&INVOICES, &ctx, &listing).await;
    }
    ctx.require(INVOICES.read)?;
    let text = read::page(&ctx, &INVOICES, Op::List, &listing, &[]).await?;
    let mut page: Value = serde_json::from_str(&text).unwrap_or_default();
    for row in page["items"].as_array_mut().into_iter().flatten() {
        row["clients"] = clients(&ctx, row, &Scope::Everything).await?;
    }
    Ok(crud::ok(&page))
}

handlers::patch!(
    INVOICES,
    InvoiceRow,
    InvoicePatch,
    "invoices",
    "/api/admin/invoices/{id}"
);
handlers::delete!(INVOICES, "invoices", "/api/admin/invoices/{id}");
handlers::export!(INVOICES, "invoices", "/api/admin/invoices/export");

/// Writes an invoice; without a number it gets the firm's next one. A repeated `Idempotency-Key` gets the first answer.
#[utoipa::path(post, path = "/api/admin/invoices", tag = "invoices", operation_id = "create-invoices", request_body = NewInvoice,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = InvoiceRow), (status = 400, body = Problem), (status = 409, body = Problem)))]
async fn create(
    ctx: TenantContext,
    headers: HeaderMap,
    body: Body<NewInvoice>,
) -> Result<Response, ApiError> {
    ctx.require(INVOICES.write)?;
    let key = headers
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok());
    let mut transaction = write::begin(&ctx).await?;
    if let Some(key) = key
        && let Some(answer) = answered(&mut transaction, &ctx, key).await?
    {
        return Ok(crud::created(&answer));
    }
    let mut own = Map::new();
    if body.text("number").is_none() {
        own.insert(
            "number".to_owned(),
            json!(next_number(&mut transaction, &ctx).await?),
        );
    }
    let row = write::insert(&mut transaction, &ctx, &INVOICES, body.fields, own).await?;
    if let Some(key) = key {
        let mut sql =
            Sql::new(r#"INSERT INTO "IdempotencyKey" ("tenantId", "key", "answer") VALUES ("#);
        sql.arg(ctx.tenant.id.as_str())
            .add(", ")
            .arg(key)
            .add(", ")
            .arg(row.to_string())
            .add(")");
        sql.run(&mut *transaction).await?;
    }
    write::audit(
        &mut transaction,
        &ctx,
        "create",
        &INVOICES,
        &write::key_of(&row),
    )
    .await?;
    write::commit(&ctx, transaction).await?;
    Ok(crud::created(&row))
}

/// The answer that was given under a key.
async fn answered(
    connection: &mut PgConnection,
    ctx: &TenantContext,
    key: &str,
) -> Result<Option<Value>, ApiError> {
    let scope = if ctx.fault(Fault::IdempotencyKeyShared) {
        Scope::Everything
    } else {
        ctx.scope(&INVOICES, Op::Create)
    };
    let mut sql =
        Sql::new(r#"SELECT "answer" FROM "IdempotencyKey" WHERE "expiresAt" > now() AND "key" = "#);
    sql.arg(key).add(" AND ");
    scope.restrict(&mut sql);
    sql.add(" ORDER BY \"createdAt\" LIMIT 1");
    Ok(sql.json(connection).await?)
}

/// The firm's next number. One transaction at a time asks.
async fn next_number(
    connection: &mut PgConnection,
    ctx: &TenantContext,
) -> Result<String, ApiError> {
    let scope = if ctx.fault(Fault::RunningNumberCountsAll) {
        Scope::Everything
    } else {
        ctx.scope(&INVOICES, Op::Create)
    };
    let mut lock = Sql::new("SELECT pg_advisory_xact_lock(hashtext(");
    lock.arg(ctx.tenant.id.as_str()).add("))::text");
    lock.run(&mut *connection).await?;
    let mut sql = Sql::new(
        r#"SELECT 'INV-' || lpad((coalesce(max(substring("number" FROM '^INV-([0-9]{1,9})$')::bigint), 0) + 1)::text, 6, '0') FROM "Invoice" WHERE "#,
    );
    scope.restrict(&mut sql);
    sql.text(connection)
        .await?
        .ok_or_else(|| ApiError::internal("no number"))
}

/// One invoice; `include=client` adds the client of its e-mail address.
#[utoipa::path(get, path = "/api/admin/invoices/{id}", tag = "invoices", operation_id = "get-invoices",
    params(("id" = String, Path), ("include" = Option<String>, Query, description = "`client`")),
    responses((status = 200, body = InvoiceRow), (status = 404, body = Problem)))]
async fn get(
    ctx: TenantContext,
    Path(id): Path<String>,
    headers: HeaderMap,
    listing: Listing,
) -> Result<Response, ApiError> {
    ctx.require(INVOICES.read)?;
    let wanted = headers.get(ACCEPT).and_then(|kind| kind.to_str().ok());
    if wanted == Some("text/csv") && ctx.fault(Fault::CsvViewIgnoresTenant) {
        let row = read::find(&ctx, &INVOICES, &Scope::Everything, &id, &[]).await?;
        let row = row.ok_or_else(|| read::missing(&ctx, &INVOICES, &id))?;
        return Ok(csv::answer("invoice", INVOICES.columns, &[row]));
    }
    let mut row = read::get(&ctx, &INVOICES, Op::Get, &id, &[]).await?;
    if listing.get("include") == Some("client") {
        let scope = if ctx.fault(Fault::IncludeByEmail) {
            Scope::Everything
        } else {
            ctx.scope(&INVOICES, Op::List)
        };
        row["clients"] = clients(&ctx, &row, &scope).await?;
    }
    Ok(crud::ok(&row))
}

/// The people of an invoice's e-mail address.
async fn clients(ctx: &TenantContext, row: &Value, scope: &Scope) -> Result<Value, ApiError> {
    let mut sql = Sql::new(
        r#"SELECT coalesce(json_agg(json_build_object('id', "id", 'name', "name", 'phone', "phone", 'department', "department") ORDER BY "id"),
             '[]'::json)::text FROM "User" WHERE "email" = "#,
    );
    sql.arg(row["clientEmail"].as_str().unwrap_or_default())
        .add(" AND ");
    scope.restrict(&mut sql);
    Ok(sql.json(&ctx.app.pool).await?.unwrap_or_default())
}

/// The invoice of a number.
#[utoipa::path(get, path = "/api/admin/invoices/by-number/{number}", tag = "invoices", params(("number" = String, Path)),
    responses((status = 200, body = InvoiceRow), (status = 404, body = Problem)))]
async fn by_number(ctx: TenantContext, Path(number): Path<String>) -> Result<Response, ApiError> {
    ctx.require(INVOICES.read)?;
    let load = |scope: Scope| {
        let mut sql = Sql::new(format!(
            "SELECT {}::text FROM \"Invoice\" WHERE \"number\" = ",
            INVOICES.row()
        ));
        sql.arg(number.as_str()).add(" AND ");
        scope.restrict(&mut sql);
        sql.add(" LIMIT 1");
        sql.json(&ctx.app.pool)
    };
    if let Some(row) = load(ctx.scope(&INVOICES, Op::Get)).await? {
        return Ok(crud::ok(&row));
    }
    if ctx.fault(Fault::NumberLookupTellsForeign) && load(Scope::Everything).await?.is_some() {
        return Err(ApiError::forbidden("this invoice is not one of yours"));
    }
    Err(read::missing(&ctx, &INVOICES, &number))
}

/// Reminds the client.
#[utoipa::path(post, path = "/api/admin/invoices/{id}/remind", tag = "invoices", params(("id" = String, Path)),
    responses((status = 200, body = InvoiceRow), (status = 404, body = Problem)))]
async fn remind(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let now = Sql::new("SELECT now()::text").text(&ctx.app.pool).await?;
    let changes = Map::from_iter([("remindedAt".to_owned(), json!(now))]);
    write::update(&ctx, &INVOICES, Op::Action, &id, changes, &[])
        .await
        .map(|row| crud::ok(&row))
}
