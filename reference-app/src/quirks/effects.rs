//! What the quirks do. Each is odd and lets nothing cross.
use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use serde_json::{Value, json};
use sqlx::PgConnection;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::Quirk;
use crate::{
    app::{App, Shared},
    http::{error::ApiError, listing::Listing},
    store::{Resource, Sql},
    tenancy::{TenantContext, session::Tenant},
};

/// How long after the answer a late commit comes.
pub(crate) const DELAY: Duration = Duration::from_millis(50);
/// Rows of a short page.
pub(crate) const SHORT_PAGE: i64 = 5;
/// The workers.
const WORKERS: [&str; 2] = ["granite", "basalt"];
/// How long after the answer a write is noted.
const LATE: Duration = Duration::from_millis(60);
/// Words of a fixed drop-down; a firm's default category is one of them, so that often only one firm uses a word.
pub(crate) const WORDS: [&str; 8] = [
    "aerial survey fees",
    "archive boxes",
    "bindery work",
    "court stamps",
    "dredging permits",
    "escrow charges",
    "ferry tickets",
    "guild dues",
];

/// Whether writes are answered first and committed later.
pub(crate) fn commits_late(ctx: &TenantContext) -> bool {
    ctx.app.quirk(Quirk::AnswersBeforeCommit)
}

