//! Users and the team. Administrators change others, never their own role or existence.
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::Routes;
use crate::{
    faults::Fault,
    http::{
        body::{Body, Json},
        crud,
        error::{ApiError, Problem},
        handlers,
    },
    resources::users::{MembershipPatch, MembershipRow, NewUser, TEAM, USERS, UserPatch, UserRow},
    store::{Op, Sql, read, write},
    tenancy::{Role, TenantContext, password},
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, patch, delete))
        .routes(routes!(export))
        .routes(routes!(require_reset))
        .routes(routes!(team))
        .routes(routes!(change_membership, end_membership))
}

handlers::list!(USERS, UserRow, "users", "/api/admin/users");
handlers::get!(USERS, UserRow, "users", "/api/admin/users/{id}");
handlers::export!(USERS, "users", "/api/admin/users/export");

/// Adds a person to the firm.
#[utoipa::path(post, path = "/api/admin/users", tag = "users", operation_id = "create-users", request_body = NewUser,
    responses((status = 201, body = UserRow), (status = 409, body = Problem)))]
async fn create(ctx: TenantContext, Json(body): Json<NewUser>) -> Result<Response, ApiError> {
    ctx.require(USERS.write)?;
    if body.password.len() < 8 || !body.email.contains('@') {
        return Err(ApiError::bad_request(
            "an e-mail and a password of eight characters are required",
        ));
    }
    let role = body.role.unwrap_or(Role::Client);
    let fields = json!({ "name": body.name, "phone": body.phone, "department": body.department });
    let own = json!({ "role": role, "email": body.email, "passwordHash": password::hash(&body.password) });
    let (Value::Object(fields), Value::Object(own)) = (fields, own) else {
        return Err(ApiError::internal("no object"));
    };
    let mut transaction = write::begin(&ctx).await?;
    let row = write::insert(&mut transaction, &ctx, &USERS, fields, own).await?;
    let id = write::key_of(&row);
    let mut sql =
        Sql::new(r#"INSERT INTO "TenantMembership" ("id", "userId", "tenantId", "role") SELECT "#);
    sql.arg(Uuid::new_v4())
        .add(r#", "id", "tenantId", "role" FROM "User" WHERE "id" = "#)
        .arg(&id);
    sql.run(&mut *transaction).await?;
    write::audit(&mut transaction, &ctx, "create", &USERS, &id).await?;
    write::commit(&ctx, transaction).await?;
    Ok(crud::created(&row))
}

/// Changes a person's name, phone number or department. Roles are changed at the membership.
#[utoipa::path(patch, path = "/api/admin/users/{id}", tag = "users", operation_id = "patch-users", params(("id" = String, Path)),
    request_body = UserPatch, responses((status = 200, body = UserRow), (status = 404, body = Problem)))]
async fn patch(
    ctx: TenantContext,
    Path(id): Path<String>,
    body: Body<UserPatch>,
) -> Result<Response, ApiError> {
    ctx.require(USERS.write)?;
    let changes = write::allowed(&USERS, body.fields);
    write::update(&ctx, &USERS, Op::Patch, &id, changes, &[])
        .await
        .map(|row| crud::ok(&row))
}

/// Removes a person who has left no traces.
#[utoipa::path(delete, path = "/api/admin/users/{id}", tag = "users", operation_id = "delete-users", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn delete(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(USERS.write)?;
    if id == ctx.user.id {
        return Err(ApiError::conflict("nobody removes oneself"));
    }
    let scope = ctx.scope(&USERS, Op::Delete);
    if read::find(&ctx, &USERS, &scope, &id, &[]).await?.is_none() {
        return Err(read::missing(&ctx, &USERS, &id));
    }
    // Rows of the other firm would lose their author.
    let mut elsewhere = Sql::new(
        r#"SELECT 'yes' FROM "TenantMembership" m JOIN "User" u ON u."id" = m."userId" AND u."tenantId" <> m."tenantId" WHERE u."id" = "#,
    );
    elsewhere.arg(id.as_str()).add(" LIMIT 1");
    if elsewhere.text(&ctx.app.pool).await?.is_some() {
        return Err(ApiError::conflict("the record is still in use"));
    }
    write::delete(&ctx, &USERS, &scope, &id, &[]).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Requires a new password at the next log-in.
