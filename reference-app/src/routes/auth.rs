//! Sign-up of a firm, log-in, log-out.
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::Row;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::Routes;
use crate::{
    app::{App, Shared},
    faults::Fault,
    http::{
        body::Json,
        crud::json_text,
        error::{ApiError, Problem},
    },
    quirks::effects as quirky,
    store::Sql,
    tenancy::{
        Caller, Role,
        cookie::TenantCookie,
        host::{self, Addressed},
        password,
        session::{self, Tenant, live_membership},
        token::Claims,
    },
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(logout))
        .routes(routes!(signup))
}

/// Who logs in.
#[derive(Deserialize, ToSchema)]
struct Login {
    email: String,
    password: String,
}

/// A firm, and its first administrator.
#[derive(Deserialize, ToSchema)]
struct SignUp {
    /// Becomes the subdomain.
    #[schema(pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    slug: String,
    firm: String,
    name: String,
    email: String,
    #[schema(min_length = 8)]
    password: String,
}

/// What a log-in or switch answers.
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands in the API document only")]
pub(super) struct Credentials {
    token: String,
    #[schema(value_type = Object)]
    user: Value,
    #[schema(value_type = Option<Object>)]
    tenant: Value,
    role: Role,
}

/// Somebody to whom a session has just been opened.
pub(crate) struct Entered {
    pub(crate) session: String,
    pub(crate) user: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) tenant: Option<Tenant>,
    pub(crate) role: Role,
}

impl Entered {
    fn claims(&self) -> Claims {
        let tenant = self.tenant.as_ref();
        Claims::new(
            &self.user,
            tenant.map(|tenant| (tenant.id.as_str(), tenant.slug.as_str())),
            self.role,
            &self.session,
        )
    }

    /// The token of the session.
    pub(crate) fn token(&self, app: &App) -> Result<String, ApiError> {
        self.claims()
            .signed(app)
            .ok_or_else(|| ApiError::internal("no token could be signed"))
    }
}

struct Candidate {
    user: String,
    name: String,
    hash: String,
    membership: Option<String>,
    role: Role,
}

/// Logs in on a firm's subdomain; operators and people without a firm log in on the base domain.
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", security(()), request_body = Login,
    responses((status = 200, body = Credentials), (status = 401, body = Problem)))]
async fn login(
    State(app): State<Shared>,
    headers: HeaderMap,
    uri: Uri,
    Json(body): Json<Login>,
) -> Result<Response, ApiError> {
    let tenant = match host::of(&app, &headers, &uri) {
        Addressed::Slug(slug) => Some(
            Tenant::by_slug(&app.pool, &slug)
                .await?
                .ok_or_else(ApiError::unknown_tenant)?,
        ),
        Addressed::Apex => None,
        Addressed::Unknown => return Err(ApiError::unknown_tenant()),
    };
    let entered = enter(&app, &body.email, &body.password, tenant).await?;
    let entered = entered
        .ok_or_else(|| ApiError::new(StatusCode::UNAUTHORIZED, "wrong e-mail or password"))?;
    credentials(&app, &entered)
}

/// Opens a session for whoever has that e-mail and password and may enter the tenant; `None` if nobody does.
pub(crate) async fn enter(
    app: &App,
    email: &str,
    given: &str,
    tenant: Option<Tenant>,
) -> Result<Option<Entered>, ApiError> {
    for candidate in candidates(app, email, tenant.as_ref()).await? {
        let right = password::verify(given, &candidate.hash);
        quirky::logged_in(app, &candidate.user, right).await;
        if right {
            let mut connection = app.pool.acquire().await?;
            let session = session::open(
                &mut connection,
                &candidate.user,
                candidate.membership.as_deref(),
            )
            .await?;
            return Ok(Some(Entered {
                session,
                user: candidate.user,
                email: email.to_owned(),
                name: candidate.name,
                tenant,
                role: candidate.role,
            }));
        }
    }
    Ok(None)
}

