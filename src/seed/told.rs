//! What seeding says when it is done: how much there is, and which tables stay empty and why.

use super::cast::Cast;
use super::generate::Filled;
use crate::model::ownership::{Ownership, Rule};
use crate::model::rows::Rows;
use crate::model::schema::{Schema, Table};
use crate::model::tenant::{Actor, Tenant};
use crate::target::description::Description;

/// Tables that could not be filled, and why.
pub fn warnings(schema: &Schema, filled: &[Filled]) -> Vec<String> {
    let failed = filled.iter().filter_map(|f| Some((f, f.failure.as_ref()?)));
    failed
        .map(|(f, why)| {
            let table = schema.table(f.table);
            if f.rows.is_empty() {
                format!("{table} could not be filled and stays empty: {why}; see seed.values, seed.words and seed.sql")
            } else {
                format!("{table} could not be filled for every tenant: {why}")
            }
        })
        .collect()
}

/// Tables that tenants own and that hold nothing: no attack on them can show anything.
pub fn empty(
    schema: &Schema,
    owners: &Ownership,
    rows: &Rows,
    cast: &Cast,
    filled: &[Filled],
    description: &Description,
) -> Vec<String> {
    let control = |key: &str| {
        cast.tenants
            .iter()
            .any(|t| t.control && t.key.as_deref() == Some(key))
    };
    let open = |table: &&Table| match owners.rule(table.id) {
        Rule::Global => false,
        Rule::Schema { tenant } => !control(tenant),
        _ => true,
    };
    let skips = |table: &Table| {
        let mut skipped = description.seed.skip.iter();
        skipped.any(|name| schema.by_name(name).is_some_and(|t| t.id == table.id))
    };
    schema
        .tables
        .iter()
        .filter(open)
        .filter(|table| rows.count(table.id) == 0)
        .filter_map(|table| {
            let tried = filled.iter().find(|f| f.table == table.id);
            let why = match tried {
                // That was said already.
                Some(Filled {
                    failure: Some(_), ..
                }) => return None,
                Some(f) if !f.rows.is_empty() => "its generated rows were gone at the end",
                Some(_) => "no tenant wanted rows there",
                None if skips(table) => "seed.skip leaves it out",
                None => "it belongs to the cast or to a migration tool, and gets no generated rows",
            };
            Some(format!(
                "{table} is owned ({}) and stays empty: {why}; fill it by seed.calls or seed.sql",
                owners.reasons[table.id.0]
            ))
        })
        .collect()
}

/// What there is now, in one sentence.
pub fn notes(
    schema: &Schema,
    ownership: &Ownership,
    tenants: &[Tenant],
    actors: &[Actor],
    filled: &[Filled],
) -> Vec<String> {
    let rows: usize = filled.iter().map(|f| f.rows.len() + f.shared.len()).sum();
    let tables = filled.iter().filter(|f| !f.rows.is_empty()).count();
    let slugs: Vec<&str> = tenants.iter().map(|t| t.slug.as_str()).collect();
    vec![format!(
        "{} tenants in {} ({}), {} actors, {rows} generated rows in {tables} tables",
        tenants.len(),
        schema.table(ownership.tenants),
        slugs.join(", "),
        actors.len(),
    )]
}
