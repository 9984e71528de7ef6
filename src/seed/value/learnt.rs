//! Words and shapes learnt from stored rows and from the routes' schemas.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::word::is_word_like;
use crate::model::route::Route;
use crate::model::rows::Rows;
use crate::model::schema::{Schema, TableId};
use crate::seed::names;

/// Words learnt from stored rows and from the routes' schemas.
#[derive(Debug, Clone, Default)]
pub struct Learnt {
    stored: BTreeMap<(TableId, usize), Vec<String>>,
    /// By field name without case and separators: where it was seen, and its schema.
    fields: BTreeMap<String, Vec<(Vec<String>, Json)>>,
}

impl Learnt {
    /// Learns from what the target's own seed stored, and from the bodies and queries of its routes.
    pub fn new(schema: &Schema, rows: &Rows, routes: &[Route]) -> Self {
        let mut learnt = Self::default();
        for table in &schema.tables {
            for (index, column) in table
                .columns
                .iter()
                .enumerate()
                .filter(|(_, c)| is_word_like(c))
            {
                let words: BTreeSet<&str> = rows
                    .of(table.id)
                    .filter_map(|(_, row)| row[index].as_deref())
                    .collect();
                let words: Vec<String> = words
                    .into_iter()
                    .take(20)
                    .filter(|w| is_word(w))
                    .map(str::to_owned)
                    .collect();
                if !words.is_empty() && column.max_length != Some(0) {
                    learnt.stored.insert((table.id, index), words);
                }
            }
        }
        for route in routes {
            let path = names::words(&route.template)
                .iter()
                .map(|w| names::singular(w))
                .collect::<Vec<_>>();
            for parameter in &route.parameters {
                learnt.field(&parameter.name, &path, &parameter.schema);
            }
            if let Some(body) = &route.body {
                learnt.walk(&body.schema, &path, 6);
                for example in &body.examples {
                    learnt.example(example, &path);
                }
            }
        }
        learnt
    }

    fn field(&mut self, name: &str, path: &[String], schema: &Json) {
        self.fields
            .entry(names::words(name).concat())
            .or_default()
            .push((path.to_vec(), schema.clone()));
    }

    fn walk(&mut self, schema: &Json, path: &[String], depth: usize) {
        if depth == 0 {
            return;
        }
        if let Some(properties) = schema.get("properties").and_then(Json::as_object) {
            for (name, property) in properties {
                self.field(name, path, property);
                self.walk(property, path, depth - 1);
            }
        }
        for way in ["allOf", "anyOf", "oneOf"] {
            for inner in schema
                .get(way)
                .and_then(Json::as_array)
                .into_iter()
                .flatten()
            {
                self.walk(inner, path, depth - 1);
            }
        }
        if let Some(items) = schema.get("items") {
            self.walk(items, path, depth - 1);
        }
    }

    fn example(&mut self, example: &Json, path: &[String]) {
        for (name, value) in example.as_object().into_iter().flatten() {
            if value.as_str().is_some_and(is_word) {
                self.field(name, path, &serde_json::json!({ "default": value }));
            }
        }
    }

    /// The words stored in a column before anything was generated.
    pub fn stored(&self, table: TableId, column: usize) -> Option<&[String]> {
        self.stored.get(&(table, column)).map(Vec::as_slice)
    }

    /// The schemas of fields called like a column: those of routes that are about the table first.
    fn schemas(&self, table: &str, column: &str) -> Vec<&Json> {
        let table = names::table_words(table);
        let mut found: Vec<_> = self
            .fields
            .get(&names::words(column).concat())
            .into_iter()
            .flatten()
            .collect();
        let about = |path: &[String]| table.iter().filter(|w| path.contains(w)).count();
        found.sort_by_key(|(path, _)| std::cmp::Reverse(about(path)));
        found.into_iter().map(|(_, schema)| schema).collect()
    }

    /// The words that a field called like the column may have by the routes' schemas.
    pub fn told(&self, table: &str, column: &str) -> Option<Vec<String>> {
        let schemas = self.schemas(table, column);
        schemas
            .iter()
            .find_map(|s| listed(s))
            .or_else(|| schemas.iter().find_map(|s| default(s)))
    }

    /// The schema of a field that holds structured data.
    pub fn shape(&self, table: &str, column: &str) -> Option<&Json> {
        self.schemas(table, column)
            .into_iter()
            .find(|s| typed(s, "array").or(typed(s, "object")).is_some())
    }
}

/// The schema itself, or the branch of it, that has that type.
pub fn typed<'a>(schema: &'a Json, name: &str) -> Option<&'a Json> {
    if schema
        .get("type")
        .is_some_and(|t| t == name || t.as_array().is_some_and(|a| a.iter().any(|t| t == name)))
    {
        return Some(schema);
    }
    ["allOf", "anyOf", "oneOf"].iter().find_map(|way| {
        schema
            .get(way)?
            .as_array()?
            .iter()
            .find_map(|inner| typed(inner, name))
    })
}

