//! What the tests share: a private Postgres, a seeded database, running applications.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod http;
pub mod log;
pub mod postgres;
pub mod seed;

use std::{collections::BTreeMap, net::TcpListener, time::Duration};

use reference_app::{
    Settings,
    faults::{Fault, Setup},
    serve,
};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::task::JoinHandle;

pub use http::Answer;
pub use postgres::Postgres;

pub const JWT_SECRET: &str = "a-secret-for-tests-only";
pub const COOKIE_SECRET: &str = "another-secret-for-tests";
/// A pair of keys for tests only.
pub const PRIVATE_KEY: &str = include_str!("keys/private.pem");
pub const PUBLIC_KEY: &str = include_str!("keys/public.pem");
/// A base domain of two labels.
pub const PARENT_DOMAIN: &str = "firms.localhost";
/// The header that names a firm where the host does not.
pub const TENANT_HEADER: &str = "X-Firm";

/// Somebody who calls: on a host, with a token or without.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    pub host: String,
    pub token: String,
    pub cookie: String,
}

impl Actor {
    /// The same credentials on another host.
    pub fn on(&self, host: &str) -> Self {
        Self {
            host: host.to_owned(),
            ..self.clone()
        }
    }

    /// The same host with another token.
    pub fn with(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }
}

/// A running application on a fresh copy of the seeded database.
pub struct App {
    port: u16,
    /// The domain whose subdomains are the firms' addresses.
    pub base: &'static str,
    /// Calls name the firm of their host in a header.
    by_header: bool,
    task: JoinHandle<()>,
    /// A superuser's view of the same database.
    pub url: String,
}

impl App {
    /// Starts one. The caller stops it.
    pub async fn start(postgres: &Postgres, faults: &[&str], quirks: &[&str]) -> Self {
        let database = postgres.copy_of_seed().await;
        Self::on_database(postgres, &database, faults, quirks).await
    }

    /// Starts one on a database that is there.
    pub async fn on_database(
        postgres: &Postgres,
        database: &str,
        faults: &[&str],
        quirks: &[&str],
    ) -> Self {
        let parent = |name: &&&str| {
            Fault::from_name(name).is_some_and(|fault| fault.setup() == Setup::ParentDomain)
        };
        let base = if faults.iter().find(parent).is_some() {
            PARENT_DOMAIN
        } else {
            "localhost"
        };
        Self::below(base, postgres, database, faults, quirks).await
    }

    /// Starts one whose firms have their addresses below a domain.
    pub async fn below(
        base: &'static str,
        postgres: &Postgres,
        database: &str,
        faults: &[&str],
        quirks: &[&str],
    ) -> Self {
        log::keep();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let needed = |setup: Setup| {
            let mut needs = faults.iter().filter_map(|name| Fault::from_name(name));
            needs.any(|fault| fault.setup() == setup)
        };
        let (by_header, by_keys) = (needed(Setup::TenantHeader), needed(Setup::KeyPair));
        let settings = Settings {
            jwt_private_key: by_keys.then(|| PRIVATE_KEY.to_owned()),
            jwt_public_key: by_keys.then(|| PUBLIC_KEY.to_owned()),
            tenant_header: by_header.then(|| TENANT_HEADER.to_ascii_lowercase()),
            keep_answers: false,
            now: None,
            listen: ([127, 0, 0, 1], port).into(),
            database_url: postgres.url("app_user", database),
            owner_database_url: Some(postgres.url("app_owner", database)),
            jwt_secret: JWT_SECRET.to_owned(),
            tenant_cookie_secret: COOKIE_SECRET.to_owned(),
            base_domain: base.to_owned(),
            faults: named(faults),
            quirks: named(quirks),
        };
        let task =
            tokio::spawn(async move { serve(settings).await.expect("the application serves") });
        let app = Self {
            port,
            base,
            by_header,
            task,
            url: postgres.url("postgres", database),
        };
        for _ in 0..500 {
            if http::reachable(port).await {
                return app;
            }
            assert!(!app.task.is_finished(), "the application stopped at start");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the application did not answer within five seconds");
    }

    /// Ends it.
    pub async fn stop(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    /// A call with extra headers.
    pub async fn send(
        &self,
        actor: &Actor,
        line: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut headers = headers.to_vec();
        if let Some((slug, _)) = actor.host.split_once('.').filter(|_| self.by_header) {
            headers.push((TENANT_HEADER, slug));
        }
        http::send(self.port, actor, line, &headers, body).await
    }

    /// A call without a body.
    pub async fn call(&self, actor: &Actor, line: &str) -> Answer {
        self.send(actor, line, &[], None).await
    }

    /// A call with a JSON body.
    pub async fn with(&self, actor: &Actor, line: &str, body: Value) -> Answer {
        self.send(actor, line, &[], Some(body)).await
    }

    /// A form, sent by a browser that holds the actor's cookie.
    pub async fn form(&self, actor: &Actor, line: &str, fields: &[(&str, &str)]) -> Answer {
        http::send_form(self.port, actor, line, &[], fields).await
    }

    /// A form with extra headers.
    pub async fn form_with(
        &self,
        actor: &Actor,
        line: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        http::send_form(self.port, actor, line, headers, fields).await
    }

    /// Logs in to the pages on a host; the cookie is empty if that was refused.
    pub async fn enter(&self, host: &str, firm: &str, email: &str) -> Actor {
        let nobody = Actor {
            host: host.to_owned(),
            ..Actor::default()
        };
        let fields = [
            ("firm", firm),
            ("email", email),
            ("password", seed::PASSWORD),
        ];
        let cookie = self.form(&nobody, "POST /login", &fields).await.cookie();
        Actor { cookie, ..nobody }
    }

    /// Logs in on a host; the token is empty if that was refused.
    pub async fn login(&self, host: &str, email: &str) -> Actor {
        let nobody = Actor {
            host: host.to_owned(),
            ..Actor::default()
        };
        let answer = self
            .with(
                &nobody,
                "POST /api/auth/login",
                json!({ "email": email, "password": seed::PASSWORD }),
            )
            .await;
        let token = answer.json()["token"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Actor {
            token,
            cookie: answer.cookie(),
            ..nobody
        }
    }

    /// One text out of the database.
    pub async fn sql(&self, statement: &str) -> String {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let found = sqlx::query_scalar::<_, Option<String>>(sqlx::AssertSqlSafe(format!(
            "SELECT ({statement})::text"
        )))
        .fetch_one(&mut connection)
        .await;
        let text = found.unwrap().unwrap_or_default();
        connection.close().await.unwrap();
        text
    }

    /// Runs a statement in the database.
    pub async fn execute(&self, statement: &str) {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }

    /// A sum over each table's rows of one tenant (and those of none).
    pub async fn checksums(&self, tenant: &str) -> BTreeMap<String, String> {
        let sums = seed::TABLES.map(|table| {
            format!(
                "'{table}', (SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \"{table}\" t \
                 WHERE coalesce(\"tenantId\", '{tenant}') = '{tenant}')"
            )
        });
        let text = self
            .sql(&format!("SELECT json_build_object({})", sums.join(", ")))
            .await;
        serde_json::from_str(&text).unwrap()
    }
}
