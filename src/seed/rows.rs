//! Reads all rows in Postgres' own text form, and takes generated ones back.

use std::collections::{BTreeMap, HashSet, VecDeque};

use sqlx::{AssertSqlSafe, PgConnection, PgPool};

use super::error::SeedError;
use crate::model::rows::{Row, RowRef, Rows};
use crate::model::schema::{Schema, Table, quote};
use crate::world::changes::undo::order;
pub use crate::world::text::query;
use crate::world::text::shows;

/// Makes values print as the row stream prints them, whatever the server is set to.
pub const PLAIN: &str = "SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = 'UTC'; SET LOCAL intervalstyle = 'postgres';
    SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL lc_monetary = 'C'";

/// Every row of every table, as of one moment.
pub async fn read_rows(pool: &PgPool, schema: &Schema) -> Result<Rows, SeedError> {
    let mut transaction = pool.begin().await.map_err(SeedError::database("begin"))?;
    execute(
        &mut transaction,
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    )
    .await?;
    execute(&mut transaction, PLAIN).await?;
    let mut rows = Rows::empty(schema);
    for table in &schema.tables {
        for row in select(&mut transaction, table, None).await? {
            rows.insert(schema, table.id, row);
        }
    }
    transaction
        .rollback()
        .await
        .map_err(SeedError::database("end a read"))?;
    Ok(rows)
}

/// Every row of one table.
pub async fn read_table(pool: &PgPool, table: &Table) -> Result<Vec<Row>, SeedError> {
    let mut transaction = pool.begin().await.map_err(SeedError::database("begin"))?;
    execute(&mut transaction, PLAIN).await?;
    let rows = select(&mut transaction, table, None).await?;
    transaction
        .rollback()
        .await
        .map_err(SeedError::database("end a read"))?;
    Ok(rows)
}

/// The rows of one table that meet a condition (SQL over its columns); none where the table is gone.
pub async fn select(
    connection: &mut PgConnection,
    table: &Table,
    condition: Option<&str>,
) -> Result<Vec<Row>, SeedError> {
    let doing = || SeedError::database(format!("show the rows of {table}"));
    let there: Option<String> = sqlx::query_scalar("SELECT to_regclass($1)::text")
        .bind(table.sql())
        .fetch_one(&mut *connection)
        .await
        .map_err(doing())?;
    if there.is_none() || table.columns.is_empty() {
        return Ok(Vec::new());
    }
    let columns: Vec<String> = table.columns.iter().map(|c| quote(&c.name)).collect();
    let filter = condition.map_or_else(String::new, |c| format!(" WHERE {c}"));
    // Rows of inheriting tables show in those tables.
    let sql = format!(
        "SELECT {} FROM {}{}{filter}",
        columns.join(", "),
        if partitioned(connection, table).await? {
            ""
        } else {
            "ONLY "
        },
        table.sql(),
    );
    query(connection, &sql).await.map_err(doing())
}

async fn partitioned(connection: &mut PgConnection, table: &Table) -> Result<bool, SeedError> {
    sqlx::query_scalar("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass($1)")
        .bind(table.sql())
        .fetch_one(connection)
        .await
        .map_err(SeedError::database(format!("tell what {table} is")))
}

/// Runs SQL text whose rows do not matter.
pub async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), SeedError> {
    execute_as(connection, sql, &format!("run `{}`", shortened(sql))).await
}

/// The same for SQL text that may hold secrets: an error says what it was to do, and not the text.
pub async fn execute_as(
    connection: &mut PgConnection,
    sql: &str,
    doing: &str,
) -> Result<(), SeedError> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(SeedError::database(doing))
}

/// The beginning of a long SQL text, for messages.
pub fn shortened(sql: &str) -> String {
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 120 {
        return line;
    }
    line.chars().take(119).chain(['…']).collect()
}

