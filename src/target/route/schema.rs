//! JSON Schemas of a document, made self-contained: references resolved, `allOf` merged, OpenAPI 3.0 written as 3.1.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};

use crate::target::names::nearest;

use super::RouteError;

/// How often one reference may stand inside itself before it is cut to `{}`.
const RECURSION: usize = 2;

/// How deep schemas may nest in all.
const DEPTH: usize = 24;

/// How many references may stand inside one another: a body that goes deeper is not filled by guessing.
const REFERENCES: usize = 5;

/// How many schemas one body may unfold to: where everything refers to everything, they multiply.
const SIZE: usize = 20_000;

/// What an unfolding has come through, and how much it may still make.
struct Unfolding<'a> {
    seen: Vec<&'a str>,
    left: usize,
}

/// Resolves references of one document for one operation.
#[derive(Clone, Copy)]
pub(super) struct Resolver<'a> {
    pub(super) document: &'a Json,
    /// The operation, for messages.
    pub(super) at: &'a str,
}

impl<'a> Resolver<'a> {
    /// The object itself, or what its `$ref` leads to (and that one's, some levels deep).
    pub(super) fn follow(&self, json: &'a Json) -> Result<&'a Json, RouteError> {
        let mut json = json;
        for _ in 0..DEPTH {
            match json.get("$ref").and_then(Json::as_str) {
                Some(reference) => json = self.find(reference)?,
                None => return Ok(json),
            }
        }
        Err(self.dangling(json["$ref"].as_str().unwrap_or_default()))
    }

    fn find(&self, reference: &str) -> Result<&'a Json, RouteError> {
        let pointer = reference.strip_prefix('#');
        let pointer = pointer.map(|p| percent_decode_str(p).decode_utf8_lossy());
        pointer
            .and_then(|p| self.document.pointer(&p))
            .ok_or_else(|| self.dangling(reference))
    }

    fn dangling(&self, reference: &str) -> RouteError {
        let (parent, last) = reference.rsplit_once('/').unwrap_or(("", reference));
        let siblings = parent
            .strip_prefix('#')
            .and_then(|p| self.document.pointer(p));
        let names = siblings.and_then(Json::as_object).into_iter();
        let nearest = nearest(last, names.flat_map(Map::keys).map(String::as_str));
        RouteError::Reference {
            reference: reference.to_owned(),
            at: self.at.to_owned(),
            nearest: nearest.map(|name| format!("{parent}/{name}")),
        }
    }

    /// A self-contained copy of a schema.
    pub(super) fn schema(&self, schema: &'a Json) -> Result<Json, RouteError> {
        let mut unfolding = Unfolding {
            seen: Vec::new(),
            left: SIZE,
        };
        self.resolve(schema, &mut unfolding)
    }

    fn resolve(&self, schema: &'a Json, unfolding: &mut Unfolding<'a>) -> Result<Json, RouteError> {
        let Some(map) = schema.as_object() else {
            // `true` and `false` are schemas, too; anything goes, or nothing: neither tells how to fill it.
            return Ok(Json::Object(Map::new()));
        };
        if unfolding.seen.len() > DEPTH || unfolding.left == 0 {
            return Ok(Json::Object(Map::new()));
        }
        unfolding.left -= 1;
        let mut resolved = Map::new();
        if let Some(reference) = map.get("$ref").and_then(Json::as_str) {
            // Looked up in any case: a dangling one is an error at every depth.
            let found = self.find(reference)?;
            let inside = unfolding.seen.iter().filter(|s| **s == reference).count();
            let references = unfolding.seen.iter().filter(|s| !s.is_empty()).count();
            if inside < RECURSION && references < REFERENCES {
                unfolding.seen.push(reference);
                let inner = self.resolve(found, unfolding)?;
                unfolding.seen.pop();
                merge(&mut resolved, inner);
            }
        }
        for (key, value) in map {
            let value = match (key.as_str(), value) {
                ("$ref" | "allOf" | "$defs" | "definitions", _) => continue,
                ("properties" | "patternProperties", Json::Object(properties)) => {
                    let mut copies = Map::new();
                    for (name, property) in properties {
                        copies.insert(name.clone(), self.nested(property, unfolding)?);
                    }
                    Json::Object(copies)
                }
                ("items" | "additionalProperties" | "not", Json::Object(_)) => {
                    self.nested(value, unfolding)?
                }
                ("oneOf" | "anyOf" | "prefixItems", Json::Array(items)) => {
                    let items = items.iter().map(|item| self.nested(item, unfolding));
                    Json::Array(items.collect::<Result<_, _>>()?)
                }
                _ => value.clone(),
            };
            merge(
                &mut resolved,
                Json::Object(Map::from_iter([(key.clone(), value)])),
            );
        }
        for part in map
            .get("allOf")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
        {
            let part = self.nested(part, unfolding)?;
            merge(&mut resolved, part);
        }
        modernise(&mut resolved);
        Ok(Json::Object(resolved))
    }

