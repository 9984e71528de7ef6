//! Rows as text: in the words of the types' own output functions, which is the form that the row stream has.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, PgConnection, Row as _, ValueRef as _};

use crate::model::rows::{Row, Value};

/// The rows that SQL text returns. It goes by the simple protocol, which answers as the output functions do: a cast to text
/// would differ, e.g. for booleans and padded strings.
pub async fn query(connection: &mut PgConnection, sql: &str) -> Result<Vec<Row>, sqlx::Error> {
    let rows = sqlx::raw_sql(AssertSqlSafe(sql))
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| (0..row.len()).map(|i| text(row, i)).collect())
        .collect()
}

fn text(row: &sqlx::postgres::PgRow, index: usize) -> Result<Value, sqlx::Error> {
    let value = row.try_get_raw(index)?;
    if value.is_null() {
        return Ok(None);
    }
    let text = value.as_str().map_err(sqlx::Error::Decode)?;
    Ok(Some(Arc::from(text)))
}

/// SQL that is true where a column shows this value. Types such as `json` have no equality, so their text decides.
pub fn shows(column: &str, value: Option<&str>, literal: &str) -> String {
    match value {
        // A row of NULLs alone `IS NULL`, too, and is none.
        None => format!("num_nulls({column}) = 1"),
        // `format` prints NULL as nothing.
        Some("") => format!("(format('%s', {column}) = '' AND num_nulls({column}) = 0)"),
        Some(_) => format!("format('%s', {column}) = {literal}"),
    }
}