/// A value as SQL literal, coerced by the place where it stands.
pub fn literal(value: Option<&str>) -> String {
    value.map_or_else(
        || "NULL".to_owned(),
        |text| {
            if text.contains('\\') {
                format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
            } else {
                format!("'{}'", text.replace('\'', "''"))
            }
        },
    )
}

/// The condition that a row is the one that `at` names.
pub fn is_row(table: &Table, at: &RowRef) -> String {
    let columns: Vec<usize> = if table.primary_key.is_empty() {
        (0..table.columns.len()).collect()
    } else {
        table.primary_key.clone()
    };
    let parts: Vec<String> = columns
        .iter()
        .zip(&at.key)
        .map(|(&c, value)| {
            let column = quote(&table.columns[c].name);
            let literal = literal(value.as_deref());
            if table.primary_key.is_empty() {
                shows(&column, value.as_deref(), &literal)
            } else {
                format!("{column} = {literal}")
            }
        })
        .collect();
    parts.join(" AND ")
}

/// Removes rows, and before them every row that points to them.
pub async fn take_back(pool: &PgPool, schema: &Schema, rows: &[RowRef]) -> Result<(), SeedError> {
    let current = read_rows(pool, schema).await?;
    let doomed = with_children(schema, &current, rows);
    let mut transaction = pool.begin().await.map_err(SeedError::database("begin"))?;
    execute(&mut transaction, PLAIN).await?;
    // All go at once and nothing is left that points to them, so that neither order nor triggers matter.
    let replica = order::become_replica(&mut transaction).await?;
    let mut deletions = Vec::new();
    for (table, rows) in doomed {
        let table = schema.table(table);
        let rows: Vec<&RowRef> = rows.iter().collect();
        for chunk in rows.chunks(200) {
            let which: Vec<String> = chunk
                .iter()
                .map(|r| format!("({})", is_row(table, r)))
                .collect();
            let sql = format!("DELETE FROM {} WHERE {}", table.sql(), which.join(" OR "));
            deletions.push(((table.schema.clone(), table.name.clone()), sql));
        }
    }
    if replica {
        for (_, sql) in &deletions {
            execute(&mut transaction, sql).await?;
        }
    } else {
        order::delete(&mut transaction, deletions).await?;
    }
    transaction
        .commit()
        .await
        .map_err(SeedError::database("take generated rows back"))
}

/// The rows and all that point to them, by declared and undeclared keys.
pub fn with_children(
    schema: &Schema,
    current: &Rows,
    rows: &[RowRef],
) -> BTreeMap<crate::model::schema::TableId, HashSet<RowRef>> {
    let mut doomed: BTreeMap<_, HashSet<RowRef>> = BTreeMap::new();
    let mut queue: VecDeque<RowRef> = rows.iter().cloned().collect();
    while let Some(at) = queue.pop_front() {
        let Some(row) = current.get(&at) else {
            continue;
        };
        if !doomed.entry(at.table).or_default().insert(at.clone()) {
            continue;
        }
        for child in &schema.tables {
            for key in child.foreign_keys.iter().filter(|k| k.table == at.table) {
                let points = |candidate: &Row| {
                    key.columns
                        .iter()
                        .zip(&key.references)
                        .all(|(&c, &r)| candidate[c].is_some() && candidate[c] == row[r])
                };
                queue.extend(
                    current
                        .of(child.id)
                        .filter(|(_, r)| points(r))
                        .map(|(r, _)| r.clone()),
                );
            }
        }
    }
    doomed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_survive_quotes_and_backslashes() {
        assert_eq!(literal(None), "NULL");
        assert_eq!(literal(Some("it's")), "'it''s'");
        assert_eq!(literal(Some(r"a\'b")), r"E'a\\''b'");
    }

    #[test]
    fn long_sql_is_shortened_on_one_line() {
        assert_eq!(shortened("SELECT\n  1"), "SELECT 1");
        assert_eq!(shortened(&"x ".repeat(200)).chars().count(), 120);
    }
}
