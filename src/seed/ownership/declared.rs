//! What the description says of owners, which wins over all detection.

use super::{SeedError, find_column, find_table};
use crate::model::ownership::{Membership, Rule};
use crate::model::schema::{Schema, Table, TableId};
use crate::target::description::Description;

/// `table(user_column, tenant_column, role_column)`.
pub fn membership(
    schema: &Schema,
    description: &Description,
) -> Result<Option<Membership>, SeedError> {
    const KEY: &str = "tenant.membership";
    let Some(text) = &description.tenant.membership else {
        return Ok(None);
    };
    let unreadable = || SeedError::Unreadable {
        key: KEY.into(),
        why: format!("`{text}` is not of the form table(user_column, tenant_column, role_column)"),
    };
    let (name, rest) = text.split_once('(').ok_or_else(unreadable)?;
    let inner = rest.trim().strip_suffix(')').ok_or_else(unreadable)?;
    let parts: Vec<&str> = inner
        .split(',')
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .collect();
    let table = find_table(schema, name.trim(), KEY)?;
    let (user, tenant, role) = match parts[..] {
        [user, tenant] => (user, tenant, None),
        [user, tenant, role] => (user, tenant, Some(role)),
        _ => return Err(unreadable()),
    };
    Ok(Some(Membership {
        table: table.id,
        user: find_column(table, user, KEY)?,
        tenant: find_column(table, tenant, KEY)?,
        role: role.map(|r| find_column(table, r, KEY)).transpose()?,
    }))
}

/// So alike is a misspelt name to the right one: one letter in three may differ.
const MISSPELT: f64 = 0.66;

/// The table that a key of `tenant.columns` names; none where no table is called like it, and one may come that the target
/// makes on first use. A name that is nearly another's is an error.
fn named<'a>(schema: &'a Schema, name: &str, key: &str) -> Result<Option<&'a Table>, SeedError> {
    let likeness = |table: &Table| {
        let (name, known) = (name.to_lowercase(), table.name.to_lowercase());
        strsim::normalized_damerau_levenshtein(&name, &known)
    };
    match schema.by_name(name) {
        None if schema.tables.iter().all(|t| likeness(t) < MISSPELT) => Ok(None),
        _ => find_table(schema, name, key).map(Some),
    }
}

/// The rule that the description gives a table, and the sentence for it.
pub fn rule(
    schema: &Schema,
    description: &Description,
    at: TableId,
) -> Result<Option<(Rule, String)>, SeedError> {
    for (name, value) in &description.tenant.columns {
        let key = format!("tenant.columns.{name}");
        let table = named(schema, name, &key)?.filter(|table| table.id == at);
        if let Some(table) = table {
            return Ok(Some((
                read(table, value.trim(), &key)?,
                format!("declared: {}", value.trim()),
            )));
        }
    }
    Ok(None)
}

/// Checks that every name of the section exists, also where no rule asks for it, or may still come to.
pub fn check(schema: &Schema, description: &Description) -> Result<(), SeedError> {
    for (name, value) in &description.tenant.columns {
        let key = format!("tenant.columns.{name}");
        if let Some(table) = named(schema, name, &key)? {
            read(table, value.trim(), &key)?;
        }
    }
    Ok(())
}

fn read(table: &Table, value: &str, key: &str) -> Result<Rule, SeedError> {
    if value == "global" {
        return Ok(Rule::Global);
    }
    if let Some(column) = value.strip_prefix("via:") {
        let columns: Vec<usize> = column
            .split(',')
            .map(|c| find_column(table, c.trim(), key))
            .collect::<Result<_, _>>()?;
        let foreign_keys: Vec<usize> = (0..table.foreign_keys.len())
            .filter(|&k| {
                columns
                    .iter()
                    .any(|c| table.foreign_keys[k].columns.contains(c))
            })
            .collect();
        if foreign_keys.is_empty() {
            return Err(SeedError::Unreadable {
                key: key.to_owned(),
                why: format!(
                    "no foreign key of `{table}` has the column `{column}`, and no table is called like it; name a tenant \
                     column, another foreign key's column, or `global`"
                ),
            });
        }
        return Ok(Rule::Parents { foreign_keys });
    }
    let columns = value
        .split(',')
        .map(|c| find_column(table, c.trim(), key))
        .collect::<Result<_, _>>()?;
    Ok(Rule::Columns { columns })
}
