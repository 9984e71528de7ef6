//! Undoing: the inverse of each change, in reverse order, with triggers off and marked by a replication origin, so that the
//! row stream can leave it out.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row as _};

use super::RawChange;
use crate::model::rows::{Operation, Row, Value};
use crate::model::schema::quote;
use crate::world::error::WorldError;
use crate::world::postgres::{Server, database::literal};

/// A session that undoes.
#[derive(Debug)]
pub struct Undo {
    session: PgConnection,
    shapes: HashMap<(String, String), Shape>,
}

/// What the catalog says of a table.
#[derive(Debug, Clone, Default)]
struct Shape {
    columns: HashMap<String, Column>,
}

#[derive(Debug, Clone)]
struct Column {
    /// As `format_type` prints it.
    type_name: String,
    /// `GENERATED ALWAYS AS IDENTITY`.
    always: bool,
    /// Part of the primary key.
    key: bool,
}

impl Undo {
    /// Opens a session on a database, marked by the replication origin, which is made where it is not there.
    pub async fn open(server: &Server, database: &str, origin: &str) -> Result<Self, WorldError> {
        let failed = || WorldError::database("open a session to undo with");
        let mut session = PgConnection::connect_with(&server.on(database))
            .await
            .map_err(failed())?;
        sqlx::raw_sql("SET session_replication_role = replica")
            .execute(&mut session)
            .await
            .map_err(failed())?;
        sqlx::query(
            "SELECT CASE WHEN NOT EXISTS (SELECT FROM pg_replication_origin WHERE roname = $1) \
             THEN pg_replication_origin_create($1) END",
        )
        .bind(origin)
        .execute(&mut session)
        .await
        .map_err(failed())?;
        sqlx::query("SELECT pg_replication_origin_session_setup($1)")
            .bind(origin)
            .execute(&mut session)
            .await
            .map_err(failed())?;
        Ok(Self {
            session,
            shapes: HashMap::new(),
        })
    }

    /// Takes changes back, all or none.
    pub async fn undo(&mut self, changes: &[RawChange]) -> Result<(), WorldError> {
        let mut statements = Vec::new();
        for change in changes.iter().rev() {
            let shape = self.shape(change).await?;
            for sql in inverse(change, &shape)? {
                statements.push((change, sql));
            }
        }
        let failed = || WorldError::database("undo");
        let mut transaction = self.session.begin().await.map_err(failed())?;
        let done = run(&mut transaction, statements).await;
        // Rolled back now: left to Drop, it would keep its locks until the session is used again.
        let end = match &done {
            Ok(()) => transaction.commit().await,
            Err(_) => transaction.rollback().await,
        };
        done.and(end.map_err(failed()))
    }

    /// Ends the session, and lets go of the origin with it.
    pub async fn close(self) -> Result<(), WorldError> {
        self.session
            .close()
            .await
            .map_err(WorldError::database("end a session"))
    }

    /// The catalog's word on a change's table. It is asked again when the table has other columns than it had.
    async fn shape(&mut self, change: &RawChange) -> Result<Shape, WorldError> {
        let name = (change.schema.clone(), change.table.clone());
        if let Some(shape) = self.shapes.get(&name)
            && change.columns.iter().all(|c| shape.columns.contains_key(c))
        {
            return Ok(shape.clone());
        }
        let rows = sqlx::query(
            "SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type_name, \
                    a.attidentity = 'a' AS always, coalesce(a.attnum = ANY(i.indkey), false) AS key \
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
             JOIN pg_namespace n ON n.oid = c.relnamespace \
             LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary \
             WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped",
        )
        .bind(&name.0)
        .bind(&name.1)
        .fetch_all(&mut self.session)
        .await
        .map_err(WorldError::database(format!("read the columns of {}", name.1)))?;
        let columns = rows
            .iter()
            .map(|row| {
                let column = Column {
                    type_name: row.get("type_name"),
                    always: row.get("always"),
                    key: row.get("key"),
                };
                (row.get("name"), column)
            })
            .collect();
        let shape = Shape { columns };
        self.shapes.insert(name, shape.clone());
        Ok(shape)
    }
}

async fn run(
    session: &mut PgConnection,
    statements: Vec<(&RawChange, String)>,
) -> Result<(), WorldError> {
    for (change, sql) in statements {
        let done = sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *session)
            .await
            .map_err(|error| WorldError::Undo {
                table: change.table.clone(),
                reason: error.to_string(),
            })?;
        if done.rows_affected() != 1 {
            return Err(WorldError::Undo {
                table: change.table.clone(),
                reason: "the row is no longer as the change left it".to_owned(),
            });
        }
    }
    Ok(())
}

