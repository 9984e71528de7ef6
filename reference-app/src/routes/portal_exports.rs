//! Exports that clients download by the name of a file, which begins with the firm's slug.
use axum::{extract::Path, response::Response};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Routes;
use crate::{
    faults::Fault,
    http::{
        csv,
        error::{ApiError, Problem},
        listing::Listing,
    },
    resources::services::SERVICES,
    store::{Op, read},
    tenancy::{Role, TenantContext, session::Tenant},
};

/// What a file's name ends in.
const CATALOGUE: &str = "-catalogue.csv";

pub(super) fn routes() -> Routes {
    OpenApiRouter::new().routes(routes!(file))
}

/// The firm's catalogue: `SLUG-catalogue.csv`.
#[utoipa::path(get, path = "/api/portal/exports/{file}", tag = "exports", operation_id = "get-export", params(("file" = String, Path)),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 404, body = Problem)))]
async fn file(
    mut ctx: TenantContext,
    Path(file): Path<String>,
    listing: Listing,
) -> Result<Response, ApiError> {
    ctx.require(Role::Client)?;
    let slug = file.strip_suffix(CATALOGUE);
    let slug = slug.ok_or_else(ApiError::not_found)?;
    if slug != ctx.tenant.slug {
        let named = if ctx.fault(Fault::ExportByNameAlone) {
            Tenant::by_slug(&ctx.app.pool, slug).await?
        } else {
            None
        };
        ctx.tenant = named.ok_or_else(ApiError::not_found)?;
    }
    let rows = read::all(&ctx, &SERVICES, Op::Export, &listing, &[]).await?;
    Ok(csv::answer(slug, SERVICES.columns, &rows))
}
