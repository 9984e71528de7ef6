//! Payments, and those of one invoice.
use axum::{extract::Path, response::Response};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{
        crud::Page,
        error::{ApiError, Problem},
        handlers,
        listing::{ListQuery, Listing},
        nested::Nest,
    },
    resources::invoices::{INVOICES, NewPayment, PAYMENTS, PaymentPatch, PaymentRow},
    routes::Routes,
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
}

handlers::list!(PAYMENTS, PaymentRow, "payments", "/api/admin/payments");
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