/// People of that e-mail who may enter the tenant, those at home there first.
async fn candidates(
    app: &App,
    email: &str,
    tenant: Option<&Tenant>,
) -> Result<Vec<Candidate>, ApiError> {
    let place = match tenant {
        Some(_) if app.fault(Fault::LoginIgnoresHost) => {
            "m.\"id\" IS NOT NULL AND $2::text IS NOT NULL".to_owned()
        }
        Some(_) => "m.\"tenantId\" = $2".to_owned(),
        None => "u.\"tenantId\" IS NULL AND $2::text IS NULL AND m.\"id\" IS NULL".to_owned(),
    };
    let joined = if tenant.is_some() {
        live_membership(app)
    } else {
        "FALSE"
    };
    let sql = format!(
        r#"SELECT u."id", u."name", u."passwordHash", m."id", coalesce(m."role", u."role")::text
           FROM "User" u LEFT JOIN "TenantMembership" m ON m."userId" = u."id" AND {joined}
           WHERE lower(u."email") = lower($1) AND u."status" = 'ACTIVE' AND {place}
           ORDER BY u."tenantId" IS NOT DISTINCT FROM $2 DESC, u."createdAt", u."id" LIMIT 20"#
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(email)
        .bind(tenant.map(|tenant| tenant.id.as_str()))
        .fetch_all(&app.pool)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Candidate {
                user: row.try_get(0)?,
                name: row.try_get(1)?,
                hash: row.try_get(2)?,
                membership: row.try_get(3)?,
                role: Role::parse(row.try_get(4)?).unwrap_or(Role::Client),
            })
        })
        .collect::<Result<_, sqlx::Error>>()
        .map_err(Into::into)
}

/// The answer of a log-in or switch: token, who, where, and the cookie.
pub(super) fn credentials(app: &App, entered: &Entered) -> Result<Response, ApiError> {
    let claims = entered.claims();
    let token = entered.token(app)?;
    let cookie = TenantCookie {
        tenant: claims.tenant_id,
        user: claims.sub,
        expires: claims.exp,
    };
    let user = json!({ "id": entered.user, "email": entered.email, "name": entered.name });
    let tenant = entered
        .tenant
        .as_ref()
        .map(|tenant| json!({ "id": tenant.id, "slug": tenant.slug, "name": tenant.name }));
    let body = json!({ "token": token, "user": user, "tenant": tenant, "role": entered.role });
    Ok((
        [(header::SET_COOKIE, cookie.header(app))],
        json_text(body.to_string()),
    )
        .into_response())
}

/// Ends the session.
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth", responses((status = 204)))]
async fn logout(caller: Caller) -> Result<StatusCode, ApiError> {
    let mut connection = caller.app.pool.acquire().await?;
    session::revoke(&mut connection, &caller.session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Founds a firm, on the base domain.
#[utoipa::path(post, path = "/api/auth/signup", tag = "auth", security(()), request_body = SignUp,
    responses((status = 201, body = Object), (status = 409, body = Problem)))]
async fn signup(
    State(app): State<Shared>,
    headers: HeaderMap,
    uri: Uri,
    Json(body): Json<SignUp>,
) -> Result<Response, ApiError> {
    if host::of(&app, &headers, &uri) != Addressed::Apex {
        return Err(ApiError::not_found());
    }
    if body.password.len() < 8 {
        return Err(ApiError::bad_request("the password needs eight characters"));
    }
    let (tenant, user) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
    let mut transaction = app.pool.begin().await?;
    let mut sql = Sql::new(r#"INSERT INTO "Tenant" ("id", "slug", "name") VALUES ("#);
    sql.arg(&tenant)
        .add(", ")
        .arg(&body.slug)
        .add(", ")
        .arg(&body.firm)
        .add(")");
    sql.run(&mut *transaction).await?;
    let mut sql = Sql::new(
        r#"INSERT INTO "User" ("id", "tenantId", "email", "name", "passwordHash", "role") VALUES ("#,
    );
    sql.arg(&user)
        .add(", ")
        .arg(&tenant)
        .add(", ")
        .arg(&body.email)
        .add(", ")
        .arg(&body.name)
        .add(", ");
    sql.arg(password::hash(&body.password)).add(", 'ADMIN')");
    sql.run(&mut *transaction).await?;
    let mut sql =
        Sql::new(r#"INSERT INTO "TenantMembership" ("id", "userId", "tenantId", "role") VALUES ("#);
    sql.arg(Uuid::new_v4())
        .add(", ")
        .arg(&user)
        .add(", ")
        .arg(&tenant)
        .add(", 'ADMIN')");
    sql.run(&mut *transaction).await?;
    transaction.commit().await?;
    let body = json!({ "tenant": { "id": tenant, "slug": body.slug, "name": body.firm }, "user": { "id": user, "email": body.email } });
    Ok((StatusCode::CREATED, json_text(body.to_string())).into_response())
}
