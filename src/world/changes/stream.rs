//! The row stream: logical decoding over the replication protocol, with barriers that say when everything has come.

use std::time::Duration;

use pgwire_replication::{
    Lsn, PgWireError, ReplicationClient, ReplicationConfig, ReplicationEvent,
};
use sqlx::{PgConnection, PgPool};

use super::RawChange;
use super::decode::{Decoder, PREFIX};
use super::identity::PUBLICATION;
use super::pending::blockers;
use crate::world::error::WorldError;
use crate::world::postgres::{FORM, Server};

/// How long the creation of a slot may wait for transactions in progress.
const SLOT: Duration = Duration::from_secs(10);

/// How long a barrier may take to come back.
const BARRIER: Duration = Duration::from_secs(30);

/// How much of its log a server of another may keep for us, in bytes.
const LAG: i64 = 4 << 30;

/// Where and under which names to stream.
#[derive(Debug, Clone)]
pub struct StreamConfig {
    /// The database.
    pub database: String,
    /// The slot: temporary, so that it goes with our session whatever happens to us.
    pub slot: String,
    /// The replication origin of our undoing.
    pub origin: String,
    /// How long the creation of the slot may wait.
    pub deadline: Duration,
}

impl StreamConfig {
    /// The usual names on a server.
    pub fn new(server: &Server, database: &str) -> Self {
        Self {
            database: database.to_owned(),
            slot: format!("{}_slot", server.prefix),
            origin: format!("{}_undo", server.prefix),
            deadline: SLOT,
        }
    }
}

/// An open stream.
pub struct Stream {
    client: ReplicationClient,
    decoder: Decoder,
    barriers: u64,
    seen: Lsn,
    _guard: Option<Guard>,
}

/// A mark in the stream.
#[derive(Debug)]
pub struct Barrier(String);

/// A barrier that was sent, and how the database stood then.
#[derive(Debug)]
pub struct Mark {
    /// What is waited for.
    pub barrier: Barrier,
    /// No transaction was in progress.
    pub quiet: bool,
    /// There are unlogged tables, which do not show in the stream.
    pub unlogged: bool,
}