    /// One level deeper, so that schemas that nest without references end as well.
    fn nested(&self, schema: &'a Json, unfolding: &mut Unfolding<'a>) -> Result<Json, RouteError> {
        unfolding.seen.push("");
        let copy = self.resolve(schema, unfolding);
        unfolding.seen.pop();
        copy
    }
}

/// Adds a schema to another as `allOf` does: properties and required names together, other keys of the later one win.
fn merge(into: &mut Map<String, Json>, from: Json) {
    let Json::Object(from) = from else { return };
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Json::Object(old)), Json::Object(new)) if key == "properties" => {
                for (name, property) in new {
                    match old.get_mut(&name) {
                        Some(Json::Object(known)) => merge(known, property),
                        _ => {
                            old.insert(name, property);
                        }
                    }
                }
            }
            (Some(Json::Array(old)), Json::Array(new)) if key == "required" => {
                for name in new {
                    if !old.contains(&name) {
                        old.push(name);
                    }
                }
            }
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// What OpenAPI 3.0 writes in its own way: `nullable`, and bounds that are exclusive by a flag.
fn modernise(schema: &mut Map<String, Json>) {
    if schema.shift_remove("nullable") == Some(Json::Bool(true)) {
        if let Some(Json::String(kind)) = schema.get("type").cloned() {
            schema.insert("type".to_owned(), Json::from(vec![kind, "null".to_owned()]));
        }
        if let Some(Json::Array(words)) = schema.get_mut("enum")
            && !words.contains(&Json::Null)
        {
            words.push(Json::Null);
        }
    }
    for (flag, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        if let Some(Json::Bool(exclusive)) = schema.get(flag).cloned() {
            schema.shift_remove(flag);
            if let (true, Some(value)) = (exclusive, schema.shift_remove(bound)) {
                schema.insert(flag.to_owned(), value);
            }
        }
    }
}

/// The schema of a request body without the properties that only answers have.
pub(super) fn writable(mut schema: Json) -> Json {
    let Some(map) = schema.as_object_mut() else {
        return schema;
    };
    let read_only = |p: &Json| p.get("readOnly") == Some(&Json::Bool(true));
    if let Some(Json::Object(properties)) = map.get_mut("properties") {
        let gone: Vec<String> = properties
            .iter()
            .filter(|(_, p)| read_only(p))
            .map(|(name, _)| name.clone())
            .collect();
        properties.retain(|name, _| !gone.contains(name));
        for property in properties.values_mut() {
            *property = writable(property.take());
        }
        if let Some(Json::Array(required)) = map.get_mut("required") {
            required.retain(|name| !gone.iter().any(|g| name == g));
        }
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(Json::Array(items)) = map.get_mut(key) {
            for item in items {
                *item = writable(item.take());
            }
        }
    }
    if let Some(items) = map.get_mut("items") {
        *items = writable(items.take());
    }
    schema
}
