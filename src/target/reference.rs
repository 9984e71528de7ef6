//! The reference of `partywall.toml`, made from the code: its JSON Schema, for editors, and a page, for readers.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::description::Description;

/// What stands before the keys.
const INTRODUCTION: &str = "\
# partywall.toml

Everything about a target that partywall cannot find out. Nothing is required but how the target starts; what is not said
is detected, and `partywall discover` shows it.

Precedence: flags, then `PARTYWALL_*` in the environment, then this file, then defaults. Unknown keys are errors.

## Placeholders

`{name}` in a text is filled; `{{` is a brace that is meant as one. `{name:url}` is encoded for a URL. A text that is
`{name:json}` alone becomes a JSON value: a number stays a number.

| placeholder | value | where |
|---|---|---|
| `{port}` | where the target must listen; in a service's own keys, where that must | everywhere |
| `{database.ROLE.PART}` | `url`, `asyncpg`, `psycopg`, `jdbc`, `sqlx`, `host`, `port`, `name`, `user`, `password` of a role; `app` is always there | everywhere |
| `{service.NAME.port}` | a companion's port | everywhere |
| `{secret.NAME}` | 48 random letters and digits, made once a run; `PARTYWALL_SECRET_NAME` in the environment wins | everywhere |
| `{env.NAME}`, `{env.NAME:default}` | a variable of partywall's own environment | everywhere |
| `{tenant.key}`, `{tenant.slug}`, `{tenant.name}` | the tenant that a call addresses | target.headers, login, seed |
| `{user.email}`, `{user.password}`, `{user.login}`, `{user.role}`, `{user.COLUMN}` | the actor | login, seed |
| `{random}`, `{uuid}` | made up once a log-in | login, seed |
| `{now}`, `{now+3600}`, `{now-60}`, `{now.ms}` | a time in seconds, or milliseconds | login.api_key, login.cookie |
| a name that a step took | its value | later steps, headers |

Two places are filled otherwise:
- `seed.values`, once a row: `{token}` (a value to recognise that no other row has), `{uuid}`, `{number}` (the row's, from 1),
  `{tenant.key}`, `{tenant.slug}`, for users `{user.…}`, and what is there everywhere. `sql:EXPRESSION` is SQL, `null` is NULL.
- `login.api_key.row`, once a key: `{key}`, `{key.sha256}`, `{key.hmac-sha256:secret.NAME}`, `{key.prefix:8}`, and what a
  log-in knows. `sql:EXPRESSION` is SQL, e.g. `sql:now() + interval '1 day'`.

In JSON Web Token claims, a text that is `now` or `now+3600` alone becomes that number.
";

fn json_schema() -> Json {
    schemars::schema_for!(Description).to_value()
}

/// The JSON Schema of a description, as text.
pub fn schema() -> String {
    format!("{:#}\n", json_schema())
}

/// The reference page, in Markdown: one heading a table, one row a key.
pub fn markdown() -> String {
    let root = json_schema();
    let mut page = INTRODUCTION.to_owned();
    let mut pages = Pages {
        root: &root,
        done: BTreeSet::new(),
        text: String::new(),
    };
    pages.table("", &root);
    page.push_str(&pages.text);
    page
}

struct Pages<'a> {
    root: &'a Json,
    done: BTreeSet<String>,
    text: String,
}

