//! Statements on the target's database, as superuser: what log-ins ask for, and what shows a cause.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row as _};

use super::{World, WorldError};
use crate::model::call::Wire;

/// How long a fetched document may take.
const FETCH: Duration = Duration::from_secs(30);

impl World {
    /// The first column of the first row as text; `None` where there is no row, or it is NULL.
    pub async fn query(&self, sql: &str) -> Result<Option<String>, WorldError> {
        let wrapped = format!(
            "SELECT q.*::text FROM (SELECT (x.*)::text FROM ({}) AS x) AS q",
            sql.trim_end_matches(';')
        );
        let row = sqlx::query(AssertSqlSafe(wrapped))
            .fetch_optional(self.pool())
            .await;
        let row = row.map_err(WorldError::database("read a value"))?;
        let text: Option<String> = row
            .map(|r| r.try_get(0))
            .transpose()
            .map_err(WorldError::database("read a value"))?
            .flatten();
        Ok(text.map(|t| unwrapped(&t)))
    }

    /// The rows of a query that changes nothing, so many columns each, as text; `values` are bound to `$1`, `$2`, …
    pub async fn rows(
        &self,
        sql: &str,
        columns: usize,
        values: &[String],
    ) -> Result<Vec<Vec<Option<String>>>, WorldError> {
        let failed = || WorldError::database("ask for a figure");
        let names: Vec<String> = (1..=columns).map(|n| format!("c{n}")).collect();
        let texts: Vec<String> = names.iter().map(|n| format!("x.{n}::text")).collect();
        let wrapped = format!(
            "SELECT {} FROM ({}) AS x({})",
            texts.join(", "),
            sql.trim().trim_end_matches(';'),
            names.join(", ")
        );
        let mut transaction = self.pool().begin().await.map_err(failed())?;
        sqlx::raw_sql("SET TRANSACTION READ ONLY")
            .execute(&mut *transaction)
            .await
            .map_err(failed())?;
        let mut query = sqlx::query(AssertSqlSafe(wrapped));
        for value in values {
            query = query.bind(value.clone());
        }
        let rows = query.fetch_all(&mut *transaction).await.map_err(failed())?;
        transaction.rollback().await.map_err(failed())?;
        let texts = |row: &sqlx::postgres::PgRow| (0..columns).map(|at| row.try_get(at)).collect();
        let rows: Result<_, sqlx::Error> = rows.iter().map(texts).collect();
        rows.map_err(failed())
    }

    /// Runs statements.
    pub async fn execute(&self, sql: &str) -> Result<(), WorldError> {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(self.pool())
            .await;
        done.map(|_| ())
            .map_err(WorldError::database("run a statement"))
    }

    /// Runs a statement without triggers and foreign keys: what it deletes leaves its children behind.
    pub async fn execute_as_replica(&self, sql: &str) -> Result<(), WorldError> {
        let failed = || WorldError::database("run a statement as replica");
        let mut session: PgConnection = self.pool().acquire().await.map_err(failed())?.detach();
        sqlx::raw_sql("SET session_replication_role = replica")
            .execute(&mut session)
            .await
            .map_err(failed())?;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut session)
            .await
            .map_err(failed())?;
        session.close().await.map_err(failed())
    }

    /// A document of the target, or of a URL that may be called.
    pub async fn fetch(&self, place: &str) -> Result<String, WorldError> {
        let (base, target) = match url::Url::parse(place) {
            Ok(url) => {
                let path = url[url::Position::BeforePath..].to_owned();
                (url[..url::Position::BeforePath].to_owned(), path)
            }
            Err(_) => (self.base().to_owned(), place.to_owned()),
        };
        let host = base.split("://").nth(1).unwrap_or_default().to_owned();
        let headers = vec![
            ("Host".to_owned(), host),
            ("Accept".to_owned(), "*/*".to_owned()),
        ];
        let wire = Wire {
            base,
            method: "GET".into(),
            target,
            headers,
            body: bytes::Bytes::new(),
        };
        let unanswered = |what: String| WorldError::Document {
            place: place.to_owned(),
            what,
        };
        let sent = tokio::time::timeout(FETCH, self.send(&wire)).await;
        let response = sent
            .map_err(|_| unanswered(format!("no answer within {FETCH:?}")))?
            .outcome;
        let response = response.map_err(|failure| unanswered(failure.to_string()))?;
        if !response.is_success() {
            return Err(unanswered(format!("answered {}", response.status)));
        }
        if response.truncated {
            return Err(unanswered("the answer did not come to its end".to_owned()));
        }
        Ok(response.text())
    }
}

/// The only value of a row in Postgres' text form: `(abc)` and `("a b")`.
fn unwrapped(row: &str) -> String {
    let inner = row
        .strip_prefix('(')
        .and_then(|r| r.strip_suffix(')'))
        .unwrap_or(row);
    match inner.strip_prefix('"').and_then(|r| r.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\"").replace("\\\\", "\\"),
        None => inner.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_one_value_is_that_value() {
        assert_eq!(unwrapped("(abc)"), "abc");
        assert_eq!(unwrapped("(\"a b \"\"c\"\"\")"), "a b \"c\"");
    }
}
