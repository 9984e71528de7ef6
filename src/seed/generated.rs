//! Generated columns: the row stream leaves them out, so that their values are worked out from the others, by the database.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sqlx::{PgConnection, PgPool};

use super::error::SeedError;
use super::rows::{PLAIN, execute, literal, query};
use crate::model::rows::Row;
use crate::model::schema::{Schema, Table, quote};
use crate::world::RawChange;

/// The expressions of a table's generated columns, by column.
type Expressions = HashMap<String, String>;

/// Gives the images of changes the values of generated columns that they lack.
pub async fn complete(
    pool: &PgPool,
    schema: &Schema,
    changes: &mut [RawChange],
) -> Result<(), SeedError> {
    if !changes.iter().any(|c| lacking(schema, c).is_some()) {
        return Ok(());
    }
    let mut transaction = pool.begin().await.map_err(SeedError::database("begin"))?;
    execute(&mut transaction, PLAIN).await?;
    let mut known: HashMap<String, Expressions> = HashMap::new();
    for change in changes.iter_mut() {
        let Some((table, wanted)) = lacking(schema, change) else {
            continue;
        };
        let expressions = match known.entry(table.sql()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(expressions(&mut transaction, table).await?),
        };
        // A table that is gone tells nothing any more.
        if wanted.iter().any(|c| !expressions.contains_key(c)) {
            continue;
        }
        let columns = &change.columns;
        for image in [&mut change.old, &mut change.new].into_iter().flatten() {
            let sql = worked_out(table, columns, image, &wanted, expressions);
            let values = query(&mut transaction, &sql).await;
            let doing = format!("work out the generated columns of {table}");
            let values = values.map_err(SeedError::database(doing))?;
            image.extend(values.into_iter().flatten());
        }
        change.columns.extend(wanted);
    }
    transaction
        .rollback()
        .await
        .map_err(SeedError::database("end a read"))
}

/// A change's table and the generated columns that its images lack; `None` where they lack none.
fn lacking<'s>(schema: &'s Schema, change: &RawChange) -> Option<(&'s Table, Vec<String>)> {
    let mut tables = schema.tables.iter();
    let table = tables.find(|t| t.schema == change.schema && t.name == change.table)?;
    let columns = table.columns.iter().filter(|c| c.generated);
    let columns = columns.filter(|c| !change.columns.contains(&c.name));
    let wanted: Vec<String> = columns.map(|c| c.name.clone()).collect();
    let images = change.old.is_some() || change.new.is_some();
    (!wanted.is_empty() && images).then_some((table, wanted))
}

async fn expressions(
    connection: &mut PgConnection,
    table: &Table,
) -> Result<Expressions, SeedError> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT a.attname::text, pg_get_expr(d.adbin, d.adrelid) \
         FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
         WHERE a.attrelid = to_regclass($1) AND a.attgenerated <> ''",
    )
    .bind(table.sql())
    .fetch_all(connection)
    .await
    .map_err(SeedError::database(format!(
        "tell the generated columns of {table}"
    )))?;
    Ok(rows.into_iter().collect())
}

/// SQL for generated values of a row that may stand no more: their expressions over literals of its other values.
fn worked_out(
    table: &Table,
    columns: &[String],
    row: &Row,
    wanted: &[String],
    expressions: &Expressions,
) -> String {
    let type_of = |name: &String| {
        let column = table.column(name).map(|at| &table.columns[at]);
        column.map_or("text", |c| &c.type_name)
    };
    let given = columns.iter().zip(row).map(|(name, value)| {
        let literal = literal(value.as_deref());
        format!("{literal}::{} AS {}", type_of(name), quote(name))
    });
    let given: Vec<String> = given.collect();
    let wanted = wanted
        .iter()
        .map(|c| format!("({})::{}", expressions[c], type_of(c)));
    let wanted: Vec<String> = wanted.collect();
    format!(
        "SELECT {} FROM (SELECT {}) AS given",
        wanted.join(", "),
        given.join(", ")
    )
}
