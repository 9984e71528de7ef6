//! Who may see rows beyond their own: what is declared public, shared, or visible downwards.

use std::collections::HashSet;

use sqlx::PgPool;

use super::error::SeedError;
use super::names;
use super::ownership::{find_column, find_table_or_tenants};
use super::rows::select;
use crate::model::knowledge::Visibility;
use crate::model::ownership::{Ownership, Rule};
use crate::model::rows::RowRef;
use crate::model::schema::{Schema, Table, TableId};
use crate::model::tenant::{Tenant, TenantKey};
use crate::target::description::Description;

/// Reads the declared rights; conditions are evaluated now, in SQL.
pub async fn visibility(
    pool: &PgPool,
    schema: &Schema,
    ownership: &Ownership,
    tenants: &[Tenant],
    description: &Description,
) -> Result<Vec<Visibility>, SeedError> {
    let section = &description.tenant;
    let mut all = Vec::new();
    for (index, text) in section.public.iter().enumerate() {
        let key = format!("tenant.public[{index}]");
        let (table, column, condition) = read(schema, ownership, text, &key)?;
        let rows = match condition {
            Some(condition) => Some(matching(pool, schema.table(table), condition, &key).await?),
            None => None,
        };
        all.push(Visibility {
            table,
            column,
            rows,
            from: None,
            to: None,
        });
    }
    for (index, share) in section.share.iter().enumerate() {
        let key = format!("tenant.share[{index}]");
        let table =
            find_table_or_tenants(schema, ownership, &share.table, &format!("{key}.table"))?;
        let rows = match &share.condition {
            Some(condition) => Some(matching(pool, table, condition, &key).await?),
            None => None,
        };
        let tenant = |slug: &Option<String>, end: &str| {
            slug.as_deref()
                .map(|s| by_slug(tenants, s, &format!("{key}.{end}")))
                .transpose()
        };
        all.push(Visibility {
            table: table.id,
            column: None,
            rows,
            from: tenant(&share.from, "from")?,
            to: tenant(&share.to, "to")?,
        });
    }
    match section.sees.as_deref() {
        None => {}
        Some("children") => all.extend(downwards(pool, schema, ownership, description).await?),
        Some(other) => {
            return Err(SeedError::Unreadable {
                key: "tenant.sees".into(),
                why: format!("`{other}` is not known; `children` is"),
            });
        }
    }
    Ok(all)
}

/// `table`, `table.column`, either with ` where CONDITION` behind it.
fn read<'a>(
    schema: &Schema,
    ownership: &Ownership,
    text: &'a str,
    key: &str,
) -> Result<(TableId, Option<usize>, Option<&'a str>), SeedError> {
    let lower = text.to_ascii_lowercase();
    let (name, condition) = match lower.find(" where ") {
        Some(at) => (text[..at].trim(), Some(text[at + " where ".len()..].trim())),
        None => (text.trim(), None),
    };
    // `billing.invoice` may be a table in a schema, or a column of a table.
    if let Some(table) = schema.by_name(name) {
        return Ok((table.id, None, condition));
    }
    match name.rsplit_once('.') {
        Some((table, column)) => {
            let table = find_table_or_tenants(schema, ownership, table, key)?;
            Ok((table.id, Some(find_column(table, column, key)?), condition))
        }
        None => Ok((
            find_table_or_tenants(schema, ownership, name, key)?.id,
            None,
            condition,
        )),
    }
}

async fn matching(
    pool: &PgPool,
    table: &Table,
    condition: &str,
    key: &str,
) -> Result<HashSet<RowRef>, SeedError> {
    let mut connection = pool
        .acquire()
        .await
        .map_err(SeedError::database("connect"))?;
    let rows = select(&mut connection, table, Some(&format!("({condition})")))
        .await
        .map_err(|e| SeedError::Unreadable {
            key: key.to_owned(),
            why: format!("`{condition}` is no condition over {table}: {e}"),
        })?;
    Ok(rows.iter().map(|row| RowRef::of(table, row)).collect())
}

fn by_slug(tenants: &[Tenant], slug: &str, key: &str) -> Result<TenantKey, SeedError> {
    let found = tenants.iter().find(|t| t.slug == slug || &*t.key == slug);
    found
        .map(|t| t.key.clone())
        .ok_or_else(|| SeedError::Unreadable {
            key: key.to_owned(),
            why: format!(
                "no tenant is called `{slug}`{}",
                names::nearest(slug, tenants.iter().map(|t| t.slug.as_str()))
            ),
        })
}

/// Every tenant sees the rows of those below it.
async fn downwards(
    pool: &PgPool,
    schema: &Schema,
    ownership: &Ownership,
    description: &Description,
) -> Result<Vec<Visibility>, SeedError> {
    let table = schema.table(ownership.tenants);
    let parent = match &description.tenant.parent {
        Some(name) => find_column(table, name, "tenant.parent")?,
        None => table
            .foreign_keys
            .iter()
            .find(|k| k.table == table.id && k.columns.len() == 1)
            .map(|k| k.columns[0])
            .ok_or_else(|| SeedError::Unreadable {
                key: "tenant.sees".into(),
                why: format!(
                    "`{table}` has no column that refers to itself; name it with `tenant.parent`"
                ),
            })?,
    };
    let mut connection = pool
        .acquire()
        .await
        .map_err(SeedError::database("connect"))?;
    let rows = select(&mut connection, table, None).await?;
    let up = |key: &TenantKey| {
        rows.iter()
            .find(|r| r[ownership.key].as_ref() == Some(key))?[parent]
            .clone()
    };
    let scoped: Vec<TableId> = schema
        .tables
        .iter()
        .map(|t| t.id)
        .filter(|t| *ownership.rule(*t) != Rule::Global)
        .collect();
    let mut all = Vec::new();
    for child in rows.iter().filter_map(|r| r[ownership.key].clone()) {
        let mut above = up(&child);
        // A ring of parents would never end.
        for _ in 0..rows.len() {
            let Some(ancestor) = above else { break };
            all.extend(scoped.iter().map(|&table| Visibility {
                table,
                column: None,
                rows: None,
                from: Some(child.clone()),
                to: Some(ancestor.clone()),
            }));
            above = up(&ancestor);
        }
    }
    Ok(all)
}
