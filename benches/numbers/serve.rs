//! The fast target: this same bench, started again as a server that answers each request with one query. It keeps what it
//! was asked, so that the bare client can send the very same.

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response};
use serde_json::{Value as Json, json};
use sqlx::Row;
use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use uuid::Uuid;

use super::Failed;
use super::asked::Asked;

/// The argument that makes this bench a server.
pub const SERVE: &str = "serve";

/// Where what was asked is written to on request.
pub const KEPT: &str = "/asked";

/// How many notes a list shows: some 2 KB.
const LISTED: i64 = 8;

struct Server {
    pool: PgPool,
    asked: Mutex<Vec<Asked>>,
    /// The file that takes what was asked.
    file: String,
}

/// Serves until it is killed; port, database and file come by the environment.
pub fn run() -> Result<(), Failed> {
    let var = |name: &str| std::env::var(name).map_err(|e| format!("{name}: {e}"));
    let (port, url, file) = (
        var("NUMBERS_PORT")?.parse::<u16>()?,
        var("NUMBERS_DATABASE")?,
        var("NUMBERS_ASKED")?,
    );
    tokio::runtime::Runtime::new()?.block_on(async {
        let options = PgPoolOptions::new()
            .max_connections(8)
            .test_before_acquire(false);
        let server = Arc::new(Server {
            pool: options.connect_lazy(&url)?,
            asked: Mutex::default(),
            file,
        });
        let app = Router::new().fallback(answer).with_state(server);
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        axum::serve(listener, app).await?;
        Ok(())
    })
}

async fn answer(State(server): State<Arc<Server>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let path = parts.uri.path();
    if path == "/health" {
        return told(200, &json!({}), "");
    }
    if path == KEPT {
        return match server.write() {
            Ok(()) => told(200, &json!({}), ""),
            Err(error) => told(500, &json!({ "error": error.to_string() }), ""),
        };
    }
    let id = Uuid::new_v4().to_string();
    if path != "/login" {
        let asked = Asked::of(&parts, &body);
        server.lock().push(asked);
    }
    let json: Json = serde_json::from_slice(&body).unwrap_or(Json::Null);
    let (org, user) = session(&parts.headers).unzip();
    let method = parts.method.as_str();
    let answered = server.by_rows(method, path, org, &json).await;
    let (status, body) =
        answered.unwrap_or_else(|error| (500, json!({ "error": error.to_string() })));
    let line = json!({ "requestId": id, "tenantId": org, "userId": user, "status": status });
    // Whoever reads it may be gone.
    let _unread = writeln!(std::io::stdout(), "{line}");
    told(status, &body, &id)
}

impl Server {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Asked>> {
        let asked = self.asked.lock();
        asked.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> std::io::Result<()> {
        let text = serde_json::to_vec(&*self.lock())?;
        std::fs::write(&self.file, text)
    }

    async fn by_rows(
        &self,
        method: &str,
        path: &str,
        org: Option<i32>,
        body: &Json,
    ) -> Result<(u16, Json), sqlx::Error> {
        let text = |field: &str| body[field].as_str();
        if path == "/login" {
            let sql = "SELECT id, tenant_id FROM users WHERE email = $1";
            let found = sqlx::query(sql).bind(text("email").unwrap_or_default());
            let user = found.fetch_optional(&self.pool).await?;
            let token = |row: PgRow| {
                let (user, org): (i32, i32) = (row.get(0), row.get(1));
                (200, json!({ "token": format!("{org}-{user}-session") }))
            };
            return Ok(user.map_or((401, json!({})), token));
        }
        let Some(org) = org else {
            return Ok((401, json!({ "error": "log in" })));
        };
        // All shelves hold the same: they are there to be many routes.
        let place = path.strip_prefix("/shelf-").and_then(|p| p.split_once('/'));
        let Some((_, place)) = place else {
            return Ok((404, json!({ "error": "nothing here" })));
        };
        let id = place.strip_prefix("notes/").map(str::parse::<Uuid>);
        let id = match id.transpose() {
            Ok(id) if id.is_some() || matches!(place, "notes" | "three") => id,
            _ => return Ok((404, json!({ "error": "no such note" }))),
        };
        let (title, text) = (text("title"), text("text"));
        let rows = match (method, id) {
            ("GET" | "HEAD", None) => {
                let sql = "SELECT id::text, tenant_id, title, text FROM notes WHERE tenant_id = $1 ORDER BY id LIMIT $2";
                let rows = sqlx::query(sql)
                    .bind(org)
                    .bind(LISTED)
                    .fetch_all(&self.pool);
                let notes: Vec<Json> = rows.await?.iter().map(note).collect();
                return Ok((200, notes.into()));
            }
            ("GET" | "HEAD", Some(id)) => {
                let sql = "SELECT id::text, tenant_id, title, text FROM notes WHERE tenant_id = $1 AND id = $2::uuid";
                sqlx::query(sql)
                    .bind(org)
                    .bind(id.to_string())
                    .fetch_all(&self.pool)
            }
            ("PATCH", Some(id)) => {
                let sql = "UPDATE notes SET title = coalesce($3, title), text = coalesce($4, text) \
                           WHERE tenant_id = $1 AND id = $2::uuid RETURNING id::text, tenant_id, title, text";
                let query = sqlx::query(sql)
                    .bind(org)
                    .bind(id.to_string())
                    .bind(title)
                    .bind(text);
                query.fetch_all(&self.pool)
            }
            ("POST", None) => {
                let (Some(title), Some(text)) = (title, text) else {
                    return Ok((422, json!({ "error": "title and text are needed" })));
                };
                let times = if place == "three" { 3 } else { 1 };
                let sql = "INSERT INTO notes (tenant_id, title, text) SELECT $1, $2, $3 \
                           FROM generate_series(1, $4) RETURNING id::text, tenant_id, title, text";
                let query = sqlx::query(sql)
                    .bind(org)
                    .bind(title)
                    .bind(text)
                    .bind(times);
                query.fetch_all(&self.pool)
            }
            _ => return Ok((405, json!({}))),
        };
        let rows = rows.await?;
        let none = || (404, json!({ "error": "no such note" }));
        Ok(rows.first().map_or_else(none, |row| (200, note(row))))
    }
}

/// Tenant and user of a bearer token.
fn session(headers: &HeaderMap) -> Option<(i32, i32)> {
    let token = headers.get("authorization")?.to_str().ok()?;
    let mut parts = token.strip_prefix("Bearer ")?.split('-');
    let both = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (parts.next() == Some("session")).then_some(both)
}

fn note(row: &PgRow) -> Json {
    json!({
        "id": row.get::<String, _>("id"),
        "tenantId": row.get::<i32, _>("tenant_id"),
        "title": row.get::<String, _>("title"),
        "text": row.get::<String, _>("text"),
    })
}

fn told(status: u16, body: &Json, id: &str) -> Response<Body> {
    let response = Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("x-request-id", id)
        .body(Body::from(body.to_string()));
    response.unwrap_or_default()
}
