//! Settings: one row a firm, the defaults until it has one.
use axum::{extract::Path, response::Response};
use serde_json::{Map, Value};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Routes;
use crate::{
    faults::Fault,
    http::{
        body::Body,
        crud,
        error::{ApiError, Problem},
    },
    resources::settings::{
        BOOKING, BookingSettingsPatch, BookingSettingsRow, COMMUNICATION, CommunicationPatch,
        CommunicationRow, INTEGRATION, IntegrationPatch, IntegrationRow, ORGANIZATION,
        OrganizationPatch, OrganizationRow, SECURITY, SecurityPatch, SecurityRow,
    },
    store::{Op, Resource, Sql, write},
    tenancy::TenantContext,
};

/// `GET` and `PUT` of one settings table.
macro_rules! settings {
    ($module:ident, $resource:ident, $row:ident, $patch:ident, $path:literal) => {
        mod $module {
            use super::*;

            #[utoipa::path(get, path = $path, tag = "settings", operation_id = concat!("get-settings-", stringify!($module)),
                responses((status = 200, body = $row)))]
            pub(super) async fn get(ctx: TenantContext) -> Result<Response, ApiError> {
                show(&ctx, &$resource).await
            }

            #[utoipa::path(put, path = $path, tag = "settings", operation_id = concat!("put-settings-", stringify!($module)),
                request_body = $patch, responses((status = 200, body = $row), (status = 400, body = Problem)))]
            pub(super) async fn put(ctx: TenantContext, body: Body<$patch>) -> Result<Response, ApiError> {
                save(&ctx, &$resource, body.fields).await
            }
        }
    };
}

settings!(
    organization,
    ORGANIZATION,
    OrganizationRow,
    OrganizationPatch,
    "/api/admin/settings/organization"
);
settings!(
    booking,
    BOOKING,
    BookingSettingsRow,
    BookingSettingsPatch,
    "/api/admin/settings/booking"
);
settings!(
    integration,
    INTEGRATION,
    IntegrationRow,
    IntegrationPatch,
    "/api/admin/settings/integration"
);
settings!(
    security,
    SECURITY,
    SecurityRow,
    SecurityPatch,
    "/api/admin/settings/security"
);
settings!(
    communication,
    COMMUNICATION,
    CommunicationRow,
    CommunicationPatch,
    "/api/admin/settings/communication"
);

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(organization::get, organization::put))
        .routes(routes!(booking::get, booking::put))
        .routes(routes!(integration::get, integration::put))
        .routes(routes!(security::get, security::put))
        .routes(routes!(communication::get, communication::put))
        .routes(routes!(patch_integration))
}

/// The firm's row, or the defaults.
async fn show(ctx: &TenantContext, resource: &Resource) -> Result<Response, ApiError> {
    ctx.require(resource.read)?;
    let mut sql = Sql::new(format!(
        "SELECT {}::text FROM \"{}\" WHERE \"tenantId\" IS NULL OR ",
        resource.row(),
        resource.table
    ));
    ctx.scope(resource, Op::Get).restrict(&mut sql);
    sql.add(" ORDER BY \"tenantId\" NULLS LAST LIMIT 1");
    sql.json(&ctx.app.pool)
        .await?
        .map(|row| crud::ok(&row))
        .ok_or_else(ApiError::not_found)
}

/// Changes the firm's row, and makes it if there is none.
async fn save(
    ctx: &TenantContext,
    resource: &Resource,
    body: Map<String, Value>,
) -> Result<Response, ApiError> {
    ctx.require(resource.write)?;
    let named = body.get("id").and_then(Value::as_str).map(str::to_owned);
    let operator = body.get("role").is_some_and(|role| role == "superadmin");
    let changes = write::allowed(resource, body);
    if changes.is_empty() {
        return Err(ApiError::bad_request("nothing to change"));
    }
    let mut transaction = write::begin(ctx).await?;
    let mut sql = write::set(resource, &changes);
    sql.add(" WHERE ");
    match named {
        Some(id)
            if resource.table == "OrganizationSettings" && ctx.fault(Fault::SettingsByBodyId) =>
        {
            sql.equals("id", &id)
        }
        _ => {
            ctx.scope(resource, Op::List).restrict(&mut sql);
            &mut sql
        }
    };
    let by_role = operator
        && resource.table == "CommunicationSettings"
        && ctx.fault(Fault::RoleWritesDefault);
    if by_role || resource.table == "BookingSettings" && ctx.fault(Fault::SettingsTouchDefault) {
        sql.add(" OR \"tenantId\" IS NULL");
    }
    sql.add(" RETURNING ").add(&resource.row()).add("::text");
    let row = match sql.json(&mut *transaction).await? {
        Some(row) => row,
        None => write::insert(&mut transaction, ctx, resource, changes, Map::new()).await?,
    };
    write::audit(
        &mut transaction,
        ctx,
        "update",
        resource,
        &write::key_of(&row),
    )
    .await?;
    write::commit(ctx, transaction).await?;
    Ok(crud::ok(&row))
}

/// Changes one integration by the id of its row.
#[utoipa::path(patch, path = "/api/admin/settings/integration/{id}", tag = "settings", params(("id" = String, Path)), request_body = IntegrationPatch,
    responses((status = 200, body = IntegrationRow), (status = 404, body = Problem)))]
async fn patch_integration(
    ctx: TenantContext,
    Path(id): Path<String>,
    body: Body<IntegrationPatch>,
) -> Result<Response, ApiError> {
    crud::patch(&INTEGRATION, &ctx, &id, body).await
}
