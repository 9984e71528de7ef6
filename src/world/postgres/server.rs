//! A Postgres server that answers: how to reach it, what it can do, and sessions on it.

use std::fmt;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Row};

use super::{Cluster, locale, reap};
use crate::target::description::Database;
use crate::world::container::{Contained, Engine};
use crate::world::error::WorldError;
use crate::world::run::Run;

/// The oldest major version whose `pgoutput` and DROP DATABASE … FORCE we rely on.
const OLDEST: u32 = 14;

/// How long the clean-up on another's server may take when nobody called for it in time.
const NET: Duration = Duration::from_secs(8);

/// A server.
pub struct Server {
    /// Host as clients name it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The role that partywall connects as.
    pub user: String,
    /// That role's password.
    pub password: String,
    /// How sessions are opened, without a database.
    pub options: PgConnectOptions,
    /// A pool on the maintenance database.
    pub admin: PgPool,
    /// What the server and our role can do.
    pub powers: Powers,
    /// In front of every name that we make there.
    pub prefix: String,
    /// `local binaries in /usr/lib/postgresql/15/bin`.
    pub origin: String,
    /// Why it was chosen.
    pub reason: Option<String>,
    /// What runs it, where it is ours.
    pub ours: Option<Ours>,
    /// How the target's container reaches it, where it can.
    pub inside: Option<Inside>,
    ended: bool,
}

/// What runs a server of ours.
#[derive(Debug)]
pub enum Ours {
    /// Binaries of this machine.
    Cluster(Cluster),
    /// A container, with the network that it stands on.
    Container {
        /// The container.
        contained: Box<Contained>,
        /// Its engine.
        engine: Engine,
        /// What the names of all containers and networks of this run begin with.
        prefix: String,
    },
}

/// A server as containers see it that share its network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// The network.
    pub network: String,
    /// The server's name there.
    pub host: String,
    /// Its port there.
    pub port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.ended || self.ours.is_some() {
            // What is ours has a net of its own.
            return;
        }
        let (options, prefix) = (self.on_maintenance(), self.prefix.clone());
        // Dropping may happen inside a runtime, which cannot be blocked on: another thread brings its own.
        let cleaner = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .ok()?;
            runtime.block_on(async {
                let work = async {
                    let admin = PgPoolOptions::new().connect_with(options).await.ok()?;
                    reap::remove(&admin, &prefix).await.ok()
                };
                tokio::time::timeout(NET, work).await.ok()?
            })
        });
        // What is left over is dropped by the next run.
        let _left_for_the_next_run = cleaner.join();
    }
}

/// What a server and our role on it can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Powers {
    /// `15.18`.
    pub version: String,
    /// `15`.
    pub major: u32,
    /// Superusers may stream, trigger on DDL, and write under the replica role.
    pub superuser: bool,
    /// `wal_level` is `logical`.
    pub logical: bool,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("powers", &self.powers)
            .finish_non_exhaustive()
    }
}

/// The form in which every session of ours shows values: the same as in the row stream.
pub const FORM: [(&str, &str); 7] = [
    ("datestyle", "ISO,YMD"),
    ("intervalstyle", "postgres"),
    ("timezone", "UTC"),
    ("bytea_output", "hex"),
    ("extra_float_digits", "1"),
    ("lc_monetary", "C"),
    ("synchronous_commit", "on"),
];

/// Nothing of ours waits for ever: neither for a lock that the target holds, nor for a statement.
const BOUNDS: [(&str, &str); 2] = [("lock_timeout", "20s"), ("statement_timeout", "180s")];

/// Options with that form and a name that tells our sessions from the target's.
pub fn connect_options(base: PgConnectOptions, application: &str) -> PgConnectOptions {
    base.application_name(application)
        .extra_float_digits(1)
        .options(FORM)
        .options(BOUNDS)
}

