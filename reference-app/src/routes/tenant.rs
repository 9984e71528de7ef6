//! The caller: who am I, where may I go, and the switch.
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sqlx::Row;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Routes,
    auth::{Credentials, Entered, credentials},
};
use crate::{
    faults::Fault,
    http::{
        body::{Body, Json},
        crud::ok,
        error::{ApiError, Problem},
    },
    store::Sql,
    tenancy::{
        Caller, Role, TenantContext,
        session::{self, Tenant, live_membership},
    },
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(me, change_me))
        .routes(routes!(mine))
        .routes(routes!(current))
        .routes(routes!(switch))
}

/// Where to go.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Switch {
    tenant_slug: String,
}

/// What people may change about themselves.
#[derive(Deserialize, ToSchema)]
#[expect(
    dead_code,
    reason = "checks the shape; the handler takes the fields as they came"
)]
struct Me {
    name: Option<String>,
    phone: Option<String>,
}

/// The caller.
#[utoipa::path(get, path = "/api/users/me", tag = "me", responses((status = 200, body = Object)))]
async fn me(caller: Caller) -> Result<Response, ApiError> {
    let user = &caller.user;
    let tenant = caller
        .tenant
        .as_ref()
        .map(|tenant| json!({ "id": tenant.id, "slug": tenant.slug, "name": tenant.name }));
    Ok(ok(
        &json!({ "id": user.id, "email": user.email, "name": user.name, "role": caller.role, "operator": user.operator, "tenant": tenant }),
    ))
}

/// Changes the caller's own name or phone number.
#[utoipa::path(patch, path = "/api/users/me", tag = "me", request_body = Me, responses((status = 200, body = Object)))]
async fn change_me(caller: Caller, body: Body<Me>) -> Result<Response, ApiError> {
    let changes: Map<String, Value> = body
        .fields
        .into_iter()
        .filter(|(name, _)| name == "name" || name == "phone")
        .collect();
    if changes.is_empty() {
        return Err(ApiError::bad_request("nothing to change"));
    }
    let mut sql = crate::store::write::set(&crate::resources::users::USERS, &changes);
    sql.add(" WHERE \"id\" = ").arg(caller.user.id.as_str());
    sql.add(r#" RETURNING json_build_object('id', "id", 'email', "email", 'name', "name", 'phone', "phone")::text"#);
    sql.json(&caller.app.pool)
        .await?
        .map(|row| ok(&row))
        .ok_or_else(ApiError::not_found)
}

/// The firms that the caller belongs to.
#[utoipa::path(get, path = "/api/tenants", tag = "me", responses((status = 200, body = Object)))]
async fn mine(caller: Caller) -> Result<Response, ApiError> {
    firms(&caller)
        .await?
        .map(|firms| ok(&firms))
        .ok_or_else(ApiError::not_found)
}

/// The live memberships of the caller: `{items: [{id, slug, name, role}]}`.
pub(crate) async fn firms(caller: &Caller) -> Result<Option<Value>, ApiError> {
    let mut sql = Sql::new(format!(
        r#"SELECT json_build_object('items', coalesce(json_agg(json_build_object(
             'id', t."id", 'slug', t."slug", 'name', t."name", 'role', m."role") ORDER BY t."slug"), '[]'::json))::text
           FROM "TenantMembership" m JOIN "Tenant" t ON t."id" = m."tenantId" WHERE {} AND m."userId" = "#,
        live_membership(&caller.app)
    ));
    sql.arg(caller.user.id.as_str());
    Ok(sql.json(&caller.app.pool).await?)
}

/// The firm that the caller is in.
#[utoipa::path(get, path = "/api/tenant", tag = "me", responses((status = 200, body = Object)))]
async fn current(ctx: TenantContext) -> Result<Response, ApiError> {
    Ok(ok(
        &json!({ "id": ctx.tenant.id, "slug": ctx.tenant.slug, "name": ctx.tenant.name, "role": ctx.role }),
    ))
}

/// Goes to another firm of the caller's: a new token and cookie; the old session ends.
#[utoipa::path(post, path = "/api/tenant/switch", tag = "me", request_body = Switch,
    responses((status = 200, body = Credentials), (status = 403, body = Problem)))]
async fn switch(caller: Caller, Json(body): Json<Switch>) -> Result<Response, ApiError> {
    let app = &caller.app;
    let anywhere = app.fault(Fault::SwitchToAny);
    let entered = go_to(&caller, &body.tenant_slug, anywhere).await?;
    credentials(app, &entered)
}

/// Ends the caller's session and opens one in another firm of theirs; `anywhere` is set only by the faults that take a
/// membership in any firm for one in that.
pub(crate) async fn go_to(
    caller: &Caller,
    slug: &str,
    anywhere: bool,
) -> Result<Entered, ApiError> {
    let app = &caller.app;
    let refused = || ApiError::forbidden("you do not belong to this firm");
    let tenant = Tenant::by_slug(&app.pool, slug)
        .await?
        .filter(|tenant| tenant.active)
        .ok_or_else(refused)?;
    let place = if anywhere {
        "$2::text IS NOT NULL"
    } else {
        r#"m."tenantId" = $2"#
    };
    let sql = format!(
        r#"SELECT m."id", m."role"::text FROM "TenantMembership" m
           WHERE m."userId" = $1 AND {} AND {place} ORDER BY m."createdAt" LIMIT 1"#,
        live_membership(app)
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(&caller.user.id)
        .bind(&tenant.id)
        .fetch_optional(&app.pool)
        .await?;
    let row = row.ok_or_else(refused)?;
    let role = Role::parse(row.try_get(1)?).unwrap_or(Role::Client);
    let mut transaction = app.pool.begin().await?;
    session::revoke(&mut transaction, &caller.session).await?;
    let session = session::open(&mut transaction, &caller.user.id, row.try_get(0)?).await?;
    transaction.commit().await?;
    Ok(Entered {
        session,
        user: caller.user.id.clone(),
        email: caller.user.email.clone(),
        name: caller.user.name.clone(),
        tenant: Some(tenant),
        role,
    })
}