/// The statements that take one change back, each of one row.
fn inverse(change: &RawChange, shape: &Shape) -> Result<Vec<String>, WorldError> {
    if let Some(missing) = change
        .columns
        .iter()
        .find(|c| !shape.columns.contains_key(*c))
    {
        return Err(WorldError::Undo {
            table: change.table.clone(),
            reason: format!("its column {missing} is gone"),
        });
    }
    let statement = Statement { change, shape };
    match (change.operation, &change.old, &change.new) {
        (Operation::Insert, _, Some(new)) => Ok(vec![statement.delete(new)]),
        (Operation::Delete, Some(old), _) => Ok(vec![statement.insert(old)]),
        (Operation::Update, Some(old), Some(new)) => Ok(statement.update(old, new)),
        (Operation::Truncate, ..) => Err(WorldError::Undo {
            table: change.table.clone(),
            reason: "it was truncated, and the stream does not say which rows went".to_owned(),
        }),
        _ => Err(WorldError::Undo {
            table: change.table.clone(),
            reason: "an image of the row is missing".to_owned(),
        }),
    }
}

struct Statement<'a> {
    change: &'a RawChange,
    shape: &'a Shape,
}

impl Statement<'_> {
    fn table(&self) -> String {
        format!(
            "{}.{}",
            quote(&self.change.schema),
            quote(&self.change.table)
        )
    }

    fn column(&self, at: usize) -> &Column {
        &self.shape.columns[&self.change.columns[at]]
    }

    fn name(&self, at: usize) -> String {
        quote(&self.change.columns[at])
    }

    /// A literal of the column's own type: what its output wrote, its input reads.
    fn value(&self, at: usize, value: &Value) -> String {
        match value {
            Some(text) => format!("{}::{}", escaped(text), self.column(at).type_name),
            None => "NULL".to_owned(),
        }
    }

    /// By primary key; else by all values in text form, since not every type can be compared, and of equal rows only one.
    fn place(&self, row: &Row) -> String {
        let all = 0..row.len();
        let keys: Vec<usize> = all.clone().filter(|&c| self.column(c).key).collect();
        if !keys.is_empty() {
            return conjunction(
                keys.iter()
                    .map(|&c| format!("{} = {}", self.name(c), self.value(c, &row[c]))),
            );
        }
        let same = conjunction(all.map(|c| {
            let value = row[c].as_ref().map_or("NULL".to_owned(), |t| escaped(t));
            format!("{}::text IS NOT DISTINCT FROM {value}", self.name(c))
        }));
        let table = self.table();
        format!("(tableoid, ctid) = (SELECT tableoid, ctid FROM {table} WHERE {same} LIMIT 1)")
    }

    fn delete(&self, row: &Row) -> String {
        format!("DELETE FROM {} WHERE {}", self.table(), self.place(row))
    }

    fn insert(&self, row: &Row) -> String {
        let names: Vec<String> = (0..row.len()).map(|c| self.name(c)).collect();
        let values: Vec<String> = (0..row.len()).map(|c| self.value(c, &row[c])).collect();
        format!(
            "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})",
            self.table(),
            names.join(", "),
            values.join(", ")
        )
    }

    /// An identity that is always generated cannot be set by UPDATE: the row goes and comes back.
    fn update(&self, old: &Row, new: &Row) -> Vec<String> {
        let changed: Vec<usize> = (0..old.len()).filter(|&c| old[c] != new[c]).collect();
        if changed.is_empty() {
            return Vec::new();
        }
        if changed.iter().any(|&c| self.column(c).always) {
            return vec![self.delete(new), self.insert(old)];
        }
        let set: Vec<String> = changed
            .iter()
            .map(|&c| format!("{} = {}", self.name(c), self.value(c, &old[c])))
            .collect();
        vec![format!(
            "UPDATE {} SET {} WHERE {}",
            self.table(),
            set.join(", "),
            self.place(new)
        )]
    }
}

fn conjunction(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() {
        "true".to_owned()
    } else {
        parts.join(" AND ")
    }
}

/// A string in SQL, whatever `standard_conforming_strings` says.
fn escaped(text: &str) -> String {
    if text.contains('\\') {
        format!("E{}", literal(&text.replace('\\', "\\\\")))
    } else {
        literal(text)
    }
}

#[cfg(test)]
mod tests;