impl Server {
    /// Asks a server that answers what it can do.
    pub async fn meet(
        options: PgConnectOptions,
        (user, password): (String, String),
        prefix: String,
        origin: String,
    ) -> Result<Self, WorldError> {
        let admin = PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            .connect_with(connect_options(options.clone(), &application(&prefix)))
            .await
            .map_err(WorldError::database("connect to the server"))?;
        let row = sqlx::query(
            "SELECT current_setting('server_version') AS version, \
                    current_setting('server_version_num')::int4 AS number, \
                    r.rolsuper AS superuser, r.rolcreatedb AND r.rolcreaterole AS creates, \
                    current_setting('wal_level') = 'logical' AS logical \
             FROM pg_roles r WHERE r.rolname = current_user",
        )
        .fetch_one(&admin)
        .await
        .map_err(WorldError::database("ask the server what it can do"))?;
        let number: i32 = row.get("number");
        let version: String = row.get("version");
        let powers = Powers {
            version: version.split(' ').next().unwrap_or_default().to_owned(),
            major: u32::try_from(number / 10_000).unwrap_or_default(),
            superuser: row.get("superuser"),
            logical: row.get("logical"),
        };
        if !powers.superuser && !row.get::<bool, _>("creates") {
            return Err(WorldError::Unfit(format!(
                "role `{user}` may create neither databases nor roles: give it CREATEDB and CREATEROLE, or SUPERUSER"
            )));
        }
        Ok(Self {
            host: options.get_host().to_owned(),
            port: options.get_port(),
            user,
            password,
            options,
            admin,
            powers,
            prefix,
            origin,
            reason: None,
            ours: None,
            inside: None,
            ended: false,
        })
    }

    /// The same, with why it was chosen.
    #[must_use]
    pub fn because(mut self, reason: &str) -> Self {
        self.reason = Some(reason.to_owned());
        self
    }

    /// Refuses early what would fail late.
    pub async fn fits(&self, wanted: &Database) -> Result<(), WorldError> {
        let least = wanted.version.unwrap_or(OLDEST).max(OLDEST);
        if self.powers.major < least {
            return Err(WorldError::Unfit(format!(
                "it is version {}, and {least} is the oldest that will do",
                self.powers.version
            )));
        }
        for extension in &wanted.extensions {
            let there: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = $1)",
            )
            .bind(extension)
            .fetch_one(&self.admin)
            .await
            .map_err(WorldError::database("look for extensions"))?;
            if !there {
                return Err(WorldError::Unfit(format!(
                    "it lacks the extension `{extension}`: install the package that brings it for version {}",
                    self.powers.major
                )));
            }
        }
        match &wanted.timezone {
            Some(zone) => locale::knows_zone(self, zone).await,
            None => Ok(()),
        }
    }

    /// What our sessions call themselves.
    pub fn application(&self) -> String {
        application(&self.prefix)
    }

    /// The database that the server was named with.
    pub fn maintenance(&self) -> &str {
        self.options.get_database().unwrap_or(&self.user)
    }

    fn on_maintenance(&self) -> PgConnectOptions {
        connect_options(self.options.clone(), &self.application())
    }

    /// Options for a session of ours on a database.
    pub fn on(&self, database: &str) -> PgConnectOptions {
        connect_options(self.options.clone(), &self.application()).database(database)
    }

    /// Removes what dead runs left where this server stands; says what.
    pub async fn reap(&self) -> Result<Vec<String>, WorldError> {
        match &self.ours {
            None => reap::reap(&self.admin).await,
            Some(Ours::Cluster(_)) => Ok(Vec::new()),
            Some(Ours::Container { engine, .. }) => engine.reap().await,
        }
    }

    /// Ends a server of ours; on another's server, drops all that we made there.
    pub async fn end(&mut self, run: &Run) -> Result<(), WorldError> {
        if let Some(ours) = self.ours.take() {
            self.admin.close().await;
            self.ended = true;
            return match ours {
                Ours::Cluster(cluster) => cluster.end(run).await,
                Ours::Container {
                    contained,
                    engine,
                    prefix,
                } => {
                    let ended = contained.end().await;
                    ended.and(engine.remove(&prefix).await.map(|_| ()))
                }
            };
        }
        let removed = reap::remove(&self.admin, &self.prefix).await;
        self.admin.close().await;
        self.ended = removed.is_ok();
        removed.map(|_| ())
    }

    /// A pool on a database.
    pub async fn pool(&self, database: &str, size: u32) -> Result<PgPool, WorldError> {
        PgPoolOptions::new()
            .max_connections(size)
            .acquire_timeout(Duration::from_secs(20))
            .test_before_acquire(false)
            .connect_with(self.on(database))
            .await
            .map_err(WorldError::database(format!("connect to `{database}`")))
    }
}

fn application(prefix: &str) -> String {
    format!("{prefix}_world")
}