impl<'a> Pages<'a> {
    fn resolved(&self, schema: &'a Json) -> &'a Json {
        let reference = schema.get("$ref").and_then(Json::as_str);
        let pointer = reference.and_then(|r| r.strip_prefix('#'));
        pointer.and_then(|p| self.root.pointer(p)).unwrap_or(schema)
    }

    /// The shapes that a value may have.
    fn shapes(&self, schema: &'a Json) -> Vec<&'a Json> {
        let schema = self.resolved(schema);
        match schema
            .get("anyOf")
            .or_else(|| schema.get("oneOf"))
            .and_then(Json::as_array)
        {
            None => vec![schema],
            Some(choices) => choices
                .iter()
                .filter(|c| c.get("type").and_then(Json::as_str) != Some("null"))
                .flat_map(|c| self.shapes(c))
                .collect(),
        }
    }

    /// A heading with its keys, then the tables below it.
    fn table(&mut self, at: &str, schema: &'a Json) {
        if !self.done.insert(at.to_owned()) {
            return;
        }
        let properties = schema.get("properties").and_then(Json::as_object);
        let heading = if at.is_empty() {
            "Top level".to_owned()
        } else {
            format!("`{at}`")
        };
        let about = schema
            .get("description")
            .and_then(Json::as_str)
            .unwrap_or_default();
        let about = if at.is_empty() { "" } else { about };
        self.text.extend([format!("\n## {heading}\n\n")]);
        if !about.is_empty() {
            self.text.extend([format!("{}\n\n", one_line(about))]);
        }
        self.text
            .push_str("| key | type | meaning |\n|---|---|---|\n");
        let required = schema.get("required").and_then(Json::as_array);
        let is_required = |name: &str| required.is_some_and(|r| r.iter().any(|n| n == name));
        for (name, property) in properties.into_iter().flatten() {
            let must = if is_required(name) { ", required" } else { "" };
            let about = property
                .get("description")
                .and_then(Json::as_str)
                .unwrap_or_default();
            let kind = self.kind(property);
            self.text
                .extend([format!("| `{name}` | {kind}{must} | {} |\n", cell(about))]);
        }
        for (name, property) in properties.into_iter().flatten() {
            self.below(at, name, property);
        }
    }

    /// The tables that a key holds: itself, the items of a list, the values of a map.
    fn below(&mut self, at: &str, name: &str, property: &'a Json) {
        // What lies below `[[login]]` is written `[[login.step]]`, `login.jwt`.
        let at = at.trim_matches(['[', ']']);
        let here = if at.is_empty() {
            name.to_owned()
        } else {
            format!("{at}.{name}")
        };
        for shape in self.shapes(property) {
            if shape.get("properties").is_some() {
                self.table(&here, shape);
            }
            if let Some(items) = shape.get("items") {
                for item in self
                    .shapes(items)
                    .into_iter()
                    .filter(|s| s.get("properties").is_some())
                {
                    self.table(&format!("[[{here}]]"), item);
                }
            }
            if let Some(values) = shape.get("additionalProperties").filter(|v| v.is_object()) {
                for value in self
                    .shapes(values)
                    .into_iter()
                    .filter(|s| s.get("properties").is_some())
                {
                    self.table(&format!("{here}.NAME"), value);
                }
            }
        }
    }

    fn kind(&self, schema: &'a Json) -> String {
        let mut kinds: Vec<String> = Vec::new();
        for shape in self.shapes(schema) {
            if let Some(word) = shape.get("const").and_then(Json::as_str) {
                kinds.push(format!("`\"{word}\"`"));
                continue;
            }
            let types: Vec<&str> = match shape.get("type") {
                Some(Json::String(one)) => vec![one],
                Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
                _ => vec!["anything"],
            };
            for kind in types.into_iter().filter(|t| *t != "null") {
                let kind = match kind {
                    "array" => {
                        let items = shape.get("items").map(|items| self.kind(items));
                        format!("list of {}", items.unwrap_or_default())
                    }
                    "object" => match shape.get("additionalProperties").filter(|v| v.is_object()) {
                        Some(values) => format!("names to {}", self.kind(values)),
                        None => "table".to_owned(),
                    },
                    "string" => "text".to_owned(),
                    "integer" => "whole number".to_owned(),
                    "boolean" => "`true` or `false`".to_owned(),
                    other => other.to_owned(),
                };
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
        }
        kinds.join(" or ")
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text that fits into a cell of a table.
fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    /// Every object of the schema with its name.
    fn objects<'a>(json: &'a Json, at: &str, into: &mut Vec<(String, &'a Map<String, Json>)>) {
        match json {
            Json::Object(map) => {
                if let Some(properties) = map.get("properties").and_then(Json::as_object) {
                    into.push((at.to_owned(), properties));
                }
                for (key, value) in map {
                    objects(value, &format!("{at}/{key}"), into);
                }
            }
            Json::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    objects(item, &format!("{at}/{index}"), into);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_key_has_a_description() {
        let schema = json_schema();
        let mut all = Vec::new();
        objects(&schema, "", &mut all);
        assert!(all.len() > 15, "the walk found only {} tables", all.len());
        for (at, properties) in all {
            for (name, property) in properties {
                let about = property
                    .get("description")
                    .and_then(Json::as_str)
                    .unwrap_or_default();
                assert!(about.len() > 5, "{at}: `{name}` has no description");
            }
        }
    }

    #[test]
    fn the_page_names_every_table_and_key() {
        let page = markdown();
        for expected in [
            "## `target`",
            "## `[[login]]`",
            "## `[[login.step]]`",
            "## `login.jwt`",
            "## `database.roles.NAME`",
            "| `openapi` | text |",
            "| `start` | text, required |",
            "| `words` | names to list of text |",
            "`\"critical\"`",
        ] {
            assert!(page.contains(expected), "{expected} is missing in\n{page}");
        }
        assert!(!page.contains("|  |"), "a cell is empty in\n{page}");
    }
}
