//! `bulk.import`: an import with a tenant column.

use super::with_item_field;
use crate::attack::names::{fields, holds, json};
use crate::attack::shape::{bulk, table};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Body, Call};

/// An import with a tenant column.
pub(in crate::attack) struct Import;

/// Names tried.
const NAMES: usize = 3;

const DOC: &str = "\
## What it does
Adds a column that names the victim as tenant to the rows that an import or batch makes, in a table (CSV) or in JSON, under
each of the first three names that this target may use for it.

## Why teams fall for it
A 'replace all' import takes `tenant_id` from the file (RL-36): the columns of an export are read back one by one, and the
tenant is one of them. Ids in the file are resolved without the tenant, too (RL-37).

## A correct target
Ignores the column or refuses the file.

## Example
    POST /clients/import
    Authorization: Bearer <own token>
    Content-Type: text/csv

    name,tenantId
    x,<victim>
";

impl Attack for Import {
    fn id(&self) -> &'static str {
        "bulk.import"
    }

    fn title(&self) -> &'static str {
        "an import with a tenant column"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(found) = bulk(ground) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for name in fields(&ground.facts.tenant_names).into_iter().take(NAMES) {
            for held in holds(name) {
                let value = held.of(ground.victim);
                let in_rows = found
                    .items
                    .as_ref()
                    .and_then(|items| with_item_field(ground.own_call, items, name, &json(value)));
                let in_table = || {
                    let text = table(ground)?;
                    Some(with_table(
                        ground.own_call,
                        text,
                        &with_column(text, name, value)?,
                    ))
                };
                let variant = format!("{name} {}", held.label());
                let call = in_rows.or_else(in_table);
                all.extend(call.map(|call| Attempt::plain(variant, call)));
            }
        }
        all
    }
}

/// The table with one more column, or with the column of that name replaced; `None` where it is no table.
fn with_column(text: &str, name: &str, value: &str) -> Option<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut place = None;
    for (index, record) in reader.records().enumerate() {
        let mut fields: Vec<String> = record.ok()?.iter().map(str::to_owned).collect();
        if index == 0 {
            place = fields.iter().position(|field| field == name);
        }
        let cell = if index == 0 { name } else { value }.to_owned();
        match place.and_then(|at| fields.get_mut(at)) {
            Some(old) => *old = cell,
            None => fields.push(cell),
        }
        writer.write_record(&fields).ok()?;
    }
    let changed = String::from_utf8(writer.into_inner().ok()?).ok()?;
    (!changed.is_empty()).then_some(changed)
}

/// The call with the table `old` replaced.
fn with_table(call: &Call, old: &str, new: &str) -> Call {
    let mut call = call.clone();
    match &mut call.body {
        Some(Body::Text { text, .. }) => new.clone_into(text),
        Some(Body::Multipart(parts)) => {
            for part in parts.iter_mut().filter(|p| p.text == old) {
                new.clone_into(&mut part.text);
            }
        }
        _ => {}
    }
    call
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_added_or_replaced() {
        let with = |text| with_column(text, "org", "7").unwrap();
        assert_eq!(with("name\n\"a,b\"\n"), "name,org\n\"a,b\",7\n");
        assert_eq!(with("org,name\n1,x\n"), "org,name\n7,x\n");
        assert_eq!(with_column("", "org", "7"), None);
    }
}
