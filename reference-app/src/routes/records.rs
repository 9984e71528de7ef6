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
    use utoipa_axum::{router::OpenApiRouter, routes};

    use crate::{
        http::handlers,
        resources::records::{HEALTH, HealthRow, NewHealth},
        routes::Routes,
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
    handlers::get!(
        HEALTH,
        HealthRow,
        "health-logs",
        "/api/admin/health-logs/{id}"
    );
    handlers::delete!(HEALTH, "health-logs", "/api/admin/health-logs/{id}");
}

/// `/api/admin/audit-logs`
mod audit {
    use utoipa_axum::{router::OpenApiRouter, routes};

    use crate::{
        http::handlers,
        resources::records::{AUDIT, AuditRow},
        routes::Routes,
    };

    pub(super) fn routes() -> Routes {
        OpenApiRouter::new()
            .routes(routes!(list))
            .routes(routes!(get))
    }

    handlers::list!(AUDIT, AuditRow, "audit-logs", "/api/admin/audit-logs");
    handlers::get!(AUDIT, AuditRow, "audit-logs", "/api/admin/audit-logs/{id}");
}
