//! Payments, and those of one invoice.
use axum::{extract::Path, http::HeaderValue, response::Response};
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    faults::Fault,
    http::{
        crud::{self, Page},
        error::{ApiError, Problem},
        handlers,
        listing::{ListQuery, Listing},
        nested::Nest,
    },
    resources::invoices::{INVOICES, NewPayment, PAYMENTS, PaymentPatch, PaymentRow},
    routes::{Routes, stats::figure},
    store::{Op, Scope, Sql, read},
    tenancy::TenantContext,
};

const NEST: Nest = Nest {
    parent: &INVOICES,
    child: &PAYMENTS,
    column: "invoiceId",
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, patch, delete))
        .routes(routes!(of_invoice))
        .routes(routes!(receipt))
}

/// The payments. `X-Total-Count` says how many the firm has, whatever is filtered.
#[utoipa::path(get, path = "/api/admin/payments", tag = "payments", operation_id = "list-payments", params(ListQuery),
    responses((status = 200, body = Page<PaymentRow>, headers(("X-Total-Count" = u64)))))]
async fn list(ctx: TenantContext, listing: Listing) -> Result<Response, ApiError> {
    let mut page = crud::list(&PAYMENTS, &ctx, &listing).await?;
    let mut sql = Sql::new("SELECT count(*)::text FROM \"Payment\" WHERE ");
    figure(&ctx, &PAYMENTS, Fault::TotalHeaderIgnoresTenant).restrict(&mut sql);
    let total = sql.text(&ctx.app.pool).await?.unwrap_or_default();
    if let Ok(total) = HeaderValue::from_str(&total) {
        page.headers_mut().insert("x-total-count", total);
    }
    Ok(page)
}

handlers::create!(
    PAYMENTS,
    PaymentRow,
    NewPayment,
    "payments",
    "/api/admin/payments"
);
handlers::get!(PAYMENTS, PaymentRow, "payments", "/api/admin/payments/{id}");
handlers::patch!(
    PAYMENTS,
    PaymentRow,
    PaymentPatch,
    "payments",
    "/api/admin/payments/{id}"
);
handlers::delete!(PAYMENTS, "payments", "/api/admin/payments/{id}");

/// The payments of an invoice.
#[utoipa::path(get, path = "/api/admin/invoices/{id}/payments", tag = "payments", operation_id = "list-invoice-payments",
    params(("id" = String, Path), ListQuery), responses((status = 200, body = Page<PaymentRow>), (status = 404, body = Problem)))]
async fn of_invoice(
    ctx: TenantContext,
    Path(id): Path<String>,
    listing: Listing,
) -> Result<Response, ApiError> {
    NEST.list(&ctx, &id, &listing).await
}

/// What stands on a receipt: how much was paid, and when.
#[utoipa::path(get, path = "/api/admin/payments/{id}/receipt", tag = "payments", operation_id = "get-receipt",
    params(("id" = String, Path)), responses((status = 200, body = Object), (status = 404, body = Problem)))]
async fn receipt(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(PAYMENTS.read)?;
    let scope = if ctx.fault(Fault::ReceiptByIdAlone) {
        Scope::Everything
    } else {
        ctx.scope(&PAYMENTS, Op::Get)
    };
    let found: Option<Value> = read::find(&ctx, &PAYMENTS, &scope, &id, &[]).await?;
    let payment = found.ok_or_else(|| read::missing(&ctx, &PAYMENTS, &id))?;
    Ok(crud::ok(&json!({
        "id": payment["id"], "amount": payment["amount"], "paidAt": payment["paidAt"],
    })))
}
