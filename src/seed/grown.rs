//! A schema that grew while the target ran: tables made on first use, columns added to known ones.

use sqlx::PgPool;

use super::error::SeedError;
use super::introspect::introspect;
use super::ownership::again;
use super::rows::read_table;
use crate::model::ownership::Ownership;
use crate::model::rows::Rows;
use crate::model::schema::{Schema, Table};
use crate::target::description::Description;

/// Takes in what the schema has become: `rows` of tables that changed their columns are read anew, and new tables find their
/// owners as all others did. The rule of a table that is as it was stays: rows that came meanwhile must not bend it.
pub async fn regrow(
    pool: &PgPool,
    description: &Description,
    schema: &mut Schema,
    ownership: &mut Ownership,
    rows: &mut Rows,
) -> Result<(), SeedError> {
    let grown = introspect(pool, Some(schema)).await?;
    let changed = |table: &&Table| {
        !schema
            .tables
            .get(table.id.0)
            .is_some_and(|t| is_same(t, table))
    };
    for table in grown.tables.iter().filter(changed) {
        rows.replace(&grown, table.id, read_table(pool, table).await?);
    }
    let mut found = again(&grown, rows, description, ownership)?;
    for table in grown.tables.iter().filter(|t| !changed(t)) {
        let at = table.id.0;
        if let (Some(rule), Some(reason)) = (ownership.rules.get(at), ownership.reasons.get(at)) {
            found.rules[at] = rule.clone();
            found.reasons[at].clone_from(reason);
        }
    }
    *ownership = found;
    *schema = grown;
    Ok(())
}

/// Whether a table is as it was: rules speak of its columns and of its foreign keys by their place.
fn is_same(was: &Table, is: &Table) -> bool {
    let names = |t: &Table| -> Vec<String> { t.columns.iter().map(|c| c.name.clone()).collect() };
    names(was) == names(is) && was.foreign_keys == is.foreign_keys
}
