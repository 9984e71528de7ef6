//! Generated columns: the row stream leaves them out, so that their values are worked out from the others, by the database.

use std::collections::HashMap;

use sqlx::{PgPool, Row as _};

use super::error::SeedError;
use super::rows::{PLAIN, execute, literal, query};
use crate::model::rows::Row;
use crate::model::schema::{Schema, Table, quote};
use crate::world::RawChange;

/// Gives the images of changes the values of generated columns that they lack.
pub async fn complete(
    pool: &PgPool,
    schema: &Schema,
    changes: &mut [RawChange],
) -> Result<(), SeedError> {
    let lacking = |c: &RawChange| {
        let named = |t: &&Table| t.schema == c.schema && t.name == c.table;
        let table = schema.tables.iter().find(named)?;
        let columns = table.columns.iter().filter(|k| k.generated);
        let columns = columns.filter(|k| !c.columns.contains(&k.name));
        let names: Vec<String> = columns.map(|k| k.name.clone()).collect();
        (!names.is_empty() && (c.old.is_some() || c.new.is_some())).then_some((table, names))
    };
    if !changes.iter().any(|c| lacking(c).is_some()) {
        return Ok(());
    }
    let mut transaction = pool.begin().await.map_err(SeedError::database("begin"))?;
    execute(&mut transaction, PLAIN).await?;
    let mut known: HashMap<String, HashMap<String, String>> = HashMap::new();
    for change in changes.iter_mut() {
        let Some((table, names)) = lacking(change) else {
            continue;
        };
        let doing = || SeedError::database(format!("work out the generated columns of {table}"));
        let expressions = match known.get(&table.sql()) {
            Some(expressions) => expressions,
            None => {
                let rows = sqlx::query(
                    "SELECT a.attname::text AS name, pg_get_expr(d.adbin, d.adrelid) AS expression \
                     FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
                     WHERE a.attrelid = to_regclass($1) AND a.attgenerated <> ''",
                )
                .bind(table.sql())
                .fetch_all(&mut *transaction)
                .await
                .map_err(doing())?;
                let rows = rows.iter().map(|r| (r.get("name"), r.get("expression")));
                known.entry(table.sql()).or_insert(rows.collect())
            }
        };
        // Gone meanwhile, with its table.
        if names.iter().any(|n| !expressions.contains_key(n)) {
            continue;
        }
        let columns = change.columns.clone();
        for image in [&mut change.old, &mut change.new].into_iter().flatten() {
            let sql = worked_out(table, &columns, image, &names, expressions);
            let values = query(&mut transaction, &sql).await.map_err(doing())?;
            image.extend(values.into_iter().flatten());
        }
        change.columns.extend(names);
    }
    transaction
        .rollback()
        .await
        .map_err(SeedError::database("end a read"))
}

/// SQL for generated values of a row that may stand no more: their expressions over literals of its other values.
fn worked_out(
    table: &Table,
    columns: &[String],
    row: &Row,
    names: &[String],
    expressions: &HashMap<String, String>,
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
    let wanted = names
        .iter()
        .map(|n| format!("({})::{}", expressions[n], type_of(n)));
    let wanted: Vec<String> = wanted.collect();
    format!(
        "SELECT {} FROM (SELECT {}) AS given",
        wanted.join(", "),
        given.join(", ")
    )
}
