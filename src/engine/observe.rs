//! What answers tell of keys: what stands below a list in the path is likely bound to the keys that the list showed.

use std::collections::BTreeSet;

use super::bind::Observed;
use super::lab::Lab;
use super::names::words;
use crate::model::call::text;
use crate::model::exchange::{Exchange, Response};
use crate::model::route::Route;
use crate::model::schema::{ColumnRef, Kind};

/// Remembers which keys a list's answer showed: what stands below it is likely bound to those.
pub fn observe(lab: &Lab<'_>, observed: &mut Observed, route: &Route, exchange: &Exchange) {
    let Some(json) = exchange.response().and_then(Response::json) else {
        return;
    };
    let mut values = BTreeSet::new();
    identifiers(&json, 0, &mut values);
    let mut columns: Vec<ColumnRef> = Vec::new();
    for table in &lab.knowledge.schema.tables {
        let Some(column) = table.single_key() else {
            continue;
        };
        let hit = lab
            .knowledge
            .rows
            .of(table.id)
            .any(|(_, row)| row[column].as_ref().is_some_and(|v| values.contains(&**v)));
        // Small integers are keys of every table: only names can tell those apart.
        let telling = !matches!(table.columns[column].kind, Kind::Integer(_));
        if hit && telling {
            columns.push(ColumnRef {
                table: table.id,
                column,
            });
        }
    }
    observed
        .0
        .insert(route.template.trim_end_matches('/').to_owned(), columns);
}

/// Values of fields called `id` near the top of an answer.
fn identifiers(json: &serde_json::Value, depth: usize, into: &mut BTreeSet<String>) {
    match json {
        serde_json::Value::Array(items) if depth < 4 => {
            for item in items {
                identifiers(item, depth + 1, into);
            }
        }
        serde_json::Value::Object(map) if depth < 4 => {
            for (name, value) in map {
                match value {
                    serde_json::Value::String(_) | serde_json::Value::Number(_)
                        if words(name) == ["id"] =>
                    {
                        into.insert(text(value));
                    }
                    other => identifiers(other, depth + 1, into),
                }
            }
        }
        _ => {}
    }
}
