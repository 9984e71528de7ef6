//! What a parameter may hold: candidate columns for each, the likeliest first, from declarations, from answers that showed
//! keys, and from names.

use std::collections::HashMap;

use super::names::{is_key, likeness, stem, words};
use crate::model::knowledge::Knowledge;
use crate::model::route::{Parameter, Place, Route};
use crate::model::schema::{ColumnRef, Kind, Table, TableId};
use crate::target::description::Routes;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A row's column.
    Column(ColumnRef),
    /// Always this.
    Fixed(String),
    /// The caller's own field: `email`, `password`.
    Own(&'static str),
}

/// Keys that answers of list routes showed: path template to columns.
#[derive(Debug, Clone, Default)]
pub struct Observed(pub HashMap<String, Vec<ColumnRef>>);

/// How many candidates a parameter keeps.
const CANDIDATES: usize = 5;

/// Candidates for a parameter, the likeliest first.
pub fn candidates(
    knowledge: &Knowledge,
    section: &Routes,
    observed: &Observed,
    route: &Route,
    parameter: &Parameter,
) -> Vec<Source> {
    if let Some(declared) = declared(knowledge, section, route, &parameter.name) {
        return vec![declared];
    }
    let prefix = prefix_of(&route.template, &parameter.name);
    let segments: Vec<Vec<String>> = static_segments(&prefix).map(words).collect();
    let about = stem(&parameter.name);
    let mut scored: Vec<(u32, ColumnRef)> = Vec::new();
    for table in &knowledge.schema.tables {
        let name = words(&table.name);
        // The nearest segment that is like a table's name counts, the farther ones less.
        let near = segments.iter().take(2).enumerate();
        let by_segment = near
            .map(|(i, s)| likeness(&name, s).saturating_sub(u32::try_from(i).unwrap_or(3)))
            .max();
        let by_segment = by_segment
            .filter(|_| parameter.place == Place::Path)
            .unwrap_or(0);
        let by_name = likeness(&name, &about);
        for (index, column) in table.columns.iter().enumerate() {
            let at = ColumnRef {
                table: table.id,
                column: index,
            };
            let Some(score) = column_score(table, index, &parameter.name, by_segment, by_name)
            else {
                continue;
            };
            if fits(&column.kind, &parameter.schema) {
                scored.push((score, at));
            }
        }
    }
    for at in observed
        .0
        .get(prefix.trim_end_matches('/'))
        .into_iter()
        .flatten()
    {
        match scored.iter_mut().find(|(_, c)| c == at) {
            Some((score, _)) => *score += 30,
            None => scored.push((30, *at)),
        }
    }
    if scored.is_empty() && parameter.place == Place::Path {
        scored = any_key(knowledge, parameter);
    }
    scored.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
    scored
        .into_iter()
        .take(CANDIDATES)
        .map(|(_, at)| Source::Column(at))
        .collect()
}

/// How likely a column stands behind a parameter; `None` where nothing speaks for it.
fn column_score(
    table: &Table,
    index: usize,
    parameter: &str,
    by_segment: u32,
    by_name: u32,
) -> Option<u32> {
    let column = &table.columns[index];
    let same = words(&column.name) == words(parameter);
    let own_key = table.single_key() == Some(index);
    let unique = table.uniques.iter().any(|u| u.columns.contains(&index));
    let about = by_segment.max(by_name);
    if about == 0 {
        // `{storageKey}`: a name of several words says enough by itself.
        return (same && words(parameter).len() > 1).then_some(12);
    }
    if own_key && (is_key(parameter) || stem(parameter) == words(parameter)) {
        // `{id}`, `{issue_id}`, `{issue}`: the key of the table that the path or the name speaks of.
        return Some(by_segment * 10 + by_name * 11 + 5);
    }
    if same && by_segment > 0 {
        // `/members/{user_id}`: a column of the collection's own table.
        return Some(by_segment * 10 + 16);
    }
    (unique && !is_key(parameter) && same).then_some(about * 10 + 8)
}

/// What the description binds a parameter, or a field of a body, to.
pub fn declared(
    knowledge: &Knowledge,
    section: &Routes,
    route: &Route,
    name: &str,
) -> Option<Source> {
    let exact = section.bind.get(&format!("{}#{name}", route.id));
    let text = exact.or_else(|| section.bind.get(name))?;
    if let Some(fixed) = text.strip_prefix('=') {
        return Some(Source::Fixed(fixed.to_owned()));
    }
    let (table, column) = text.rsplit_once('.')?;
    let table = knowledge.schema.by_name(table)?;
    Some(Source::Column(ColumnRef {
        table: table.id,
        column: table.column(column)?,
    }))
}

/// Where no name helps: the single keys of owned tables that the schema's type fits.
fn any_key(knowledge: &Knowledge, parameter: &Parameter) -> Vec<(u32, ColumnRef)> {
    let owned = |t: TableId| *knowledge.ownership.rule(t) != crate::model::ownership::Rule::Global;
    let keys = knowledge
        .schema
        .tables
        .iter()
        .filter(|t| owned(t.id))
        .filter_map(|t| {
            let column = t.single_key()?;
            fits(&t.columns[column].kind, &parameter.schema).then_some((
                0,
                ColumnRef {
                    table: t.id,
                    column,
                },
            ))
        });
    keys.collect()
}

/// Whether a column's values can stand where a schema asks for a type.
pub fn fits(kind: &Kind, schema: &serde_json::Value) -> bool {
    let integer = schema["type"] == "integer" || schema["type"] == "number";
    let uuid = schema["format"] == "uuid";
    match kind {
        Kind::Integer(_) | Kind::Numeric(_) => !uuid,
        Kind::Uuid | Kind::Text => !integer,
        Kind::Date | Kind::Enum(_) => !integer && !uuid,
        _ => false,
    }
}

/// The template up to the parameter, without it: `/a/{x}/b/` for `{y}` in `/a/{x}/b/{y}/c`.
pub fn prefix_of(template: &str, parameter: &str) -> String {
    template
        .split(&format!("{{{parameter}}}"))
        .next()
        .unwrap_or(template)
        .to_owned()
}

/// The segments of a path that are no parameters, the last first.
pub fn static_segments(path: &str) -> impl Iterator<Item = &str> {
    path.rsplit('/')
        .filter(|s| !s.is_empty() && !s.starts_with('{'))
}

/// The last segment of a path that is no parameter.
pub fn last_static_segment(path: &str) -> &str {
    static_segments(path).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_segment_before_a_parameter_is_found() {
        assert_eq!(prefix_of("/a/{x}/issues/{y}/labels", "y"), "/a/{x}/issues/");
        assert_eq!(last_static_segment("/a/{x}/issues/"), "issues");
        assert_eq!(last_static_segment("/a/{x}/"), "a");
    }
}