/// Leaves a message about a write in the outbox.
pub(crate) async fn written(
    ctx: &TenantContext,
    connection: &mut PgConnection,
) -> Result<(), ApiError> {
    if ctx.app.quirk(Quirk::Outbox) {
        let mut sql = Sql::new(r#"INSERT INTO "Outbox" ("topic", "payload") VALUES ('changed', "#);
        sql.arg(json!({ "tenant": ctx.tenant.id }).to_string())
            .add("::text::jsonb)");
        sql.run(connection).await?;
    }
    Ok(())
}

/// Notes a write in the writer's audit log, a while after its answer.
pub(crate) fn note_late(ctx: &TenantContext) {
    if !ctx.app.quirk(Quirk::NotesWritesLate) {
        return;
    }
    let (app, tenant) = (ctx.app.clone(), ctx.tenant.id.clone());
    tokio::spawn(async move {
        tokio::time::sleep(LATE).await;
        let mut sql =
            Sql::new(r#"INSERT INTO "AuditLog" ("id", "tenantId", "action", "entity") VALUES ("#);
        sql.arg(Uuid::new_v4()).add(", ").arg(tenant.as_str());
        sql.add(", 'noted', 'Tenant')");
        attempt(sql, &app).await;
    });
}

/// Remembers a search, in a table that the first one makes.
pub(crate) async fn searched(ctx: &TenantContext, listing: &Listing) {
    let Some(words) = listing
        .get("q")
        .filter(|_| ctx.app.quirk(Quirk::TablesOnFirstUse) && !ctx.unfiltered)
    else {
        return;
    };
    attempt(Sql::new("SELECT ensure_search_history()::text"), &ctx.app).await;
    let mut sql = Sql::new(r#"INSERT INTO "SearchHistory" ("tenantId", "words") VALUES ("#);
    sql.arg(ctx.tenant.id.as_str())
        .add(", ")
        .arg(words)
        .add(")");
    attempt(sql, &ctx.app).await;
}

/// How an id that is not there is refused, foreign or not.
pub(crate) fn refusal(
    ctx: &TenantContext,
    resource: &Resource,
    id: &str,
    usual: ApiError,
) -> ApiError {
    let app = &ctx.app;
    let mut error = match resource.table {
        "Booking" if app.quirk(Quirk::RefusesWith400) => ApiError::bad_request("no such booking"),
        "Task" if app.quirk(Quirk::RefusesWith401) => ApiError::unauthorized(),
        "ServiceRequest" if app.quirk(Quirk::RefusesWithEmptyList) => ApiError {
            status: StatusCode::OK,
            body: json!({ "items": [], "total": 0, "page": 1, "pageSize": 20 }),
        },
        _ => usual,
    };
    if app.quirk(Quirk::EchoesId)
        && let Value::Object(body) = &mut error.body
    {
        body.insert("id".to_owned(), json!(id));
    }
    error
}

/// Notes that a foreigner was refused, in the audit log of the tenant that was addressed; not who: that is another firm's.
pub(crate) async fn refused_foreigner(app: &App, addressed: Option<&Tenant>) {
    let Some(tenant) = addressed.filter(|_| app.quirk(Quirk::AuditsRefusedAttacker)) else {
        return;
    };
    let mut sql =
        Sql::new(r#"INSERT INTO "AuditLog" ("id", "tenantId", "action", "entity") VALUES ("#);
    sql.arg(Uuid::new_v4()).add(", ").arg(tenant.id.as_str());
    sql.add(", 'refused', 'Tenant')");
    attempt(sql, app).await;
}

/// Notes when a session was last used.
pub(crate) async fn touch_session(app: &App, session: &str) {
    if app.quirk(Quirk::SessionTouch) {
        let mut sql = Sql::new(r#"UPDATE "Session" SET "lastSeenAt" = now() WHERE "id" = "#);
        sql.arg(session);
        attempt(sql, app).await;
    }
}

/// Notes a log-in, or a failed one, at the user's row.
pub(crate) async fn logged_in(app: &App, user: &str, success: bool) {
    if app.quirk(Quirk::LoginColumns) {
        let change = if success {
            r#""lastLoginAt" = now(), "failedLoginAttempts" = 0"#
        } else {
            r#""failedLoginAttempts" = "failedLoginAttempts" + 1"#
        };
        let mut sql = Sql::new(format!(r#"UPDATE "User" SET {change} WHERE "id" = "#));
        sql.arg(user);
        attempt(sql, app).await;
    }
}

/// Wraps every request: counters before it, compression and volatile fields after it.
pub(crate) async fn around(State(app): State<Shared>, request: Request, next: Next) -> Response {
    if app.quirk(Quirk::GlobalCounter) {
        let sql = r#"INSERT INTO "RequestCounter" VALUES ('all', 1) ON CONFLICT ("name") DO UPDATE SET "hits" = "RequestCounter"."hits" + 1"#;
        attempt(Sql::new(sql), &app).await;
    }
    if app.quirk(Quirk::RateLimitTable) {
        let sql = r#"INSERT INTO "RateLimit" VALUES (to_char(now(), 'HH24:MI'), 1)
                     ON CONFLICT ("bucket") DO UPDATE SET "hits" = "RateLimit"."hits" + 1, "resetAt" = now()"#;
        attempt(Sql::new(sql), &app).await;
    }
    if app.quirk(Quirk::CleansUpExpired) {
        attempt(
            Sql::new(r#"DELETE FROM "Session" WHERE "expiresAt" < now()"#),
            &app,
        )
        .await;
        attempt(
            Sql::new(r#"DELETE FROM "IdempotencyKey" WHERE "expiresAt" < now()"#),
            &app,
        )
        .await;
    }
    let document = request.uri().path() == "/openapi.json";
    let list = !request.uri().path().ends_with(|c: char| c.is_ascii_digit());
    let mut response = next.run(request).await;
    // What says that it must not be kept is never touched.
    let kept = response.headers().get(header::CACHE_CONTROL);
    let kept = kept.is_none_or(|control| control != "no-store");
    if kept && app.quirk(Quirk::KeptByTheCaller) {
        let (control, vary) = if list {
            ("private, max-age=5", "Accept")
        } else {
            ("public, no-cache", "Authorization, Cookie")
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(control));
        headers.insert(header::VARY, HeaderValue::from_static(vary));
    }
    let rewrites = [
        Quirk::GzipUnasked,
        Quirk::VolatileAnswers,
        Quirk::NamesWorker,
    ];
    if document || !rewrites.iter().any(|quirk| app.quirk(*quirk)) {
        return response;
    }
    rewrite(&app, response).await
}

async fn rewrite(app: &App, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(mut bytes) = to_bytes(body, usize::MAX).await.map(|bytes| bytes.to_vec()) else {
        return Response::from_parts(parts, Body::empty());
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    if app.quirk(Quirk::NamesWorker) {
        let worker = WORKERS[usize::from(rand::random::<bool>())];
        let name = HeaderValue::from_static(worker);
        parts.headers.insert("x-served-by", name);
        if let Ok(Value::Object(mut body)) = serde_json::from_slice(&bytes) {
            body.insert("worker".to_owned(), json!(worker));
            bytes = Value::Object(body).to_string().into_bytes();
        }
    }
    if app.quirk(Quirk::VolatileAnswers)
        && let Ok(Value::Object(mut body)) = serde_json::from_slice(&bytes)
    {
        body.insert("servedAt".to_owned(), json!(crate::tenancy::now()));
        body.insert("nonce".to_owned(), json!(rand::random::<u32>()));
        bytes = Value::Object(body).to_string().into_bytes();
    }
    if app.quirk(Quirk::GzipUnasked) && !bytes.is_empty() {
        parts
            .headers
            .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        bytes = gzip(&bytes).unwrap_or_default();
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The worker, which ends with what holds it.
pub(crate) struct Worker(JoinHandle<()>);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts the worker that empties the outbox and notes a synchronisation at one tenant after another.
pub(crate) fn start_worker(app: &Shared) -> Option<Worker> {
    if !app.quirk(Quirk::BackgroundWorker) {
        return None;
    }
    let app = app.clone();
    Some(Worker(tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            attempt(
                Sql::new(
                    r#"UPDATE "Outbox" SET "processedAt" = now() WHERE "processedAt" IS NULL"#,
                ),
                &app,
            )
            .await;
            let least = r#"SELECT "id" FROM "IntegrationSettings" ORDER BY "lastSyncAt" NULLS FIRST LIMIT 1"#;
            attempt(Sql::new(format!(r#"UPDATE "IntegrationSettings" SET "lastSyncAt" = now() WHERE "id" = ({least})"#)), &app).await;
        }
    })))
}

/// Runs a side statement; its failure is logged and changes no answer.
async fn attempt(sql: Sql, app: &App) {
    if let Err(error) = sql.run(&app.pool).await {
        tracing::warn!(%error, "side statement");
    }
}
