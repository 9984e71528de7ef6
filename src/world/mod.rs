//! The world: the running Postgres and the running target, their clones, resets and end; calls; row changes.

mod about;
pub mod changes;
mod container;
mod driver;
mod error;
mod guard;
mod http;
mod lifecycle;
mod orphans;
mod output;
mod owner;
mod postgres;
mod process;
mod program;
mod proof;
mod ready;
mod run;
mod secret;
mod services;
mod sessions;
mod sql;
mod system;
mod target;
pub mod text;
mod twin;
mod up;

use std::time::{Duration, Instant};

use sqlx::PgPool;

pub use changes::RawChange;
pub use driver::{Driver, look_for_browser};
pub use error::WorldError;
pub use http::{Client, Sent};
pub use proof::PortOwner;
pub use twin::Twin;

use crate::model::call::Wire;
use crate::model::exchange::Watch;
use crate::target::description::{Description, Ready};
use crate::target::placeholder::Values;

use postgres::Server;
use postgres::roles::Roles;
use program::Surroundings;
use run::Run;
use services::Companion;
use sessions::Sessions;
use target::Target;

/// Everything that runs. Ended by [`World::close`]; dropping it is the net that ends processes and removes folders, too.
///
/// Fields are dropped in this order: the target lets go of the database before that goes.
#[derive(Debug)]
pub struct World {
    client: http::Client,
    target: Target,
    services: Vec<Companion>,
    sessions: Sessions,
    state: State,
    server: Server,
    run: Run,
    /// Whom the target connects as, where the database is ours.
    roles: Option<Roles>,
    description: Description,
    surroundings: Surroundings,
    values: Values,
    base: String,
    /// Transactions that calls of the seeding left in progress.
    pending: tokio::sync::Mutex<changes::Pending>,
    notes: Vec<String>,
}

/// Which databases there are, and what fresh state means.
#[derive(Debug)]
enum State {
    /// The target fills a database of ours.
    Filling {
        /// Its name.
        live: String,
    },
    /// A template, and a clone of it.
    Cloned {
        /// The clone that the target uses, always of the same name.
        live: String,
        /// The template that nobody uses.
        template: String,
    },
    /// The target's own database: nothing can be cloned, changes are written back.
    Borrowed {
        /// Its name.
        live: String,
        /// The rows as they were when frozen.
        mark: Option<Box<changes::Compared>>,
    },
}

impl State {
    fn live(&self) -> &str {
        match self {
            Self::Filling { live } | Self::Cloned { live, .. } | Self::Borrowed { live, .. } => {
                live
            }
        }
    }
}

/// Calls are sent from many tasks at once.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<World>();
};

impl World {
    /// What placeholders stand for: `port`, `database.ROLE.url` and its other parts, `secret.*`, `service.*`.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// Where the target listens: `http://127.0.0.1:PORT`, or the URL of one that runs already.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The target's port.
    pub fn port(&self) -> u16 {
        url::Url::parse(&self.base)
            .ok()
            .and_then(|u| u.port_or_known_default())
            .unwrap_or_default()
    }

    /// The folder that names what this run has made, for a later run to remove what a killed one left.
    pub fn folder(&self) -> &std::path::Path {
        self.run.folder()
    }

    /// Process id and start time, `1234_567890`: in the names of all that is made.
    pub fn token(&self) -> &str {
        self.run.token()
    }

    /// Sessions on the current database: as superuser where the server is ours, in UTC, with ISO dates, `synchronous_commit`
    /// on. Another pool after each clone.
    pub fn pool(&self) -> &PgPool {
        &self.sessions.pool
    }

    /// How exactly row changes are known now.
    pub fn watch(&self) -> Watch {
        self.sessions.how()
    }

    /// Runs a command in the target's folder and environment, within bounds; returns what it printed.
    pub async fn command(&self, line: &str) -> Result<String, WorldError> {
        let command = self.surroundings.command("command", line, &self.values)?;
        program::finish(command, line, up::COMMAND, &self.values).await
    }

    /// Sends a call and takes its answer, within limits. Many may be in flight.
    pub async fn send(&self, wire: &Wire) -> Sent {
        self.client.send(wire).await
    }

    /// The lines of the target's output that hold a text; waits for one, within `bound`. `None` where the target is not ours.
    pub async fn printed(&self, text: &str, bound: Duration) -> Option<Vec<String>> {
        let output = self.target.output()?;
        let until = Instant::now() + bound;
        loop {
            let lines = output.holding(text);
            if !lines.is_empty() || Instant::now() > until {
                return Some(lines);
            }
            tokio::time::sleep(process::LOOK).await;
        }
    }

    /// Whether the target answers anything when it is asked whether it is ready, or else for its root.
    pub async fn answers(&self) -> bool {
        let path = match &self.description.target.ready {
            Some(Ready::Path(path)) => path.clone(),
            _ => "/".to_owned(),
        };
        let host = self.base.split("://").nth(1).unwrap_or_default();
        let asked = Wire {
            base: self.base.clone(),
            method: "GET".to_owned(),
            target: path,
            headers: vec![("Host".to_owned(), host.to_owned())],
            body: bytes::Bytes::new(),
        };
        self.send(&asked).await.outcome.is_ok()
    }

    /// Waits until a log-in may be tried, where the description limits them.
    pub async fn pace_login(&self) {
        self.client.pace_login().await;
    }

    /// Everything committed until now that was not returned before: waits, within bounds, for transactions in progress.
    pub async fn settle(&mut self) -> Result<Vec<RawChange>, WorldError> {
        let changes = self.sessions.settle().await;
        let said = self.sessions.notes();
        self.notes.extend(said);
        changes
    }

    /// Waits, within bounds, for transactions in progress: a framework may answer before it commits.
    pub async fn committed(&self) -> Result<(), WorldError> {
        let mut session = self
            .pool()
            .acquire()
            .await
            .map_err(WorldError::database("connect"))?;
        self.pending.lock().await.wait(&mut session).await
    }

    /// Takes changes back, in reverse order, under the replica role; this is not reported by [`World::settle`].
    pub async fn undo(&mut self, changes: &[RawChange]) -> Result<(), WorldError> {
        self.sessions.undo(&self.server, changes).await
    }

    /// Takes in what weakened the results of a twin.
    pub fn add_notes(&mut self, notes: Vec<String>) {
        for note in notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    /// What weakened results since last asked, in sentences.
    pub fn take_notes(&mut self) -> Vec<String> {
        let late = self.pending.get_mut().notes();
        self.add_notes(late);
        std::mem::take(&mut self.notes)
    }
}
