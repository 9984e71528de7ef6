//! A tiny target that registers people and makes clubs.

use std::time::Duration;

use serde_json::{Value as Json, json};
use sqlx::{Connection, PgConnection};

use crate::tiny;

/// The line that starts it; the database comes by the environment.
pub fn start() -> String {
    tiny::start("seed::target::serve")
}

#[test]
#[ignore = "not a test: the target of other tests"]
fn serve() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    tiny::serve(|request| {
        let answered = answer(&request.path, request.bearer(), &request.body);
        let (status, json) = runtime.block_on(answered);
        (status, json.to_string())
    });
}

async fn answer(path: &str, bearer: &str, body: &Json) -> (u16, Json) {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let caller: i32 = bearer
        .strip_prefix("for-")
        .and_then(|id| id.parse().ok())
        .unwrap_or(0);
    let mut database = match std::env::var("TINY_TARGET_DATABASE") {
        Ok(url) if path != "/health" => PgConnection::connect(&url).await.unwrap(),
        _ => return (200, json!({})),
    };
    match path {
        "/register" => {
            let id: i32 = sqlx::query_scalar("INSERT INTO users (email, password_hash) VALUES ($1, 'hash of ' || $2) RETURNING id")
                .bind(text("email"))
                .bind(text("password"))
                .fetch_one(&mut database)
                .await
                .unwrap();
            (201, json!({ "id": id }))
        }
        // As frameworks do that commit when they have answered.
        "/register-late" => {
            let sql = "INSERT INTO users (email, password_hash) VALUES ($1, 'hash of ' || $2)";
            sqlx::raw_sql("BEGIN").execute(&mut database).await.unwrap();
            let insert = sqlx::query(sql).bind(text("email")).bind(text("password"));
            insert.execute(&mut database).await.unwrap();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(300)).await;
                sqlx::raw_sql("COMMIT")
                    .execute(&mut database)
                    .await
                    .unwrap();
            });
            (201, json!({}))
        }
        "/login" => {
            let id: Option<i32> = sqlx::query_scalar(
                "SELECT id FROM users WHERE email = $1 AND password_hash = 'hash of ' || $2",
            )
            .bind(text("email"))
            .bind(text("password"))
            .fetch_optional(&mut database)
            .await
            .unwrap();
            id.map_or((401, json!({})), |id| {
                (200, json!({ "token": format!("for-{id}") }))
            })
        }
        "/clubs" if caller > 0 => {
            let id: i32 = sqlx::query_scalar("INSERT INTO clubs (slug) VALUES ($1) RETURNING id")
                .bind(text("slug"))
                .fetch_one(&mut database)
                .await
                .unwrap();
            sqlx::query(
                "INSERT INTO club_members (club_id, user_id, role) VALUES ($1, $2, 'owner')",
            )
            .bind(id)
            .bind(caller)
            .execute(&mut database)
            .await
            .unwrap();
            (201, json!({ "id": id }))
        }
        "/members" if caller > 0 => {
            sqlx::query("INSERT INTO club_members (club_id, user_id, role) SELECT $1, id, $3 FROM users WHERE email = $2")
                .bind(i32::try_from(body["club"].as_str().and_then(|c| c.parse::<i64>().ok()).unwrap()).unwrap())
                .bind(text("email"))
                .bind(text("role"))
                .execute(&mut database)
                .await
                .unwrap();
            (201, json!({}))
        }
        "/matches" if caller > 0 => {
            sqlx::query("INSERT INTO matches (club_id, title) SELECT club_id, $2 FROM club_members WHERE user_id = $1")
                .bind(caller)
                .bind(text("title"))
                .execute(&mut database)
                .await
                .unwrap();
            (201, json!({}))
        }
        // A target that makes its tables when they are first needed.
        "/referees" if caller > 0 => {
            sqlx::raw_sql(
                "CREATE TABLE IF NOT EXISTS referees (id serial PRIMARY KEY, club_id int NOT NULL REFERENCES clubs, name text NOT NULL, grade text NOT NULL);
                 CREATE TABLE IF NOT EXISTS whistles (id serial PRIMARY KEY, referee_id int NOT NULL REFERENCES referees, engraving text NOT NULL)",
            )
            .execute(&mut database)
            .await
            .unwrap();
            (201, json!({}))
        }
        _ => (403, json!({})),
    }
}
