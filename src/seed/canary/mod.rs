//! The canary index: built by reading the rows, grown from the row stream. Strong values only.

mod alphabet;
mod grow;
mod strength;

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::model::canary::{Canaries, LENGTH, PREFIX, tokens};
use crate::model::ownership::Ownership;
use crate::model::rows::{Row, Rows};
use crate::model::schema::{ColumnRef, Kind, Schema, TableId};
use crate::model::tenant::{Tenant, TenantKey};
use crate::model::verdict::Provenance;
use strength::Distribution;

pub use grow::{grow, shrink};
pub use strength::{is_drawn, is_drawn_among};

/// Builds the index of values that stand in one tenant's rows alone and cannot be there by chance.
pub fn canaries(
    schema: &Schema,
    ownership: &Ownership,
    rows: &Rows,
    tenants: &[Tenant],
) -> Canaries {
    let mut canaries = Canaries::default();
    for tenant in tenants {
        for value in [&*tenant.key, tenant.slug.as_str()] {
            canaries.bar(value);
            tokens(value).for_each(|token| canaries.bar(token));
        }
    }
    let standing = standing(schema, ownership, rows);
    let strong = strong_values(schema, &standing);
    for (value, stands) in standing {
        if strong.contains(&value) && !stands.global && stands.tenants.len() == 1 {
            for place in stands.places {
                canaries.insert(place);
            }
        }
    }
    canaries
}

/// Bars the words of an API document: names, examples, enums, defaults, descriptions.
pub fn bar_document(canaries: &mut Canaries, document: &serde_json::Value) {
    let mut said = |text: &str| tokens(text).for_each(|token| canaries.bar_word(token));
    let mut left = vec![document];
    while let Some(next) = left.pop() {
        match next {
            serde_json::Value::String(text) => said(text),
            serde_json::Value::Array(items) => left.extend(items),
            serde_json::Value::Object(map) => {
                map.keys().for_each(|name| said(name));
                left.extend(map.values());
            }
            _ => {}
        }
    }
}

/// Where a value stands, and whose rows those are.
#[derive(Default)]
struct Standing {
    places: Vec<Provenance>,
    tenants: BTreeSet<TenantKey>,
    global: bool,
}

fn standing(schema: &Schema, ownership: &Ownership, rows: &Rows) -> HashMap<String, Standing> {
    let mut standing: HashMap<String, Standing> = HashMap::new();
    for table in &schema.tables {
        for (at, row) in rows.of(table.id) {
            let owners = ownership.owners(schema, rows, table.id, row);
            for (column, value) in values(schema, table.id, row) {
                let stands = standing.entry(value.to_ascii_lowercase()).or_default();
                stands.global |= owners.is_global();
                stands.tenants.extend(owners.0.iter().cloned());
                stands.places.push(Provenance {
                    row: at.clone(),
                    column,
                    value,
                    owners: owners.clone(),
                });
            }
        }
    }
    standing
}

/// The values that are strong in at least one column: generated, or unrepeated and hard enough to guess there.
fn strong_values(schema: &Schema, standing: &HashMap<String, Standing>) -> HashSet<String> {
    let mut columns: HashMap<ColumnRef, HashMap<&str, usize>> = HashMap::new();
    for (value, stands) in standing {
        for place in &stands.places {
            let at = ColumnRef {
                table: place.row.table,
                column: place.column,
            };
            *columns.entry(at).or_default().entry(value).or_default() += 1;
        }
    }
    let mut strong: HashSet<String> = HashSet::new();
    for (at, counts) in columns {
        let distribution = Distribution::of(counts.keys().copied());
        let known = |value: &str, count: usize| {
            is_generated(value)
                || count == 1 && !is_word(schema, at, value) && distribution.is_strong(value)
        };
        strong.extend(
            counts
                .iter()
                .filter(|(v, n)| known(v, **n))
                .map(|(v, _)| (*v).to_owned()),
        );
    }
    strong
}

/// Whether the column's checks name the value.
fn is_word(schema: &Schema, at: ColumnRef, value: &str) -> bool {
    schema
        .table(at.table)
        .checks
        .iter()
        .any(|check| check.to_ascii_lowercase().contains(&format!("'{value}'")))
}

/// The values of a row that may be canaries, with their columns: each token once a column.
fn values(schema: &Schema, table: TableId, row: &Row) -> Vec<(usize, String)> {
    let columns = &schema.table(table).columns;
    let mut found = Vec::new();
    for (index, value) in row.iter().enumerate() {
        let (Some(text), Some(column)) = (value, columns.get(index)) else {
            continue;
        };
        let mut here = BTreeSet::new();
        collect(&column.kind, text, &mut here);
        found.extend(here.into_iter().map(|value| (index, value)));
    }
    found
}

fn collect(kind: &Kind, text: &str, into: &mut BTreeSet<String>) {
    match kind {
        Kind::Text | Kind::Uuid | Kind::Json | Kind::Composite(_) => collect_tokens(text, into),
        Kind::Array(of) => collect(of, text, into),
        Kind::Bytes => {
            let hex = text.strip_prefix("\\x").unwrap_or(text);
            collect_tokens(hex, into);
            // Bytes are often text, and shown as that.
            if let Some(text) = hex::decode(hex)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
            {
                collect_tokens(&text, into);
            }
        }
        Kind::Other(name) if ["hstore", "xml", "ltree", "tsvector"].contains(&name.as_str()) => {
            collect_tokens(text, into);
        }
        // Numbers, dates and words of a list are never strong.
        _ => {}
    }
}

fn collect_tokens(text: &str, into: &mut BTreeSet<String>) {
    for token in tokens(text) {
        let generated = generated_in(token);
        if generated.is_empty() {
            into.insert(token.to_owned());
        } else {
            // A scan finds generated tokens inside longer runs: the run itself says no more.
            into.extend(generated);
        }
    }
}

/// Generated tokens inside a run, in lower case.
fn generated_in(run: &str) -> Vec<String> {
    let lower = run.to_ascii_lowercase();
    lower
        .match_indices(PREFIX)
        .filter_map(|(at, _)| lower.get(at..at + LENGTH))
        .filter(|token| is_generated(token))
        .map(str::to_owned)
        .collect()
}

fn is_generated(value: &str) -> bool {
    value.len() == LENGTH
        && value.starts_with(PREFIX)
        && value.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests;
