//! What a route is about: its table, and what of that attacks need to know.

use std::collections::{BTreeMap, BTreeSet};

use super::baseline::Working;
use super::bind::{self, Source};
use super::lab::Lab;
use super::names::{likeness, words};
use crate::model::call::SlotRef;
use crate::model::route::{Place, Route};
use crate::model::schema::{Column, Kind, TableId};

/// The table that a route is about: what its last path slot names, else the table called like its last segment.
pub fn about(lab: &Lab<'_>, route: &Route, slots: &[(SlotRef, Source)]) -> Option<TableId> {
    let tables = &lab.knowledge.schema.tables;
    let by_name = bind::static_segments(&route.template)
        .map(words)
        .find_map(|segment| {
            tables
                .iter()
                .map(|t| (likeness(&words(&t.name), &segment), t.id))
                .filter(|(score, _)| *score >= 2)
                .max_by_key(|(score, id)| (*score, std::cmp::Reverse(*id)))
        });
    let by_slot = slots.iter().rev().find_map(|(at, s)| match s {
        Source::Column(column) if at.place == Place::Path => Some(column.table),
        _ => None,
    });
    let ends_in_parameter = route.template.trim_end_matches('/').ends_with('}');
    if ends_in_parameter {
        by_slot.or(by_name.map(|(_, t)| t))
    } else {
        by_name.map(|(_, t)| t).or(by_slot)
    }
}

/// The table that a route is about: of those that it was seen to change, the one named most like its path.
pub fn table_of(lab: &Lab<'_>, route: &Route, working: &Working) -> Option<TableId> {
    let segments: Vec<String> = bind::static_segments(&route.template)
        .flat_map(words)
        .collect();
    let likeness = |table: &TableId| {
        let name = words(&lab.knowledge.schema.table(*table).name);
        name.iter().filter(|w| segments.contains(w)).count()
    };
    let written = working.writes.iter().copied();
    let best = written.max_by_key(|t| (likeness(t), std::cmp::Reverse(*t)));
    best.filter(|t| likeness(t) > 0)
        .or_else(|| about(lab, route, &working.plan.slots))
}

/// Columns of the route's table that name tenants, people or other rows.
pub fn writable_names(lab: &Lab<'_>, route: &Route, working: &Working) -> Vec<String> {
    let Some(table) = table_of(lab, route, working) else {
        return Vec::new();
    };
    let table = lab.knowledge.schema.table(table);
    let keyed = table
        .foreign_keys
        .iter()
        .flat_map(|k| k.columns.iter().copied());
    let mut names: Vec<String> = keyed
        .chain(table.primary_key.iter().copied())
        .map(|c| table.columns[c].name.clone())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// A column with more different words than this is no list.
const WORDS: usize = 8;

/// Columns of the route's table that hold words of a list: enums, and texts of which few repeat in many rows.
pub fn choices(lab: &Lab<'_>, route: &Route, working: &Working) -> Vec<(String, Vec<String>)> {
    let Some(table) = table_of(lab, route, working) else {
        return Vec::new();
    };
    let table = lab.knowledge.schema.table(table);
    let stored = |column: usize| -> Vec<String> {
        let rows = lab.knowledge.rows.of(table.id);
        let values: Vec<&str> = rows.filter_map(|(_, r)| r[column].as_deref()).collect();
        let words: BTreeSet<&str> = values.iter().copied().collect();
        let few = words.len() <= WORDS && words.len() * 3 <= values.len();
        let few = few && words.iter().all(|w| !w.bytes().any(|b| b.is_ascii_digit()));
        words
            .into_iter()
            .filter(|_| few)
            .map(str::to_owned)
            .collect()
    };
    let columns = table.columns.iter().enumerate();
    let choice = |(index, column): (usize, &Column)| {
        let words = match column.kind {
            Kind::Enum(_) | Kind::Text if !table.is_key(index) => stored(index),
            _ => Vec::new(),
        };
        (!words.is_empty()).then(|| (column.name.clone(), words))
    };
    columns.filter_map(choice).collect()
}

/// So many letters of a text are searched for.
const BEGINNING: usize = 4;

/// So many columns give a beginning.
const BEGINNINGS: usize = 4;

/// How texts in rows of the route's table begin that `tenant` owns: the commonest beginning of each column, each once.
pub fn beginnings(lab: &Lab<'_>, route: &Route, working: &Working, tenant: &str) -> Vec<String> {
    let Some(table) = table_of(lab, route, working) else {
        return Vec::new();
    };
    let knowledge = &lab.knowledge;
    let rows = knowledge.rows.of(table);
    let own: Vec<_> = rows
        .filter(|(_, row)| knowledge.owners(table, row).includes(tenant))
        .collect();
    let columns = knowledge.schema.table(table).columns.iter().enumerate();
    let texts = columns.filter(|(_, column)| column.kind == Kind::Text);
    let commonest = |(column, _): (usize, &Column)| {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for text in own.iter().filter_map(|(_, row)| row[column].as_deref()) {
            *found
                .entry(text.chars().take(BEGINNING).collect())
                .or_default() += 1;
        }
        let most = found.into_iter().max_by_key(|(_, times)| *times);
        most.map(|(beginning, _)| beginning)
    };
    let mut all: Vec<String> = texts.filter_map(commonest).collect();
    let mut seen = BTreeSet::new();
    all.retain(|b| !b.trim().is_empty() && seen.insert(b.clone()));
    all.truncate(BEGINNINGS);
    all
}

/// So many columns give a text, and so many letters it has at most.
const TEXTS: (usize, usize) = (3, 100);

/// Texts of one row of the route's table that `victim` owns, and no row of `own`'s holds: column and value.
pub fn foreign_texts(
    lab: &Lab<'_>,
    route: &Route,
    working: &Working,
    own: &str,
    victim: &str,
) -> Vec<(String, String)> {
    let Some(table) = table_of(lab, route, working) else {
        return Vec::new();
    };
    let knowledge = &lab.knowledge;
    let of = |tenant| {
        let rows = knowledge.rows.of(table);
        rows.filter(move |(_, row)| knowledge.owners(table, row).includes(tenant))
    };
    let Some((_, foreign)) = of(victim).next() else {
        return Vec::new();
    };
    let table = knowledge.schema.table(table);
    let mut all = Vec::new();
    for (index, column) in table.columns.iter().enumerate() {
        let Some(text) = foreign[index].as_deref() else {
            continue;
        };
        let is_text = column.kind == Kind::Text && !table.is_key(index);
        let is_short = !text.trim().is_empty() && text.chars().count() <= TEXTS.1;
        if is_text && is_short && of(own).all(|(_, row)| row[index].as_deref() != Some(text)) {
            all.push((column.name.clone(), text.to_owned()));
        }
    }
    all.truncate(TEXTS.0);
    all
}
