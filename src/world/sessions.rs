//! Our sessions on the current database: a pool for everybody, the watcher of row changes, and the session that undoes.

use std::time::Duration;

use sqlx::{Connection, PgConnection, PgPool};

use super::changes::{Compared, Pending, RawChange, Stream, StreamConfig, Undo, identity};
use super::error::WorldError;
use super::postgres::Server;
use crate::model::exchange::Watch;

/// Sessions in the pool.
const POOL: u32 = 5;

/// How long the pool's sessions may take to come back.
const CLOSE: Duration = Duration::from_secs(2);

/// What we hold on one database; all of it must be let go before the database can be dropped.
#[derive(Debug)]
pub struct Sessions {
    /// For everybody.
    pub pool: PgPool,
    database: String,
    watcher: Watcher,
    undo: Option<Undo>,
    /// Changes that were seen while undoing and belong to the next settling.
    held: Vec<RawChange>,
}

#[derive(Debug)]
enum Watcher {
    None,
    Streamed(Box<Streamed>),
    Compared(Compared),
}

#[derive(Debug)]
struct Streamed {
    stream: Stream,
    /// Sends barriers and looks for transactions in progress.
    session: PgConnection,
    pending: Pending,
    /// Unlogged tables do not show in the stream.
    unlogged: Compared,
}

impl Sessions {
    /// A pool on a database, without a watcher.
    pub async fn open(server: &Server, database: &str) -> Result<Self, WorldError> {
        Ok(Self {
            pool: server.pool(database, POOL).await?,
            database: database.to_owned(),
            watcher: Watcher::None,
            undo: None,
            held: Vec::new(),
        })
    }

    /// Whether a server lets us stream.
    pub fn can_stream(server: &Server) -> bool {
        server.powers.superuser && server.powers.logical
    }

    /// Makes the database's changes followable, so that its clones' are.
    pub async fn prepare(&self, server: &Server) -> Result<(), WorldError> {
        if Self::can_stream(server) {
            identity::prepare(&self.pool).await?;
        }
        Ok(())
    }

    /// Begins to watch: by stream, or on a server that does not let us, by comparing. Returns what weakens the result.
    pub async fn watch(&mut self, server: &Server) -> Result<Option<String>, WorldError> {
        let refused = if Self::can_stream(server) {
            match self.streamed(server).await {
                Ok(streamed) => {
                    self.watcher = Watcher::Streamed(Box::new(streamed));
                    return Ok(None);
                }
                // On a server of ours nothing may refuse, and who is waited for must be named.
                Err(error @ WorldError::Blocked { .. }) => return Err(error),
                Err(error) if server.ours.is_some() => return Err(error),
                Err(error) => error.to_string(),
            }
        } else if server.powers.logical {
            format!("role `{}` is no superuser", server.user)
        } else {
            "wal_level is not `logical`".to_owned()
        };
        self.compare().await?;
        Ok(Some(format!(
            "row changes are found by comparing, which does not show what was undone in between: {refused}"
        )))
    }

    /// Begins to watch by comparing.
    pub async fn compare(&mut self) -> Result<(), WorldError> {
        self.watcher = Watcher::Compared(Compared::begin(&self.pool, false).await?);
        Ok(())
    }

    async fn streamed(&self, server: &Server) -> Result<Streamed, WorldError> {
        let config = StreamConfig::new(server, &self.database);
        let stream = Stream::open(server, &config).await?;
        let session = PgConnection::connect_with(&server.on(&self.database))
            .await
            .map_err(WorldError::database("open a session for barriers"))?;
        Ok(Streamed {
            stream,
            session,
            pending: Pending::new(server.application()),
            unlogged: Compared::begin(&self.pool, true).await?,
        })
    }

    /// How changes are watched.
    pub fn how(&self) -> Watch {
        match self.watcher {
            Watcher::None => Watch::None,
            Watcher::Streamed(_) => Watch::Exact,
            Watcher::Compared(_) => Watch::Compared,
        }
    }

    /// Everything committed until now that was not returned before. (What is seldom awaited is boxed: unoptimised, each await
    /// of this moves its whole future, and every call awaits it.)
    pub async fn settle(&mut self) -> Result<Vec<RawChange>, WorldError> {
        let mut changes = std::mem::take(&mut self.held);
        match &mut self.watcher {
            Watcher::None => return Err(WorldError::NotFrozen),
            Watcher::Streamed(streamed) => {
                let session = &mut streamed.session;
                let mut mark = streamed.stream.barrier(session).await?;
                if !mark.quiet {
                    streamed.pending.wait(session).await?;
                    mark = streamed.stream.barrier(session).await?;
                }
                changes.extend(streamed.stream.until(mark.barrier).await?);
                // One that went is still known, and its rows went with it.
                if mark.unlogged || !streamed.unlogged.is_empty() {
                    changes.extend(Box::pin(streamed.unlogged.changes(&self.pool)).await?);
                }
            }
            Watcher::Compared(compared) => {
                changes.extend(Box::pin(compared.changes(&self.pool)).await?);
            }
        }
        Ok(changes)
    }

    /// Takes changes back. What the undoing itself changes is not reported later; what others changed meanwhile is.
    pub async fn undo(&mut self, server: &Server, changes: &[RawChange]) -> Result<(), WorldError> {
        if changes.is_empty() {
            return Ok(());
        }
        let undo = match &mut self.undo {
            Some(undo) => undo,
            none => {
                let origin = StreamConfig::new(server, &self.database).origin;
                none.insert(Box::pin(Undo::open(server, &self.database, &origin)).await?)
            }
        };
        let compared = match &mut self.watcher {
            Watcher::Compared(compared) => Some(compared),
            _ => None,
        };
        undo.undo(changes, compared, &mut self.held).await?;
        if let Watcher::Streamed(streamed) = &mut self.watcher
            && !streamed.unlogged.is_empty()
        {
            Box::pin(streamed.unlogged.changes(&self.pool)).await?;
        }
        Ok(())
    }

    /// What weakened the result since last asked.
    pub fn notes(&mut self) -> Vec<String> {
        match &mut self.watcher {
            Watcher::Streamed(streamed) => streamed.pending.notes(),
            _ => Vec::new(),
        }
    }

    /// Lets go of the database.
    pub async fn close(&mut self) -> Result<(), WorldError> {
        if let Some(undo) = self.undo.take() {
            undo.close().await?;
        }
        if let Watcher::Streamed(streamed) = std::mem::replace(&mut self.watcher, Watcher::None) {
            let Streamed {
                stream, session, ..
            } = *streamed;
            stream.close().await?;
            session
                .close()
                .await
                .map_err(WorldError::database("end a session"))?;
        }
        self.held.clear();
        // Somebody may hold a session of the pool: the database is vacated before it goes, and ends that, too.
        let _held = tokio::time::timeout(CLOSE, self.pool.close()).await;
        Ok(())
    }
}
