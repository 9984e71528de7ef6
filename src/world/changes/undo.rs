//! Undoing: the inverse of each change, in reverse order, with triggers off and marked by a replication origin, so that the
//! row stream can leave it out. A role that may not do so undoes in the order of foreign keys.

mod inverse;
pub mod order;
mod plain;

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row as _};

use super::{Compared, RawChange};
use crate::world::error::WorldError;
use crate::world::postgres::Server;
use inverse::{Column, Shape, inverse};
use order::refused;

/// A session that undoes.
#[derive(Debug)]
pub struct Undo {
    session: PgConnection,
    shapes: HashMap<(String, String), Shape>,
    /// Whether triggers and foreign keys are off.
    replica: bool,
}

impl Undo {
    /// Opens a session on a database; as superuser, it is marked by the replication origin, which is made where it is not
    /// there.
    pub async fn open(server: &Server, database: &str, origin: &str) -> Result<Self, WorldError> {
        let failed = || WorldError::database("open a session to undo with");
        let mut session = PgConnection::connect_with(&server.on(database))
            .await
            .map_err(failed())?;
        let replica = become_replica(&mut session).await.map_err(failed())?;
        // Without superuser there is no stream that the mark could be for.
        if server.powers.superuser {
            mark(&mut session, origin).await.map_err(failed())?;
        }
        Ok(Self {
            session,
            shapes: HashMap::new(),
            replica,
        })
    }

    /// Takes changes back, all or none. Where rows are compared, that is verified, and what others changed before goes to
    /// `held`.
    pub async fn undo(
        &mut self,
        changes: &[RawChange],
        mut compared: Option<&mut Compared>,
        held: &mut Vec<RawChange>,
    ) -> Result<(), WorldError> {
        for change in changes {
            self.learn_shape(change).await?;
        }
        let failed = || WorldError::database("undo");
        let mut transaction = self.session.begin().await.map_err(failed())?;
        let work = Work {
            changes,
            shapes: &self.shapes,
            replica: self.replica,
        };
        let done = match compared.as_deref_mut() {
            None => work.all(&mut transaction).await.map(|()| None),
            Some(compared) => {
                let after = work.verified(&mut transaction, compared, held).await;
                after.map(Some)
            }
        };
        // Rolled back now: left to Drop, it would keep its locks until the session is used again.
        let after = match done {
            Ok(after) => after,
            Err(error) => {
                transaction.rollback().await.map_err(failed())?;
                return Err(error);
            }
        };
        let committed = transaction.commit().await;
        committed.map_err(|error| refused("all rows", &error))?;
        if let (Some(compared), Some(after)) = (compared, after) {
            *compared = after;
        }
        Ok(())
    }

    /// Ends the session, and lets go of the origin with it.
    pub async fn close(self) -> Result<(), WorldError> {
        self.session
            .close()
            .await
            .map_err(WorldError::database("end a session"))
    }

    /// The catalog's word on a change's table. It is asked again when the table has other columns than it had.
    async fn learn_shape(&mut self, change: &RawChange) -> Result<(), WorldError> {
        let name = (change.schema.clone(), change.table.clone());
        if let Some(shape) = self.shapes.get(&name)
            && change.columns.iter().all(|c| shape.columns.contains_key(c))
        {
            return Ok(());
        }
        let rows = sqlx::query(
            "SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type_name, \
                    a.attidentity = 'a' AS always, a.attgenerated <> '' AS generated, \
                    coalesce(a.attnum = ANY(i.indkey), false) AS key \
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
             JOIN pg_namespace n ON n.oid = c.relnamespace \
             LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary \
             WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped",
        )
        .bind(&name.0)
        .bind(&name.1)
        .fetch_all(&mut self.session)
        .await
        .map_err(WorldError::database(format!(
            "read the columns of {}",
            name.1
        )))?;
        let columns = rows
            .iter()
            .map(|row| {
                let column = Column {
                    type_name: row.get("type_name"),
                    always: row.get("always"),
                    generated: row.get("generated"),
                    key: row.get("key"),
                };
                (row.get("name"), column)
            })
            .collect();
        self.shapes.insert(name, Shape { columns });
        Ok(())
    }
}

/// Switches triggers and foreign keys off for a session; `false` where the role may not.
pub async fn become_replica(session: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let set = sqlx::raw_sql("SET session_replication_role = replica")
        .execute(session)
        .await;
    match set {
        Ok(_) => Ok(true),
        Err(error) if is_forbidden(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a role lacks a privilege.
fn is_forbidden(error: &sqlx::Error) -> bool {
    let refused = error.as_database_error();
    refused.is_some_and(|e| e.code().as_deref() == Some("42501"))
}

async fn mark(session: &mut PgConnection, origin: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT CASE WHEN NOT EXISTS (SELECT FROM pg_replication_origin WHERE roname = $1) \
         THEN pg_replication_origin_create($1) END",
    )
    .bind(origin)
    .execute(&mut *session)
    .await?;
    sqlx::query("SELECT pg_replication_origin_session_setup($1)")
        .bind(origin)
        .execute(session)
        .await
        .map(|_| ())
}

/// What is to be undone, and how.
struct Work<'a> {
    changes: &'a [RawChange],
    shapes: &'a HashMap<(String, String), Shape>,
    replica: bool,
}

impl Work<'_> {
    async fn all(&self, transaction: &mut PgConnection) -> Result<(), WorldError> {
        if !self.replica {
            return plain::run(transaction, self.changes, self.shapes).await;
        }
        for change in self.changes.iter().rev() {
            for sql in inverse(change, plain::shape(self.shapes, change)?)? {
                one(transaction, change, sql).await?;
            }
        }
        Ok(())
    }

    /// Undoes between two looks of one snapshot, where nobody else's changes show: exactly these rows must differ.
    async fn verified(
        &self,
        transaction: &mut PgConnection,
        compared: &mut Compared,
        held: &mut Vec<RawChange>,
    ) -> Result<Compared, WorldError> {
        sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            .execute(&mut *transaction)
            .await
            .map_err(WorldError::database("undo"))?;
        held.extend(compared.changes_in(transaction).await?);
        self.all(transaction).await?;
        let after = compared.again_in(transaction).await?;
        let came = compared.differences_to(&after);
        plain::verify(self.changes, &came)?;
        Ok(after)
    }
}

async fn one(
    session: &mut PgConnection,
    change: &RawChange,
    sql: String,
) -> Result<(), WorldError> {
    let done = sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(session)
        .await
        .map_err(|error| refused(&change.table, &error))?;
    if done.rows_affected() == 1 {
        return Ok(());
    }
    Err(WorldError::Undo {
        table: change.table.clone(),
        reason: "the row is no longer as the change left it".to_owned(),
    })
}
