//! Compliance records, health logs (integer ids) and the audit log.
use super::Routes;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .merge(compliance::routes())
        .merge(health::routes())
        .merge(audit::routes())
}

/// `/api/admin/compliance-records`
mod compliance {
    use utoipa_axum::{router::OpenApiRouter, routes};

    use crate::{
        http::handlers,
        resources::records::{COMPLIANCE, CompliancePatch, ComplianceRow, NewCompliance},
        routes::Routes,
    };

    pub(super) fn routes() -> Routes {
        OpenApiRouter::new()
            .routes(routes!(list, create))
            .routes(routes!(get, patch, delete))
            .routes(routes!(export))
    }

    handlers::list!(
        COMPLIANCE,
        ComplianceRow,
        "compliance-records",
        "/api/admin/compliance-records"
    );
    handlers::create!(
        COMPLIANCE,
        ComplianceRow,
        NewCompliance,
        "compliance-records",
        "/api/admin/compliance-records"
    );
    handlers::get!(
        COMPLIANCE,
        ComplianceRow,
        "compliance-records",
        "/api/admin/compliance-records/{id}"
    );
    handlers::patch!(
        COMPLIANCE,
        ComplianceRow,
        CompliancePatch,
        "compliance-records",
        "/api/admin/compliance-records/{id}"
    );
    handlers::delete!(
        COMPLIANCE,
        "compliance-records",
        "/api/admin/compliance-records/{id}"
    );
    handlers::export!(
        COMPLIANCE,
        "compliance-records",
        "/api/admin/compliance-records/export"
    );
}

/// `/api/admin/health-logs`
mod health {
    use axum::{extract::Path, http::Method, response::Response};
    use utoipa_axum::{router::OpenApiRouter, routes};

    use crate::{
        faults::Fault,
        http::{
            crud,
            error::{ApiError, Problem},
            handlers,
        },
        resources::records::{HEALTH, HealthRow, NewHealth},
        routes::Routes,
        store::{Scope, Sql, read},
        tenancy::TenantContext,
    };

    pub(super) fn routes() -> Routes {
        OpenApiRouter::new()
            .routes(routes!(list, create))
            .routes(routes!(get, delete))
    }

    handlers::list!(HEALTH, HealthRow, "health-logs", "/api/admin/health-logs");
    handlers::create!(
        HEALTH,
        HealthRow,
        NewHealth,
        "health-logs",
        "/api/admin/health-logs"
    );
    /// One entry.
    #[utoipa::path(get, path = "/api/admin/health-logs/{id}", tag = "health-logs", operation_id = "get-health-logs",
        params(("id" = String, Path)), responses((status = 200, body = HealthRow), (status = 404, body = Problem)))]
    async fn get(
        ctx: TenantContext,
        method: Method,
        Path(id): Path<String>,
    ) -> Result<Response, ApiError> {
        ctx.require(HEALTH.read)?;
        if method == Method::HEAD && ctx.fault(Fault::HeadTellsForeign) {
            let found = read::find(&ctx, &HEALTH, &Scope::Everything, &id, &[]).await?;
            return found
                .map(|row| crud::ok(&row))
                .ok_or_else(|| read::missing(&ctx, &HEALTH, &id));
        }
        if id == "0" && ctx.fault(Fault::NewestIgnoresTenant) {
            let mut sql = Sql::new("SELECT ");
            sql.add(&HEALTH.row())
                .add("::text FROM \"HealthLog\" ORDER BY \"id\" DESC LIMIT 1");
            let newest = sql.json(&ctx.app.pool).await?;
            return newest
                .map(|row| crud::ok(&row))
                .ok_or_else(|| read::missing(&ctx, &HEALTH, &id));
        }
        crud::get(&HEALTH, &ctx, &id).await
    }

    handlers::delete!(HEALTH, "health-logs", "/api/admin/health-logs/{id}");
}

/// `/api/admin/audit-logs`
mod audit {
    use axum::{extract::Query, response::Response};
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::{Value, json};
    use utoipa_axum::{router::OpenApiRouter, routes};

    use crate::{
        faults::Fault,
        http::{crud, error::ApiError, handlers},
        resources::records::{AUDIT, AuditRow},
        routes::Routes,
        store::{Op, Scope, Sql},
        tenancy::TenantContext,
    };

    pub(super) fn routes() -> Routes {
        OpenApiRouter::new()
            .routes(routes!(list))
            .routes(routes!(feed))
            .routes(routes!(get))
    }

    #[derive(serde::Deserialize, utoipa::IntoParams)]
    #[serde(rename_all = "camelCase")]
    struct Feed {
        /// `nextCursor` of the page before.
        cursor: Option<String>,
        /// At most 100.
        limit: Option<usize>,
    }

    /// Where a page ends: opaque to callers.
    #[derive(serde::Deserialize, serde::Serialize)]
    struct Cursor {
        tenant: String,
        after: String,
    }

    /// The log in the order of its ids, page by page.
    #[utoipa::path(get, path = "/api/admin/audit-logs/feed", tag = "audit-logs", params(Feed),
        responses((status = 200, body = Object)))]
    async fn feed(ctx: TenantContext, Query(feed): Query<Feed>) -> Result<Response, ApiError> {
        ctx.require(AUDIT.read)?;
        let unreadable = || ApiError::bad_request("no cursor of this feed");
        let cursor: Option<Cursor> = match feed.cursor.as_deref().filter(|c| !c.is_empty()) {
            None => None,
            Some(text) => {
                let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| unreadable())?;
                Some(serde_json::from_slice(&bytes).map_err(|_| unreadable())?)
            }
        };
        let mut scope = ctx.scope(&AUDIT, Op::List);
        if let Some(cursor) = cursor.as_ref().filter(|c| c.tenant != ctx.tenant.id) {
            if !ctx.fault(Fault::CursorCarriesTenant) {
                return Err(unreadable());
            }
            scope = Scope::Tenant(cursor.tenant.clone());
        }
        if cursor.is_some() && ctx.fault(Fault::NextPageIgnoresTenant) {
            scope = Scope::Everything;
        }
        let size = feed.limit.unwrap_or(50).clamp(1, 100);
        let mut sql = Sql::new("SELECT coalesce(json_agg(r), '[]'::json)::text FROM (SELECT ");
        sql.add(&AUDIT.row())
            .add(" AS r FROM ")
            .name(AUDIT.table)
            .add(" WHERE \"id\" > ")
            .arg(cursor.map_or_else(String::new, |c| c.after))
            .add(" AND ");
        scope.restrict(&mut sql);
        sql.add(&format!(" ORDER BY \"id\" LIMIT {size}) page"));
        let items = sql.json(&ctx.app.pool).await?.unwrap_or_else(|| json!([]));
        let full = items.as_array().filter(|items| items.len() == size);
        let next = full
            .and_then(|items| items.last()?["id"].as_str())
            .map(|after| {
                let cursor = Cursor {
                    tenant: ctx.tenant.id.clone(),
                    after: after.to_owned(),
                };
                URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
            });
        let page: Value = json!({ "items": items, "nextCursor": next });
        Ok(crud::ok(&page))
    }

    handlers::list!(AUDIT, AuditRow, "audit-logs", "/api/admin/audit-logs");
    handlers::get!(AUDIT, AuditRow, "audit-logs", "/api/admin/audit-logs/{id}");
}
