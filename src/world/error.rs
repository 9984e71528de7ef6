//! What can go wrong with the running parts of a run, each with what to do about it.

use std::path::PathBuf;
use std::time::Duration;

use crate::target::placeholder::PlaceholderError;

/// Why the world cannot be made, kept or ended.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// No backend gave a Postgres.
    #[error(
        "no postgres could be started: {tried}; install PostgreSQL 14 or later, start a container engine, or name a server in database.url"
    )]
    NoPostgres {
        /// Each backend with its reason.
        tried: String,
    },
    /// A backend that the settings name does not exist.
    #[error("unknown database backend `{0}`: use auto, local, container, url or download")]
    UnknownBackend(String),
    /// A server or target that must not be touched.
    #[error(
        "refusing to touch {0}: it is not on loopback; name its host in target.allow_hosts if it is yours to attack"
    )]
    NotAllowed(String),
    /// The description says how people use the target in a browser, and there is none.
    #[error(
        "no browser: {0}; install Chromium and its driver (on Debian: `apt-get install chromium chromium-driver`), name an image that has both in PARTYWALL_CHROMIUM_IMAGE, or leave the browser out with --no-browser"
    )]
    NoBrowser(String),
    /// No container engine answers.
    #[error(
        "no container engine answers: {0}; start one (`systemctl start docker`), or name it in DOCKER_HOST, and see that you may use it (`docker info`)"
    )]
    NoEngine(String),
    /// The engine did not do what it was asked for.
    #[error("the container engine could not {doing}: {what}")]
    Engine {
        /// What it was asked for.
        doing: String,
        /// What it says.
        what: String,
    },
    /// A container could not be started.
    #[error(
        "no container of the image `{image}` could be started: {what}; `docker pull {image}` shows whether the image can be had"
    )]
    Container {
        /// Its image.
        image: String,
        /// Why not.
        what: String,
    },
    /// The server lacks what the description asks for.
    #[error("the postgres server does not fit: {0}")]
    Unfit(String),
    /// Binaries could not be fetched.
    #[error(
        "postgres could not be downloaded: {0}; check the network, or install PostgreSQL 14 or later"
    )]
    Download(String),
    /// Postgres itself did not start.
    #[error("postgres did not start: {reason}\n{log}")]
    PostgresStart {
        /// Why.
        reason: String,
        /// The end of its log.
        log: String,
    },
    /// A statement of ours failed.
    #[error("database: could not {doing}: {source}")]
    Database {
        /// What was being done.
        doing: String,
        /// The driver's error.
        source: sqlx::Error,
    },
    /// A document cannot be had.
    #[error("the document {place} cannot be had: {what}")]
    Document {
        /// Where it should be.
        place: String,
        /// Why not.
        what: String,
    },
    /// SQL of the description failed.
    #[error("{key} of the description failed: {source}\n  {sql}")]
    Sql {
        /// Which key.
        key: String,
        /// The statement.
        sql: String,
        /// The driver's error.
        source: sqlx::Error,
    },
    /// A file or folder could not be handled.
    #[error("could not {doing} {path}: {source}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A program could not be started at all.
    #[error("could not start `{command}`: {source}")]
    Spawn {
        /// The command.
        command: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// A command line that no shell would split.
    #[error("`{0}` cannot be split into words: a quote is left open")]
    Words(String),
    /// A command ended badly.
    #[error("`{command}` {how}\n{output}")]
    Command {
        /// The command.
        command: String,
        /// `exited with 1`, `did not end within 60s`.
        how: String,
        /// The end of what it printed.
        output: String,
    },
    /// The target or a companion ended or did not become ready.
    #[error("{what} {how}\n{output}")]
    NotReady {
        /// `the target`, `service redis`.
        what: String,
        /// What was waited for, and what came instead.
        how: String,
        /// The end of its output.
        output: String,
    },
    /// A placeholder of the description could not be filled.
    #[error("{key}: {source}")]
    Placeholder {
        /// Which key.
        key: String,
        /// What is wrong with it.
        source: PlaceholderError,
    },
    /// A regular expression of the description does not parse.
    #[error("{key}: {source}")]
    Pattern {
        /// Which key.
        key: String,
        /// What is wrong with it.
        source: regex::Error,
    },
    /// The description says neither `start` nor `url`, or both, or something that does not go together.
    #[error("{0}")]
    Description(String),
    /// Somebody holds what we wait for.
    #[error("{waiting_for} did not come within {within:?}: held up by {blockers}")]
    Blocked {
        /// What we wait for.
        waiting_for: String,
        /// How long we waited.
        within: Duration,
        /// Who holds it: process id, role, application, state, query.
        blockers: String,
    },
    /// The row stream broke.
    #[error(
        "the stream of row changes broke: {0}; later changes are unknown, start anew with a fresh clone"
    )]
    Stream(String),
    /// A change that cannot be undone.
    #[error("cannot undo a change of {table}: {reason}; a fresh clone is needed")]
    Undo {
        /// The table.
        table: String,
        /// Why.
        reason: String,
    },
    /// The database was not frozen yet.
    #[error("the world was not frozen yet: seed it and call freeze first")]
    NotFrozen,
}

impl WorldError {
    /// For `map_err` on statements of ours.
    pub(crate) fn database(doing: impl Into<String>) -> impl FnOnce(sqlx::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Database { doing, source }
    }

    /// For `map_err` on files.
    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            doing,
            path,
            source,
        }
    }
}
