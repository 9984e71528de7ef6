//! The edge guard: headers that only the inside may set are refused, not ignored.
use axum::{
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::error::ApiError;
use crate::{app::Shared, faults::Fault};

const INTERNAL: [&str; 4] = ["x-tenant-id", "x-tenant-slug", "x-org-id", "x-user-id"];

/// Answers 403 to a request that brings a header of ours, or names two firms where a header names the firm.
pub(crate) async fn refuse_spoofed_headers(
    State(app): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let spoofed = || INTERNAL.iter().any(|name| refused(&app, headers, name));
    let named = app.tenant_header.as_deref();
    let ambiguous = || named.is_some_and(|name| headers.contains_key(name) && !once(headers, name));
    if request.uri().path().starts_with("/api/") && (spoofed() || ambiguous()) {
        return ApiError::forbidden("spoofed tenant header").into_response();
    }
    next.run(request).await
}

/// Whether the header's value stands in quotes, and so is nobody's id.
fn quoted(headers: &HeaderMap, name: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .all(|value| value.as_bytes().starts_with(b"\""))
}

/// Whether the header comes once, with one value.
fn once(headers: &HeaderMap, name: &str) -> bool {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    first.is_some_and(|value| !value.as_bytes().contains(&b',')) && values.next().is_none()
}

fn refused(app: &Shared, headers: &HeaderMap, name: &str) -> bool {
    let count = headers.get_all(name).iter().count();
    let passes = match name {
        "x-tenant-id" => {
            app.fault(Fault::TenantHeaderTrusted)
                || (app.fault(Fault::TenantHeaderTwiceTrusted) && count == 2)
                || (app.fault(Fault::QuotedHeaderTrusted) && quoted(headers, name))
        }
        "x-tenant-slug" => {
            app.fault(Fault::SlugHeaderNotRefused)
                || (app.fault(Fault::SlugHeaderTrusted) && once(headers, name))
        }
        "x-org-id" => app.fault(Fault::OrgHeaderTrusted),
        _ => app.fault(Fault::UserHeaderTrusted),
    };
    count > 0 && !passes
}