/// The words of `enum`, `const` or an alternation pattern.
fn listed(schema: &Json) -> Option<Vec<String>> {
    let strings = |list: &Json| -> Option<Vec<String>> {
        let words: Vec<String> = list
            .as_array()?
            .iter()
            .filter_map(|w| w.as_str().map(str::to_owned))
            .collect();
        (!words.is_empty()).then_some(words)
    };
    schema
        .get("enum")
        .and_then(strings)
        .or_else(|| schema.get("const")?.as_str().map(|w| vec![w.to_owned()]))
        .or_else(|| alternation(schema.get("pattern")?.as_str()?))
        .or_else(|| schema.get("items").and_then(listed))
        .or_else(|| {
            ["allOf", "anyOf", "oneOf"]
                .iter()
                .find_map(|way| schema.get(way)?.as_array()?.iter().find_map(listed))
        })
}

/// `^(open|closed)$` as a list.
fn alternation(pattern: &str) -> Option<Vec<String>> {
    let inner = pattern.strip_prefix('^')?.strip_suffix('$')?;
    let inner = inner
        .strip_prefix("(?:")
        .or_else(|| inner.strip_prefix('('))
        .unwrap_or(inner);
    let inner = inner.strip_suffix(')').unwrap_or(inner);
    let words: Vec<String> = inner.split('|').map(str::to_owned).collect();
    (words.len() > 1 && words.iter().all(|w| is_word(w))).then_some(words)
}

fn default(schema: &Json) -> Option<Vec<String>> {
    ["default", "example"]
        .iter()
        .find_map(|key| {
            schema
                .get(key)?
                .as_str()
                .filter(|w| is_word(w))
                .map(|w| vec![w.to_owned()])
        })
        .or_else(|| {
            schema
                .get("examples")?
                .as_array()?
                .iter()
                .find_map(|w| Some(vec![w.as_str().filter(|w| is_word(w))?.to_owned()]))
        })
}

/// Whether a value looks like a word of a list.
fn is_word(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_. ".contains(c))
        && !text.contains(crate::model::canary::PREFIX)
        && text.chars().filter(char::is_ascii_digit).count() <= 4
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::route::{BodySchema, Encoding, Parameter, Place};
    use crate::model::schema::Kind::{Integer, Text};
    use crate::seed::testing::{Made, put};

    fn route(template: &str, properties: &Json) -> Route {
        let mut route = Route::new("POST", template);
        route.body = Some(BodySchema {
            encoding: Encoding::Json,
            schema: json!({ "type": "object", "properties": properties }),
            examples: vec![json!({ "stage": "early" })],
            required: true,
        });
        route
    }

    fn learnt() -> Learnt {
        let schema = Made::default()
            .table("tickets", &[("id!", Integer(32)), ("status", Text)])
            .done();
        let mut rows = Rows::empty(&schema);
        put(&mut rows, &schema, "tickets", &["1", "triaged"]);
        let mut list = Route::new("GET", "/tickets");
        list.parameters.push(Parameter {
            name: "sortMode".into(),
            place: Place::Query,
            required: false,
            listed: false,
            schema: json!({ "pattern": "^(newest|oldest)$" }),
            example: None,
            quoted: Vec::new(),
        });
        let routes = [
            route(
                "/orders",
                &json!({ "status": { "enum": ["paid", "due"] }, "lines": { "type": "array", "items": { "type": "object" } } }),
            ),
            route(
                "/tickets/{id}",
                &json!({ "status": { "anyOf": [{ "enum": ["open", "closed"] }, { "type": "null" }] }, "priority": { "default": "low" }, "note": { "default": "a long sentence, with a comma" } }),
            ),
            list,
        ];
        Learnt::new(&schema, &rows, &routes)
    }

    #[test]
    fn words_come_from_enums_patterns_defaults_and_examples() {
        let learnt = learnt();
        let told = |table: &str, column: &str| learnt.told(table, column).unwrap_or_default();
        assert_eq!(
            told("tickets", "status"),
            ["open", "closed"],
            "routes about the table come first"
        );
        assert_eq!(told("Order", "status"), ["paid", "due"]);
        assert_eq!(told("tickets", "priority"), ["low"]);
        assert_eq!(told("tickets", "sort_mode"), ["newest", "oldest"]);
        assert_eq!(told("tickets", "stage"), ["early"]);
        assert!(told("tickets", "note").is_empty(), "prose is no word");
        assert!(told("tickets", "nothing").is_empty());
    }

    #[test]
    fn stored_words_and_shapes_are_known() {
        let learnt = learnt();
        assert_eq!(
            learnt.stored(TableId(0), 1),
            Some(&["triaged".to_owned()][..])
        );
        assert!(learnt.shape("orders", "lines").is_some());
        assert!(learnt.shape("orders", "status").is_none());
    }
}
