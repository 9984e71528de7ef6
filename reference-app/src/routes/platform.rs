//! The platform's operators, on the base domain: they see which firms there are, and nothing inside them.
use axum::{extract::Path, response::Response};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Routes;
use crate::{
    http::{crud::ok, error::ApiError},
    store::Sql,
    tenancy::Caller,
};

const FIRM: &str = r#"json_build_object('id', "id", 'slug', "slug", 'name', "name", 'status', "status", 'plan', "plan", 'createdAt', "createdAt")"#;

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(firms))
        .routes(routes!(firm))
}

fn operator(caller: &Caller) -> Result<(), ApiError> {
    if caller.user.operator && caller.tenant.is_none() {
        Ok(())
    } else {
        Err(ApiError::forbidden("for operators of the platform only"))
    }
}

/// All firms.
#[utoipa::path(get, path = "/api/platform/tenants", tag = "platform", responses((status = 200, body = Object)))]
async fn firms(caller: Caller) -> Result<Response, ApiError> {
    operator(&caller)?;
    let sql = Sql::new(format!(
        r#"SELECT json_build_object('items', coalesce(json_agg({FIRM} ORDER BY "slug"), '[]'::json))::text FROM "Tenant""#
    ));
    sql.json(&caller.app.pool)
        .await?
        .map(|row| ok(&row))
        .ok_or_else(ApiError::not_found)
}

/// One firm.
#[utoipa::path(get, path = "/api/platform/tenants/{id}", tag = "platform", params(("id" = String, Path)), responses((status = 200, body = Object)))]
async fn firm(caller: Caller, Path(id): Path<String>) -> Result<Response, ApiError> {
    operator(&caller)?;
    let mut sql = Sql::new(format!(
        r#"SELECT {FIRM}::text FROM "Tenant" WHERE "id" = "#
    ));
    sql.arg(id);
    sql.json(&caller.app.pool)
        .await?
        .map(|row| ok(&row))
        .ok_or_else(ApiError::not_found)
}
