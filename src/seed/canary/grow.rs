//! Grows the canary index from the row stream.

use std::collections::{BTreeSet, HashSet};

use super::strength::Distribution;
use super::{collect, is_generated, is_word, values};
use crate::model::canary::Canaries;
use crate::model::ownership::{Owners, Ownership, Rule};
use crate::model::rows::{Change, Row, RowRef, Rows};
use crate::model::schema::{ColumnRef, Schema, TableId};
use crate::model::verdict::Provenance;

/// Forgets what a row change brought, when it was taken back.
pub fn shrink(canaries: &mut Canaries, schema: &Schema, change: &Change) {
    let Some(new) = &change.new else { return };
    let at = RowRef::of(schema.table(change.table), new);
    let changed = change.columns();
    for (column, value) in values(schema, change.table, new) {
        if changed.contains(&column) {
            canaries.remove(&at, column, &value);
        }
    }
}

/// Takes in what a row change brought. `rows` may stand before or after the change.
pub fn grow(
    canaries: &mut Canaries,
    schema: &Schema,
    ownership: &Ownership,
    rows: &Rows,
    change: &Change,
) {
    let Some(new) = &change.new else { return };
    let at = RowRef::of(schema.table(change.table), new);
    let moved = change.old.is_some() && change.owners_before != change.owners_after;
    for (column, value) in values(schema, change.table, new) {
        if is_new_canary(canaries, schema, rows, change, &at, column, &value, moved) {
            let owners = change.owners_after.clone();
            canaries.insert(Provenance {
                row: at.clone(),
                column,
                value,
                owners,
            });
        }
    }
    regrow_members(canaries, schema, ownership, rows, change.table, new);
}

#[expect(
    clippy::too_many_arguments,
    reason = "one question, asked in one place"
)]
fn is_new_canary(
    canaries: &Canaries,
    schema: &Schema,
    rows: &Rows,
    change: &Change,
    at: &RowRef,
    column: usize,
    value: &str,
    moved: bool,
) -> bool {
    if change.owners_after.0.len() != 1 {
        return false;
    }
    let known = canaries.get(value);
    let generated = is_generated(&value.to_ascii_lowercase());
    if !known.is_empty() {
        // A transferred row may be seen by its new owner, and a reference to a foreign row by who stores it; but a copy of a
        // generated value in another tenant's row *is* the leak, and makes it no less foreign.
        return known.iter().any(|p| p.owners == change.owners_after) || moved || !generated;
    }
    generated || {
        let column_values = column_values(schema, rows, change.table, column, at);
        let lower = value.to_ascii_lowercase();
        !column_values.contains(&lower)
            && !is_word(
                schema,
                ColumnRef {
                    table: change.table,
                    column,
                },
                &lower,
            )
            && Distribution::of(
                column_values
                    .iter()
                    .map(String::as_str)
                    .chain([lower.as_str()]),
            )
            .is_strong(&lower)
            && stands_alone(schema, rows, &lower, at)
    }
}

/// The tokens of a column in other rows, in lower case.
fn column_values(
    schema: &Schema,
    rows: &Rows,
    table: TableId,
    column: usize,
    except: &RowRef,
) -> HashSet<String> {
    let kind = &schema.table(table).columns[column].kind;
    let mut found = BTreeSet::new();
    for (at, row) in rows.of(table) {
        if let Some(text) = row[column].as_deref().filter(|_| at != except) {
            collect(kind, text, &mut found);
        }
    }
    found.into_iter().map(|v| v.to_ascii_lowercase()).collect()
}

/// Whether no other row holds the value as a whole: a reference to a row that is no canary is none either.
fn stands_alone(schema: &Schema, rows: &Rows, value: &str, except: &RowRef) -> bool {
    schema.tables.iter().all(|table| {
        rows.of(table.id).all(|(at, row)| {
            at == except
                || !row
                    .iter()
                    .flatten()
                    .any(|v| v.len() == value.len() && v.eq_ignore_ascii_case(value))
        })
    })
}

/// A membership makes a user's values those of another tenant, too.
fn regrow_members(
    canaries: &mut Canaries,
    schema: &Schema,
    ownership: &Ownership,
    rows: &Rows,
    changed: TableId,
    tie: &Row,
) {
    for (index, rule) in ownership.rules.iter().enumerate() {
        let Rule::Members {
            membership,
            user,
            tenant,
            key,
            ..
        } = rule
        else {
            continue;
        };
        if *membership != changed {
            continue;
        }
        let table = TableId(index);
        let Some(row) = rows.find(schema, table, &[*key], &[tie[*user].clone()]) else {
            continue;
        };
        let mut owners = ownership.owners(schema, rows, table, row);
        owners.0.extend(tie[*tenant].clone());
        let at = RowRef::of(schema.table(table), row);
        for (column, value) in values(schema, table, row) {
            if !canaries.get(&value).is_empty() {
                let owners = Owners(owners.0.clone());
                canaries.insert(Provenance {
                    row: at.clone(),
                    column,
                    value,
                    owners,
                });
            }
        }
    }
}