/// A task that ends with the stream.
struct Guard(tokio::task::JoinHandle<()>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream")
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

impl Stream {
    /// Makes a temporary slot and opens the stream on it. Everything committed after the return shows.
    pub async fn open(server: &Server, config: &StreamConfig) -> Result<Self, WorldError> {
        let name = format!("{}_stream", server.prefix);
        let options = FORM
            .iter()
            .map(|(key, value)| format!("-c {key}={value}"))
            .collect::<Vec<_>>()
            .join(" ");
        let wire = ReplicationConfig::new(
            &server.host,
            &server.user,
            &server.password,
            &config.database,
            &config.slot,
            PUBLICATION,
        )
        .with_port(server.port)
        .with_application_name(&name)
        .with_options(options)
        .with_status_interval(Duration::from_secs(1));
        let opening = begin(wire, &config.slot);
        let client = match tokio::time::timeout(config.deadline, opening).await {
            Ok(client) => client.map_err(broken)?,
            Err(_) => return Err(blocked(server, config, &name).await),
        };
        // What a slot of ours holds back on a server of ours goes with the server.
        let guard = server.ours.is_none().then(|| {
            Guard(tokio::spawn(limit_lag(
                server.admin.clone(),
                config.slot.clone(),
            )))
        });
        Ok(Self {
            client,
            decoder: Decoder::new(&config.origin),
            barriers: 0,
            seen: Lsn::ZERO,
            _guard: guard,
        })
    }

    /// Sends a barrier: what was committed before it comes before it. `session` must be on the same database, with
    /// `synchronous_commit` on, or the barrier could overtake an answer.
    pub async fn barrier(&mut self, session: &mut PgConnection) -> Result<Mark, WorldError> {
        self.barriers += 1;
        let barrier = self.barriers.to_string();
        // One round trip for all. A transaction that has ended when this statement looks has committed before it does.
        // (Each holds a lock on its own number until after its end. A snapshot would not tell: the newest transaction in
        // progress lies beyond its upper end; and the list of activities costs four times as much.)
        let (_, quiet, unlogged): (String, bool, bool) = sqlx::query_as(
            "SELECT pg_logical_emit_message(true, $1, $2)::text, \
                    NOT EXISTS (SELECT FROM pg_locks \
                                WHERE locktype = 'transactionid' AND pid <> pg_backend_pid()), \
                    EXISTS (SELECT FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r')",
        )
        .bind(PREFIX)
        .bind(&barrier)
        .fetch_one(session)
        .await
        .map_err(WorldError::database("send a barrier"))?;
        Ok(Mark {
            barrier: Barrier(barrier),
            quiet,
            unlogged,
        })
    }

    /// Everything that was committed before a barrier and was not returned before.
    pub async fn until(&mut self, barrier: Barrier) -> Result<Vec<RawChange>, WorldError> {
        let until = tokio::time::Instant::now() + BARRIER;
        while !self.decoder.passed(barrier.0.as_bytes()) {
            let event = tokio::time::timeout_at(until, self.client.recv())
                .await
                .map_err(|_| {
                    WorldError::Stream(format!("a barrier did not come within {BARRIER:?}"))
                })?
                .map_err(broken)?
                .ok_or_else(|| WorldError::Stream("the server ended it".to_owned()))?;
            if let ReplicationEvent::Commit { end_lsn, .. } = &event {
                self.seen = *end_lsn;
            }
            self.decoder.take(event).map_err(WorldError::Stream)?;
        }
        // The server may throw away its log up to here.
        self.client.update_applied_lsn(self.seen);
        Ok(self.decoder.committed())
    }

    /// Ends it; its slot goes with the session.
    pub async fn close(mut self) -> Result<(), WorldError> {
        match tokio::time::timeout(Duration::from_secs(5), self.client.shutdown()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(broken(error)),
            Err(_) => {
                self.client.abort();
                Err(WorldError::Stream("it did not end when told to".to_owned()))
            }
        }
    }
}

/// The slot is made in the very session that streams: the only one that can use a temporary one.
async fn begin(config: ReplicationConfig, slot: &str) -> Result<ReplicationClient, PgWireError> {
    let mut client = ReplicationClient::connect_gated(config).await?;
    // The names of slots are lower-case letters, digits and underscores: nothing to quote.
    let create =
        format!("CREATE_REPLICATION_SLOT {slot} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT");
    client.simple_query(&create).await?;
    client.start().await?;
    client.wait_started().await?;
    Ok(client)
}

/// Ends the stream, and its slot with it, when it makes a server of another keep too much of its log.
async fn limit_lag(admin: PgPool, slot: String) {
    let mut tick = tokio::time::interval(Duration::from_secs(10));
    loop {
        tick.tick().await;
        let ended = sqlx::query(
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots \
             WHERE slot_name = $1 AND active_pid IS NOT NULL \
               AND pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) > $2",
        )
        .bind(&slot)
        .bind(LAG)
        .execute(&admin)
        .await;
        // Without the server there is no lag either; the stream itself tells that it broke.
        if ended.is_ok_and(|rows| rows.rows_affected() > 0) {
            return;
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
fn broken(error: PgWireError) -> WorldError {
    WorldError::Stream(error.to_string())
}

/// Names who holds up the slot, and takes the waiting session away: it would wait on after we have gone.
async fn blocked(server: &Server, config: &StreamConfig, name: &str) -> WorldError {
    let found = async {
        let mut session = server
            .admin
            .acquire()
            .await
            .map_err(WorldError::database("look for who blocks"))?;
        let blockers = blockers(&mut session).await?;
        sqlx::query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
        )
        .bind(name)
        .execute(&mut *session)
        .await
        .map_err(WorldError::database("end the waiting session"))?;
        Ok(blockers)
    };
    match found.await {
        Ok(blockers) => WorldError::Blocked {
            waiting_for: "a replication slot".to_owned(),
            within: config.deadline,
            blockers,
        },
        Err(error) => error,
    }
}
