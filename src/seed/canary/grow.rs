//! Grows the canary index from the row stream.

use std::collections::{BTreeSet, HashSet};

use super::strength::{Distribution, is_strong_uuid, may_be_strong};
use super::{collect, is_generated, is_word, values};
use crate::model::canary::Canaries;
use crate::model::ownership::{Owners, Ownership, Rule};
use crate::model::rows::{Change, Row, RowRef, Rows};
use crate::model::schema::{ColumnRef, Schema, TableId};
use crate::model::values::{Standing, canonical};
use crate::model::verdict::Provenance;

/// What rows refer to in more places than this is looked at no further: it is no canary.
const PLACES: usize = 64;

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
    for (column, value) in values(schema, change.table, new) {
        let brought = Brought {
            schema,
            ownership,
            rows,
            change,
            at: &at,
        };
        if brought.is_canary(canaries, column, &value) {
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

/// What a change brought, among all that stood before.
struct Brought<'a> {
    schema: &'a Schema,
    ownership: &'a Ownership,
    rows: &'a Rows,
    change: &'a Change,
    at: &'a RowRef,
}

impl Brought<'_> {
    fn is_canary(&self, canaries: &Canaries, column: usize, value: &str) -> bool {
        let change = self.change;
        if change.owners_after.0.len() != 1 {
            return false;
        }
        let known = canaries.get(value);
        let generated = is_generated(&value.to_ascii_lowercase());
        if !known.is_empty() {
            // A transferred row may be seen by its new owner, and a reference to a foreign row by who stores it; but a copy
            // of a generated value in another tenant's row *is* the leak, and makes it no less foreign.
            let moved = change.old.is_some() && change.owners_before != change.owners_after;
            return known.iter().any(|p| p.owners == change.owners_after) || moved || !generated;
        }
        generated || self.is_strong(column, &value.to_ascii_lowercase())
    }

    /// Whether a value, in lower case, is unrepeated and too hard to guess to be elsewhere by chance. The dear questions,
    /// which look at the whole column, come last: most values fail or pass before.
    fn is_strong(&self, column: usize, value: &str) -> bool {
        let at = ColumnRef {
            table: self.change.table,
            column,
        };
        if !may_be_strong(value) || is_word(self.schema, at, value) || !self.stands_alone(value) {
            return false;
        }
        if is_strong_uuid(value) {
            return true;
        }
        let others = self.column_values(column);
        let all = others.iter().map(String::as_str).chain([value]);
        !others.contains(value) && Distribution::of(all).is_strong(value)
    }

    /// The tokens of a column in other rows, in lower case.
    fn column_values(&self, column: usize) -> HashSet<String> {
        let table = self.change.table;
        let kind = &self.schema.table(table).columns[column].kind;
        let mut found = BTreeSet::new();
        for (at, row) in self.rows.of(table) {
            if let Some(text) = row[column].as_deref().filter(|_| at != self.at) {
                collect(kind, text, &mut found);
            }
        }
        found.into_iter().map(|v| v.to_ascii_lowercase()).collect()
    }

    /// Whether only rows of the same owner hold the value as a whole (a log entry made with it, say): a reference to a row
    /// that is no canary is none either.
    fn stands_alone(&self, value: &str) -> bool {
        let Some(canonical) = canonical(value) else {
            return false;
        };
        let owners = |at: &RowRef| {
            let row = self.rows.get(at)?;
            Some(self.ownership.owners(self.schema, self.rows, at.table, row))
        };
        match self.rows.standing(&canonical) {
            Standing::At(places) if places.len() > PLACES => false,
            Standing::At(places) => places
                .iter()
                .filter(|p| *p.row != *self.at)
                .all(|p| owners(&p.row).is_none_or(|o| o == self.change.owners_after)),
            Standing::Common => false,
        }
    }
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