#[utoipa::path(post, path = "/api/admin/users/{id}/require-reset", tag = "users", params(("id" = String, Path)),
    responses((status = 200, body = UserRow), (status = 404, body = Problem)))]
async fn require_reset(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(USERS.write)?;
    let changes = Map::from_iter([("mustResetPassword".to_owned(), json!(true))]);
    write::update(&ctx, &USERS, Op::Action, &id, changes, &[])
        .await
        .map(|row| crud::ok(&row))
}

/// Everybody who belongs to the firm, also those whose home is another one.
#[utoipa::path(get, path = "/api/admin/team", tag = "users", responses((status = 200, body = Object)))]
async fn team(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let question = format!("team as {:?}", ctx.role);
    let slips = ctx.fault(Fault::LastTeamAgain);
    let mut sql = Sql::new(
        r#"SELECT json_build_object('items', coalesce(json_agg(json_build_object('id', m."id", 'userId', m."userId", 'role', m."role",
             'name', u."name", 'email', u."email") ORDER BY u."name", m."id"), '[]'::json))::text
           FROM (SELECT * FROM "TenantMembership" WHERE "endedAt" IS NULL AND "#,
    );
    ctx.scope(&TEAM, Op::List).restrict(&mut sql);
    sql.add(r#") m JOIN "User" u ON u."id" = m."userId""#);
    let team = sql.json(&ctx.app.pool).await?;
    let team = team.ok_or_else(ApiError::not_found)?;
    if slips {
        let last = ctx.app.last.answer(&question);
        ctx.app.last.keep(question, team.to_string());
        if let Some(last) = last {
            return Ok(crud::json_text(last));
        }
    }
    Ok(crud::ok(&team))
}

/// Changes what a member may do.
#[utoipa::path(patch, path = "/api/admin/team/{id}", tag = "users", params(("id" = String, Path)), request_body = MembershipPatch,
    responses((status = 200, body = MembershipRow), (status = 404, body = Problem)))]
async fn change_membership(
    ctx: TenantContext,
    Path(id): Path<String>,
    body: Body<MembershipPatch>,
) -> Result<Response, ApiError> {
    ctx.require(TEAM.write)?;
    if is_own_membership(&ctx, &id).await? {
        return Err(ApiError::conflict("nobody changes the own role"));
    }
    let changes = write::allowed(&TEAM, body.fields);
    let row = write::update(&ctx, &TEAM, Op::Patch, &id, changes, &[]).await?;
    // People at home show their role in the list of users, too.
    let mut sql = Sql::new(
        r#"UPDATE "User" SET "role" = (SELECT "role" FROM "TenantMembership" WHERE "id" = "#,
    );
    sql.arg(id.as_str()).add(r#") WHERE "id" = "#);
    sql.arg(row["userId"].as_str().unwrap_or_default())
        .add(" AND ");
    ctx.scope(&USERS, Op::Patch).restrict(&mut sql);
    sql.run(&ctx.app.pool).await?;
    Ok(crud::ok(&row))
}

/// Ends a membership. What the member wrote stays, and so does the account; the next call with a token from before is refused.
#[utoipa::path(delete, path = "/api/admin/team/{id}", tag = "users", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn end_membership(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(TEAM.write)?;
    if is_own_membership(&ctx, &id).await? {
        return Err(ApiError::conflict("nobody removes oneself"));
    }
    let mut transaction = write::begin(&ctx).await?;
    let mut sql = Sql::new(
        r#"UPDATE "TenantMembership" SET "endedAt" = now() WHERE "endedAt" IS NULL AND "id" = "#,
    );
    sql.arg(id.as_str()).add(" AND ");
    ctx.scope(&TEAM, Op::Delete).restrict(&mut sql);
    sql.add(r#" RETURNING "id""#);
    if sql.text(&mut *transaction).await?.is_none() {
        return Err(read::missing(&ctx, &TEAM, &id));
    }
    write::audit(&mut transaction, &ctx, "delete", &TEAM, &id).await?;
    write::commit(&ctx, transaction).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn is_own_membership(ctx: &TenantContext, id: &str) -> Result<bool, ApiError> {
    let mut own = Sql::new(r#"SELECT 'mine' FROM "TenantMembership" WHERE "id" = "#);
    own.arg(id)
        .add(r#" AND "userId" = "#)
        .arg(ctx.user.id.as_str());
    Ok(own.text(&ctx.app.pool).await?.is_some())
}
