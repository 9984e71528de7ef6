//! A tiny target that answers many calls at once, and minds, in one of several ways, when they come at once.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value as Json, json};
use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sqlx::{AssertSqlSafe, Row};

use crate::tiny::{self, Request};

/// How long it works on a request: long enough for others to come meanwhile.
const WORK: Duration = Duration::from_millis(8);

/// The line that starts it; database, way and log come by the environment.
pub fn start() -> String {
    tiny::start("engine::crowd::serve")
}

#[test]
#[ignore = "not a test: the target of other tests"]
fn serve() {
    let Ok(url) = std::env::var("TINY_TARGET_DATABASE") else {
        return;
    };
    let way = std::env::var("TINY_TARGET_WAY").unwrap_or_default();
    log("started");
    let url = if way.contains("remembers") {
        remembered(url)
    } else {
        url
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let pool = runtime.block_on(async {
        let options = PgPoolOptions::new().max_connections(8);
        options.connect_lazy(&url).unwrap()
    });
    let server = Server {
        way,
        pool,
        sessions: Mutex::default(),
        current: Mutex::default(),
    };
    tiny::serve_at_once(|request| {
        let (status, header, json) = runtime.block_on(server.answer(request));
        log(&format!("{status} {} {}", request.method, request.path));
        (status, header, json.to_string())
    });
}

/// The database that the first of all targets was given: the others do not look at what they are given.
fn remembered(given: String) -> String {
    let path = std::env::var("TINY_TARGET_LOG").unwrap() + ".database";
    std::fs::read_to_string(&path).unwrap_or_else(|_| {
        std::fs::write(&path, &given).unwrap();
        given
    })
}

fn log(line: &str) {
    let path = std::env::var("TINY_TARGET_LOG").unwrap();
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.unwrap()
        .write_all(format!("{line}\n").as_bytes())
        .unwrap();
}

struct Server {
    way: String,
    pool: PgPool,
    sessions: Mutex<HashMap<String, Session>>,
    /// The tenant of the request that is being worked on: wrong as soon as there are two.
    current: Mutex<i32>,
}

#[derive(Default)]
struct Session {
    org: i32,
    in_flight: usize,
    /// The newest token that an unsafe call must carry, by number.
    token: usize,
}

type Answer = (u16, String, Json);

fn answer(status: u16, json: Json) -> Answer {
    (status, String::new(), json)
}

impl Server {
    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.sessions.lock().unwrap()
    }

    async fn answer(&self, request: &Request) -> Answer {
        match request.path.as_str() {
            "/health" => answer(200, json!({})),
            "/login" => self.log_in(&request.body).await,
            _ => self.within(request).await,
        }
    }

    async fn log_in(&self, body: &Json) -> Answer {
        let found = sqlx::query_scalar("SELECT org_id FROM users WHERE email = $1")
            .bind(body["email"].as_str().unwrap_or_default())
            .fetch_optional(&self.pool);
        let Some(org) = found.await.unwrap() else {
            return answer(401, json!({}));
        };
        let mut sessions = self.sessions();
        let token = format!("session-{}-of-{org}", sessions.len());
        let session = Session {
            org,
            ..Session::default()
        };
        sessions.insert(token.clone(), session);
        (200, "x-csrf: 0\r\n".into(), json!({ "token": token }))
    }

    /// Refuses, by its way, calls that come at once or with an old token.
    async fn within(&self, request: &Request) -> Answer {
        let (org, beside, header) = {
            let mut sessions = self.sessions();
            let Some(session) = sessions.get_mut(request.bearer()) else {
                return answer(401, json!({ "error": "log in" }));
            };
            session.in_flight += 1;
            let expected = session.token.to_string();
            session.token += usize::from(self.way.contains("token"));
            let header = format!("x-csrf: {}\r\n", session.token);
            let safe = matches!(request.method.as_str(), "GET" | "HEAD");
            if self.way.contains("token") && !safe && request.header("x-csrf") != expected {
                session.in_flight -= 1;
                return (403, header, json!({ "error": "the token is old" }));
            }
            (session.org, session.in_flight > 1, header)
        };
        let answered = match self.way.as_str() {
            way if beside && way.contains("throttles") => {
                (429, "retry-after: 60\r\n".into(), json!({}))
            }
            way if beside && way.contains("busy") => answer(409, json!({ "error": "busy" })),
            _ => {
                let (status, json) = self.by_rows(request, org).await;
                (status, header, json)
            }
        };
        if let Some(session) = self.sessions().get_mut(request.bearer()) {
            session.in_flight -= 1;
        }
        answered
    }

    async fn by_rows(&self, request: &Request, mut org: i32) -> (u16, Json) {
        let path = request.path.split('?').next().unwrap_or_default();
        let (on, path) = shelf(path);
        let believes = self.way.contains("believes") && self.way.contains(on);
        if let (true, Ok(named)) = (believes, request.header("x-org-id").parse()) {
            org = named;
        }
        *self.current.lock().unwrap() = org;
        tokio::time::sleep(WORK).await;
        let current = *self.current.lock().unwrap();
        if self.way.contains("global") && current != org && self.crosses() {
            org = current;
        }
        let id = path.strip_prefix("/items/");
        let body = |field: &str| request.body[field].as_str().map(str::to_owned);
        let sql = match (request.method.as_str(), id) {
            ("GET" | "HEAD", None) => "SELECT * FROM items WHERE org_id = $1 ORDER BY id",
            ("GET" | "HEAD", Some(_)) => "SELECT * FROM items WHERE org_id = $1 AND id = $2",
            ("POST", None) => {
                "INSERT INTO items (org_id, name, note) VALUES ($1, $3, $4) RETURNING *"
            }
            ("PATCH", Some(_)) => {
                "UPDATE items SET name = coalesce($3, name) WHERE org_id = $1 AND id = $2 RETURNING *"
            }
            ("DELETE", Some(_)) => "DELETE FROM items WHERE org_id = $1 AND id = $2 RETURNING *",
            _ => return (405, json!({})),
        };
        if request.method == "POST" && (body("name").is_none() || body("note").is_none()) {
            return (422, json!({ "error": "name and note are needed" }));
        }
        let rows = self
            .rows(
                sql,
                org,
                id.and_then(|id| id.parse().ok()),
                [body("name"), body("note")],
            )
            .await;
        match (rows.first(), id) {
            (_, None) if request.method != "POST" => {
                (200, rows.iter().map(item).collect::<Vec<_>>().into())
            }
            (Some(row), _) => (200, item(row)),
            (None, _) => (404, json!({ "error": "no such item" })),
        }
    }

    /// Whether it may take another's tenant for its own: always, or once for all that ever start.
    fn crosses(&self) -> bool {
        let mark = std::env::var("TINY_TARGET_LOG").unwrap() + ".once";
        let first = || OpenOptions::new().write(true).create_new(true).open(mark);
        !self.way.contains("once") || first().is_ok()
    }

    async fn rows(
        &self,
        sql: &str,
        org: i32,
        id: Option<i32>,
        [name, note]: [Option<String>; 2],
    ) -> Vec<PgRow> {
        // Each statement is given all four, whichever it uses: they are named before it.
        let sql = format!("WITH given AS (SELECT $1::int, $2::int, $3::text, $4::text) {sql}");
        sqlx::query(AssertSqlSafe(sql))
            .bind(org)
            .bind(id)
            .bind(name)
            .bind(note)
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

/// The shelf that a path begins with, where it does, and the rest: all shelves hold the same.
fn shelf(path: &str) -> (&str, &str) {
    let rest = path.strip_prefix("/shelf-");
    let end = rest.and_then(|rest| rest.find('/'));
    end.map_or(("", path), |end| path.split_at("/shelf-".len() + end))
}

fn item(row: &PgRow) -> Json {
    json!({
        "id": row.get::<i32, _>("id"),
        "name": row.get::<String, _>("name"),
        "note": row.get::<String, _>("note"),
    })
}
