//! Checks a description against the shape that the code gives it (its JSON Schema): every unknown key and wrong type is
//! found at once, each with its place, the nearest known key, or what was expected.

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::target::description::Description;
use crate::target::names::nearest;

use super::problem::Problem;
use super::source::{Source, below};

/// Everything that does not fit.
pub(super) fn problems(table: &DeTable<'_>, source: &Source) -> Vec<Problem> {
    let root = schemars::schema_for!(Description).to_value();
    let mut check = Check {
        root: &root,
        source,
        problems: Vec::new(),
    };
    check.table(&root, table, "", 0..0);
    check.problems
}

struct Check<'a> {
    root: &'a Json,
    source: &'a Source,
    problems: Vec<Problem>,
}

impl<'a> Check<'a> {
    fn say(&mut self, span: std::ops::Range<usize>, message: String, help: Option<String>) {
        let problem = self.source.problem_in(span, message, help);
        self.problems.push(problem);
    }

    /// The schema itself, or what its `$ref` leads to.
    fn resolved(&self, schema: &'a Json) -> &'a Json {
        let reference = schema.get("$ref").and_then(Json::as_str);
        let pointer = reference.and_then(|r| r.strip_prefix('#'));
        pointer.and_then(|p| self.root.pointer(p)).unwrap_or(schema)
    }

    /// The shapes that a value may have; absence is none of TOML's.
    fn shapes(&self, schema: &'a Json) -> Vec<&'a Json> {
        let schema = self.resolved(schema);
        let choices = schema.get("anyOf").or_else(|| schema.get("oneOf"));
        let Some(choices) = choices.and_then(Json::as_array) else {
            return vec![schema];
        };
        choices
            .iter()
            .filter(|choice| choice.get("type").and_then(Json::as_str) != Some("null"))
            .flat_map(|choice| self.shapes(choice))
            .collect()
    }

    fn value(&mut self, schema: &'a Json, value: &Spanned<DeValue<'_>>, at: &str) {
        let shapes = self.shapes(schema);
        let fitting: Vec<&Json> = shapes
            .iter()
            .copied()
            .filter(|shape| fits_kind(shape, value.get_ref()))
            .collect();
        if let Some(words) = words(&shapes) {
            self.word(&words, value, at);
            return;
        }
        // Of several tables, the one that knows most of the keys is meant.
        let known = |shape: &&Json| match value.get_ref() {
            DeValue::Table(table) => table
                .keys()
                .filter(|key| shape["properties"].get(key.get_ref().as_ref()).is_some())
                .count(),
            _ => 0,
        };
        let Some(shape) = fitting.into_iter().max_by_key(known) else {
            let expected: Vec<String> = shapes.iter().flat_map(|shape| kinds(shape)).collect();
            let found = kind(value.get_ref());
            let message = format!("`{at}` must be {}, and is {found}", expected.join(" or "));
            self.say(value.span(), message, None);
            return;
        };
        match value.get_ref() {
            DeValue::Table(table) => self.table(shape, table, at, value.span()),
            DeValue::Array(items) => {
                if let Some(of) = shape.get("items") {
                    for (index, item) in items.iter().enumerate() {
                        self.value(of, item, &format!("{at}[{index}]"));
                    }
                }
            }
            DeValue::Integer(number) => {
                let number = i64::from_str_radix(number.as_str(), number.radix());
                self.bounds(shape, number.ok(), value, at);
            }
            _ => {}
        }
    }

    fn table(
        &mut self,
        shape: &'a Json,
        table: &DeTable<'_>,
        at: &str,
        span: std::ops::Range<usize>,
    ) {
        let properties = shape.get("properties").and_then(Json::as_object);
        let other = shape.get("additionalProperties");
        let mut meant = Vec::new();
        for (key, value) in table {
            let name: &str = key.get_ref();
            let below = below(at, name);
            match (properties.and_then(|p| p.get(name)), other) {
                (Some(schema), _) | (None, Some(schema @ Json::Object(_))) => {
                    self.value(schema, value, &below);
                }
                (None, Some(Json::Bool(false))) => {
                    let known = properties
                        .into_iter()
                        .flat_map(|p| p.keys().map(String::as_str));
                    let known: Vec<&str> = known.collect();
                    let place = if at.is_empty() {
                        String::new()
                    } else {
                        format!(" in `{at}`")
                    };
                    let near = nearest(name, known.iter().copied());
                    meant.extend(near);
                    let help = match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("known keys are {}", known.join(", ")),
                    };
                    self.say(
                        key.span(),
                        format!("unknown key `{name}`{place}"),
                        Some(help),
                    );
                }
                (None, _) => {}
            }
        }
        let required = shape.get("required").and_then(Json::as_array);
        for name in required.into_iter().flatten().filter_map(Json::as_str) {
            // A misspelt key is told once, as unknown.
            if !meant.contains(&name) && !table.keys().any(|key| key.get_ref() == name) {
                self.say(span.clone(), format!("`{at}` lacks the key `{name}`"), None);
            }
        }
    }

    fn word(&mut self, words: &[&str], value: &Spanned<DeValue<'_>>, at: &str) {
        let given = value.get_ref().as_str();
        if given.is_some_and(|given| words.contains(&given)) {
            return;
        }
        let quoted: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
        let message = format!("`{at}` must be one of {}", quoted.join(", "));
        let near = given.and_then(|given| nearest(given, words.iter().copied()));
        let help = near.map(|near| format!("did you mean \"{near}\"?"));
        self.say(value.span(), message, help);
    }

    fn bounds(
        &mut self,
        shape: &Json,
        number: Option<i64>,
        value: &Spanned<DeValue<'_>>,
        at: &str,
    ) {
        let bound = |key: &str| shape.get(key).and_then(Json::as_i64);
        let (least, most) = (bound("minimum"), bound("maximum"));
        let inside = number.is_some_and(|n| {
            least.is_none_or(|least| n >= least) && most.is_none_or(|most| n <= most)
        });
        if inside {
            return;
        }
        let message = match (least, most) {
            (Some(least), Some(most)) => format!("`{at}` must be from {least} to {most}"),
            (Some(least), None) => format!("`{at}` must be at least {least}"),
            _ => format!("`{at}` is out of range"),
        };
        self.say(value.span(), message, None);
    }
}

/// The words of an enumeration, where all shapes are words.
fn words<'a>(shapes: &[&'a Json]) -> Option<Vec<&'a str>> {
    let mut words = Vec::new();
    for shape in shapes {
        match (shape.get("const"), shape.get("enum")) {
            (Some(word), _) => words.push(word.as_str()?),
            (None, Some(Json::Array(several))) => {
                words.extend(several.iter().filter_map(Json::as_str));
            }
            _ => return None,
        }
    }
    (!words.is_empty()).then_some(words)
}

/// The JSON types that a shape allows; none where it allows all.
fn types(shape: &Json) -> Vec<&str> {
    match shape.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn fits_kind(shape: &Json, value: &DeValue<'_>) -> bool {
    let types = types(shape);
    types.is_empty()
        || types.iter().any(|t| {
            matches!(
                (*t, value),
                ("string", DeValue::String(_))
                    | ("integer" | "number", DeValue::Integer(_))
                    | ("number", DeValue::Float(_))
                    | ("boolean", DeValue::Boolean(_))
                    | ("array", DeValue::Array(_))
                    | ("object", DeValue::Table(_))
            )
        })
}

fn kinds(shape: &Json) -> Vec<String> {
    let named = |t: &str| match t {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a table",
        _ => "something else",
    };
    let types = types(shape);
    types
        .into_iter()
        .filter(|t| *t != "null")
        .map(|t| named(t).to_owned())
        .collect()
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
