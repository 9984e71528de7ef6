//! Puts drafted rows into the database, each behind a savepoint.

use sqlx::PgConnection;

use super::draft::Cell;
use crate::model::rows::Row;
use crate::model::schema::{Table, quote};
use crate::seed::SeedError;
use crate::seed::rows::{execute, literal, query};

/// Why a row was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A unique key is taken: another value may do.
    Taken(String),
    /// It overlaps with another row where a constraint forbids that: a value further on may do.
    Excluded(String),
    /// Anything else: Postgres' own message.
    Other(String),
}

impl Refusal {
    /// The message.
    pub fn message(self) -> String {
        match self {
            Self::Taken(message) | Self::Excluded(message) | Self::Other(message) => message,
        }
    }
}

/// Inserts a row and gives it as stored; after a refusal the transaction is as before.
pub async fn insert(
    connection: &mut PgConnection,
    table: &Table,
    cells: &[Cell],
) -> Result<Result<Row, Refusal>, SeedError> {
    let set: Vec<usize> = (0..cells.len())
        .filter(|&c| cells[c] != Cell::Default)
        .collect();
    let columns: Vec<String> = set.iter().map(|&c| quote(&table.columns[c].name)).collect();
    let values: Vec<String> = set
        .iter()
        .map(|&c| match &cells[c] {
            Cell::Text(text) => literal(Some(text)),
            Cell::Sql(sql) => format!("({sql})"),
            Cell::Null | Cell::Default => "NULL".into(),
        })
        .collect();
    let body = if set.is_empty() {
        "DEFAULT VALUES".to_owned()
    } else {
        format!(
            "({}) OVERRIDING SYSTEM VALUE VALUES ({})",
            columns.join(", "),
            values.join(", ")
        )
    };
    let back: Vec<String> = table.columns.iter().map(|c| quote(&c.name)).collect();
    let sql = format!(
        "SAVEPOINT partywall_row; INSERT INTO {} {body} RETURNING {}; RELEASE SAVEPOINT partywall_row",
        table.sql(),
        back.join(", ")
    );
    match query(connection, &sql).await {
        Ok(mut rows) => Ok(rows.pop().ok_or_else(|| {
            Refusal::Other(
                "the database took the row and kept nothing (a rule or a trigger swallowed it)"
                    .into(),
            )
        })),
        Err(sqlx::Error::Database(error)) => {
            execute(connection, "ROLLBACK TO SAVEPOINT partywall_row").await?;
            let message = error.message().to_owned();
            Ok(Err(match error.code().as_deref() {
                Some("23505") => Refusal::Taken(message),
                Some("23P01") => Refusal::Excluded(message),
                _ => Refusal::Other(message),
            }))
        }
        Err(source) => Err(SeedError::Database {
            doing: format!("take a row into {table}"),
            source,
        }),
    }
}
