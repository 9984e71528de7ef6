//! Transactions in progress: a framework may answer before it commits, so a barrier waits for them, within bounds.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use sqlx::{PgConnection, Row};

use crate::world::error::WorldError;
use crate::world::process::LOOK;

/// How long a transaction in progress is waited for.
const BOUND: Duration = Duration::from_secs(3);

/// Waits for transactions, and remembers those that are not worth waiting for again.
#[derive(Debug)]
pub struct Pending {
    /// Begins the application names of our own sessions.
    ours: String,
    given_up: HashSet<(i32, i64)>,
    notes: Vec<String>,
    bound: Duration,
}

/// A session with a transaction that has written.
#[derive(Debug, Clone)]
struct Writer {
    pid: i32,
    xid: i64,
    about: String,
}

impl Pending {
    /// Sessions whose application name begins with `ours` are ignored.
    pub fn new(ours: impl Into<String>) -> Self {
        Self {
            ours: ours.into(),
            given_up: HashSet::new(),
            notes: Vec::new(),
            bound: BOUND,
        }
    }

    /// Waits until every transaction that is in progress now has ended. One that outlasts the bound is given up, for good,
    /// and said.
    pub async fn wait(&mut self, session: &mut PgConnection) -> Result<(), WorldError> {
        let begun = Instant::now();
        let first = self.writers(session).await?;
        let mut waiting: Vec<Writer> = first;
        while !waiting.is_empty() {
            if begun.elapsed() > self.bound {
                for writer in &waiting {
                    self.give_up(writer);
                }
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
            let now = self.writers(session).await?;
            waiting.retain(|w| now.iter().any(|n| (n.pid, n.xid) == (w.pid, w.xid)));
        }
        Ok(())
    }

    /// What weakened the result since last asked, in sentences.
    pub fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    fn give_up(&mut self, writer: &Writer) {
        if self.given_up.insert((writer.pid, writer.xid)) {
            self.notes.push(format!(
                "a transaction stayed open for more than {:?} and is not waited for any more; what it commits is seen late: {}",
                self.bound, writer.about
            ));
        }
    }

    async fn writers(&self, session: &mut PgConnection) -> Result<Vec<Writer>, WorldError> {
        let rows = sqlx::query(
            "SELECT pid, backend_xid::text::int8 AS xid, \
                    format('process %s (role %s, application `%s`, %s): %s', pid, usename, \
                           application_name, state, left(query, 120)) AS about \
             FROM pg_stat_activity \
             WHERE datname = current_database() AND backend_xid IS NOT NULL \
               AND pid <> pg_backend_pid() AND NOT starts_with(application_name, $1)",
        )
        .bind(&self.ours)
        .fetch_all(session)
        .await
        .map_err(WorldError::database("look for transactions in progress"))?;
        Ok(rows
            .iter()
            .map(|row| Writer {
                pid: row.get("pid"),
                xid: row.get("xid"),
                about: row.get("about"),
            })
            .filter(|w| !self.given_up.contains(&(w.pid, w.xid)))
            .collect())
    }
}

/// Who holds a transaction open anywhere on the server, for a message.
pub async fn blockers(session: &mut PgConnection) -> Result<String, WorldError> {
    let all: Vec<String> = sqlx::query_scalar(
        "SELECT format('process %s (role %s, database %s, application `%s`, %s for %s s): %s', pid, usename, datname, \
                       application_name, state, round(extract(epoch FROM clock_timestamp() - xact_start)), \
                       left(query, 120)) \
         FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() \
         UNION ALL \
         SELECT format('prepared transaction `%s` (role %s, database %s) since %s', gid, owner, database, prepared) \
         FROM pg_prepared_xacts LIMIT 5",
    )
    .fetch_all(session)
    .await
    .map_err(WorldError::database("look for who blocks"))?;
    Ok(if all.is_empty() {
        "nobody that the server shows".to_owned()
    } else {
        all.join("; ")
    })
}
