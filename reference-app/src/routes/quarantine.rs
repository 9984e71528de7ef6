//! `/api/admin/uploads/quarantine`: what imports refused, until somebody discards it.
use serde_json::{Map, Value, json};
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Routes;
use crate::{
    http::{error::ApiError, handlers},
    resources::quarantine::{QUARANTINE, QuarantinedRow},
    store::write,
    tenancy::TenantContext,
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(delete))
}

handlers::list!(
    QUARANTINE,
    QuarantinedRow,
    "quarantine",
    "/api/admin/uploads/quarantine"
);
handlers::delete!(
    QUARANTINE,
    "quarantine",
    "/api/admin/uploads/quarantine/{id}"
);

/// Why an import refuses a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal<'a> {
    /// The import.
    pub(super) source: &'a str,
    /// Which of its rows, from 1.
    pub(super) line: usize,
    pub(super) reason: &'a str,
}

/// Keeps a row that an import refused, in the firm of its owner.
pub(super) async fn keep(
    connection: &mut PgConnection,
    ctx: &TenantContext,
    refusal: Refusal<'_>,
    row: Map<String, Value>,
    owner: Map<String, Value>,
) -> Result<(), ApiError> {
    let mut kept = owner;
    kept.insert("source".to_owned(), json!(refusal.source));
    kept.insert("line".to_owned(), json!(refusal.line));
    kept.insert("reason".to_owned(), json!(refusal.reason));
    kept.insert("content".to_owned(), json!(Value::Object(row).to_string()));
    write::insert(connection, ctx, &QUARANTINE, Map::new(), kept).await?;
    Ok(())
}
