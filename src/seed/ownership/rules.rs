//! One rule a table, with the sentence that says why.

use super::{Ground, Reference, SeedError, declared};
use crate::model::ownership::{Membership, Rule};
use crate::model::schema::{ForeignKey, Table, TableId};
use crate::target::description::Description;

/// The rules of all tables and the reasons for them.
pub fn all(
    ground: &Ground<'_>,
    slug: Option<usize>,
    membership: Option<&Membership>,
    description: &Description,
) -> Result<(Vec<Rule>, Vec<String>), SeedError> {
    declared::check(ground.schema, description)?;
    let mut rules: Vec<Option<(Rule, String)>> = Vec::new();
    for table in &ground.schema.tables {
        let rule = match declared::rule(ground.schema, description, table.id)? {
            Some(rule) => Some(rule),
            None => direct(ground, slug, membership, table),
        };
        rules.push(rule);
    }
    inherit(ground, &mut rules);
    Ok(rules
        .into_iter()
        .map(|rule| {
            rule.unwrap_or_else(|| (Rule::Global, "nothing ties it to a tenant".to_owned()))
        })
        .unzip())
}

/// A rule that needs no other table's rule.
fn direct(
    ground: &Ground<'_>,
    slug: Option<usize>,
    membership: Option<&Membership>,
    table: &Table,
) -> Option<(Rule, String)> {
    if table.id == ground.tenants {
        return Some((
            Rule::Tenant { key: ground.key },
            "it is the tenant table".to_owned(),
        ));
    }
    if let Some(rule) = by_schema(ground, slug, table) {
        return Some(rule);
    }
    let columns = ground.tenant_columns(table);
    if Some(table.id) == ground.users
        && let Some(membership) = membership.filter(|m| m.table != table.id)
        && let Some(key) = table.single_key()
    {
        let columns: Vec<usize> = columns.iter().map(|r| r.column).collect();
        let home = if columns.is_empty() {
            ""
        } else {
            ", and to their home tenant"
        };
        let reason = format!(
            "users belong to the tenants that {} ties them to{home}",
            ground.schema.table(membership.table)
        );
        return Some((
            Rule::Members {
                membership: membership.table,
                user: membership.user,
                tenant: membership.tenant,
                key,
                columns,
            },
            reason,
        ));
    }
    if let Some(membership) =
        membership.filter(|m| m.table == table.id && m.table != ground.tenants)
    {
        let reason = format!(
            "it ties users to tenants by {}",
            table.columns[membership.tenant].name
        );
        return Some((
            Rule::Columns {
                columns: vec![membership.tenant],
            },
            reason,
        ));
    }
    (!columns.is_empty()).then(|| by_columns(table, &columns))
}

fn by_columns(table: &Table, columns: &[Reference]) -> (Rule, String) {
    let names: Vec<String> = columns
        .iter()
        .map(|r| {
            let how = if r.declared {
                "a foreign key to the tenants"
            } else {
                "named like the tenants"
            };
            format!("{} is {how}", table.columns[r.column].name)
        })
        .collect();
    (
        Rule::Columns {
            columns: columns.iter().map(|r| r.column).collect(),
        },
        names.join(", "),
    )
}

/// A table in a schema that is called like a tenant (its key, its slug, or either behind a prefix).
fn by_schema(ground: &Ground<'_>, slug: Option<usize>, table: &Table) -> Option<(Rule, String)> {
    if table.schema == ground.schema.table(ground.tenants).schema {
        return None;
    }
    let called = |value: &str| {
        let value = value.to_lowercase().replace('-', "_");
        let schema = table.schema.to_lowercase().replace('-', "_");
        schema == value || schema.ends_with(&format!("_{value}"))
    };
    ground.rows.of(ground.tenants).find_map(|(_, row)| {
        let key = row[ground.key].clone()?;
        let names = [Some(ground.key), slug]
            .into_iter()
            .flatten()
            .filter_map(|c| row[c].as_deref());
        let hit = names.into_iter().any(called);
        hit.then(|| {
            (
                Rule::Schema { tenant: key },
                format!("the schema {} is that tenant's own", table.schema),
            )
        })
    })
}

/// Which parents may decide, best first: those below the tenant before identities (a comment is its issue's, not all
/// that its author belongs to), and of each those that every row has before those that may be absent.
const STAGES: [(bool, bool); 4] = [(false, true), (false, false), (true, true), (true, false)];

/// Gives tables without a rule the owners of their parents, the nearest first, until nothing changes.
fn inherit(ground: &Ground<'_>, rules: &mut [Option<(Rule, String)>]) {
    loop {
        let found = STAGES.iter().find_map(|&(identities, firm)| {
            let found: Vec<(TableId, Rule, String)> = ground
                .schema
                .tables
                .iter()
                .filter(|t| rules[t.id.0].is_none())
                .filter_map(|t| parents(ground, rules, t, identities, firm))
                .collect();
            (!found.is_empty()).then_some(found)
        });
        let Some(found) = found else { return };
        for (table, rule, reason) in found {
            rules[table.0] = Some((rule, reason));
        }
    }
}

fn parents(
    ground: &Ground<'_>,
    rules: &[Option<(Rule, String)>],
    table: &Table,
    identities: bool,
    firm: bool,
) -> Option<(TableId, Rule, String)> {
    let owned = |key: &ForeignKey| {
        key.table != table.id
            && (identities || Some(key.table) != ground.users)
            && rules[key.table.0]
                .as_ref()
                .is_some_and(|(rule, _)| *rule != Rule::Global)
            && (key.is_declared() || values_fit(ground, table, key))
    };
    let every_row = |key: &ForeignKey| key.columns.iter().all(|&c| table.columns[c].not_null);
    let foreign_keys: Vec<usize> = (0..table.foreign_keys.len())
        .filter(|&k| owned(&table.foreign_keys[k]) && (!firm || every_row(&table.foreign_keys[k])))
        .collect();
    if foreign_keys.is_empty() {
        return None;
    }
    let ways: Vec<String> = foreign_keys
        .iter()
        .map(|&k| {
            let key = &table.foreign_keys[k];
            let columns: Vec<&str> = key
                .columns
                .iter()
                .map(|&c| table.columns[c].name.as_str())
                .collect();
            let how = if key.is_declared() {
                ""
            } else {
                " (by its name)"
            };
            format!(
                "{} of {}{how}",
                columns.join(", "),
                ground.schema.table(key.table)
            )
        })
        .collect();
    Some((
        table.id,
        Rule::Parents { foreign_keys },
        format!("owned as its parent is: {}", ways.join(", ")),
    ))
}

/// Whether all values that an undeclared reference holds stand in the table that it is named after.
fn values_fit(ground: &Ground<'_>, table: &Table, key: &ForeignKey) -> bool {
    ground.rows.of(table.id).all(|(_, row)| {
        let values: Vec<_> = key.columns.iter().map(|&c| row[c].clone()).collect();
        values.iter().any(Option::is_none)
            || ground
                .rows
                .find(ground.schema, key.table, &key.references, &values)
                .is_some()
    })
}
