//! Another value for one column of one row: the SQL that puts it there, and whether an answer shows it.

use rand::rngs::ChaCha8Rng;

use super::lab::Lab;
use crate::model::canary;
use crate::model::exchange::Response;
use crate::model::ownership::Owners;
use crate::model::rows::RowRef;
use crate::model::schema::{Kind, TableId, quote};
use crate::model::verdict::Provenance;
use crate::seed;

/// SQL that gives a leaked column another value, and a text that must then stand in the answer.
pub fn replacement(
    lab: &Lab<'_>,
    value: &Provenance,
    rng: &mut ChaCha8Rng,
) -> Option<(String, String)> {
    let table = lab.knowledge.schema.table(value.row.table);
    let column = &table.columns[value.column];
    let keyed = table.is_key(value.column)
        || lab.knowledge.schema.tables.iter().any(|t| {
            t.foreign_keys
                .iter()
                .any(|k| k.table == table.id && k.references.contains(&value.column))
        });
    if keyed || column.generated || column.kind != Kind::Text {
        return None;
    }
    let old = lab.knowledge.rows.get(&value.row)?[value.column].clone()?;
    let token = seed::token(rng);
    let at = old
        .to_ascii_lowercase()
        .find(&value.value.to_ascii_lowercase())?;
    let new = format!("{}{token}{}", &old[..at], &old[at + value.value.len()..]);
    let fits = column
        .max_length
        .is_none_or(|most| new.chars().count() <= most as usize);
    fits.then(|| {
        let sql = format!(
            "UPDATE {} SET {} = {} WHERE {}",
            table.sql(),
            quote(&column.name),
            literal(&new),
            seed::is_row(table, &value.row)
        );
        (sql, token)
    })
}

/// Whether an answer holds a generated token, in whatever encoding.
pub fn shows_token(response: &Response, token: &str) -> bool {
    let headers = response.headers.iter().any(|(_, v)| v.contains(token));
    let mut known = canary::Canaries::default();
    known.insert(Provenance {
        row: RowRef {
            table: TableId(0),
            key: Vec::new(),
        },
        column: 0,
        value: token.to_owned(),
        owners: Owners::default(),
    });
    headers || !known.scan(&response.body).is_empty()
}

/// A string literal, fit for SQL under `standard_conforming_strings`.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
