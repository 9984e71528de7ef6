//! Routes that the description lists, and the parameters that it binds.

use serde_json::{Map, Value as Json, json};

use crate::model::pattern::{anonymous, matches};
use crate::model::route::{BodySchema, Encoding, Parameter, Place, Route, RouteId};
use crate::target::description::ListedRoute;
use crate::target::names::nearest;

use super::RouteError;
use super::select::check;

/// `METHOD /path` as its two parts; `None` where it is not that.
pub fn parse_route(text: &str) -> Option<(String, String)> {
    let (method, path) = text.trim().split_once(char::is_whitespace)?;
    let path = path.trim();
    let is_method = !method.is_empty() && method.chars().all(|c| c.is_ascii_alphabetic());
    let closed = path.matches('{').count() == path.matches('}').count();
    let is_path = path.starts_with('/') && closed && !path.contains(char::is_whitespace);
    (is_method && is_path).then(|| (method.to_uppercase(), path.to_owned()))
}

/// Adds listed routes; one that the document holds as well gets the list's examples first.
pub(super) fn merge(routes: &mut Vec<Route>, list: &[ListedRoute]) -> Result<(), RouteError> {
    for (index, listed) in list.iter().enumerate() {
        let (method, path) = parse_route(&listed.route).ok_or_else(|| RouteError::BadRoute {
            key: format!("routes.list[{index}].route"),
            text: listed.route.clone(),
        })?;
        let id = format!("{method} {path}");
        let same = |r: &&mut Route| r.id.0 == id || anonymous(&r.id.0) == anonymous(&id);
        if let Some(known) = routes.iter_mut().find(same) {
            complete(known, listed);
        } else {
            let mut route = Route::new(&method, &path);
            complete(&mut route, listed);
            routes.push(route);
        }
    }
    Ok(())
}

/// Puts what the list says into a route.
fn complete(route: &mut Route, listed: &ListedRoute) {
    for (name, example) in &listed.query {
        let example = Some(Json::from(example.as_str()));
        let same = |p: &&mut Parameter| p.place == Place::Query && p.name == *name;
        match route.parameters.iter_mut().find(same) {
            // Whoever lists a parameter with a value wants it sent.
            Some(known) => {
                known.example = example;
                known.listed = true;
            }
            None => route.parameters.push(Parameter {
                name: name.clone(),
                place: Place::Query,
                required: false,
                listed: true,
                schema: json!({}),
                example,
                quoted: Vec::new(),
            }),
        }
    }
    let fields = |fields: &std::collections::BTreeMap<String, String>| {
        let pairs = fields.iter().map(|(k, v)| (k.clone(), v.as_str().into()));
        Json::Object(pairs.collect())
    };
    let (encoding, example) = match (&listed.json, &listed.form, &listed.multipart) {
        (Some(json), _, _) => (Encoding::Json, json.clone()),
        (None, Some(form), _) => (Encoding::Form, fields(form)),
        (None, None, Some(parts)) => (Encoding::Multipart, fields(parts)),
        (None, None, None) => return,
    };
    match &mut route.body {
        Some(body) if body.encoding == encoding => body.examples.insert(0, example),
        body => {
            *body = Some(BodySchema {
                encoding,
                schema: schema_of(&example),
                examples: vec![example],
                required: true,
            });
        }
    }
}

/// A schema that fits an example: what a list gives in place of a document.
fn schema_of(example: &Json) -> Json {
    match example {
        Json::Null => json!({}),
        Json::Bool(_) => json!({"type": "boolean"}),
        Json::Number(n) if n.is_f64() => json!({"type": "number"}),
        Json::Number(_) => json!({"type": "integer"}),
        Json::String(text) if uuid::Uuid::try_parse(text).is_ok() => {
            json!({"type": "string", "format": "uuid"})
        }
        Json::String(_) => json!({"type": "string"}),
        Json::Array(items) => {
            json!({"type": "array", "items": items.first().map_or_else(|| json!({}), schema_of)})
        }
        Json::Object(map) => {
            let properties: Map<String, Json> =
                map.iter().map(|(k, v)| (k.clone(), schema_of(v))).collect();
            let required: Vec<&String> = map.keys().collect();
            json!({"type": "object", "properties": properties, "required": required})
        }
    }
}

/// Makes sure that a key of `routes.bind` names a parameter: `issue_id`, or `GET /x/{id}#id`.
pub(super) fn check_binding(routes: &[Route], binding: &str) -> Result<(), RouteError> {
    let key = format!("routes.bind.{binding}");
    let (pattern, name) = match binding.rsplit_once('#') {
        Some((pattern, name)) => {
            check(routes, &key, pattern)?;
            (Some(pattern), name)
        }
        None => (None, binding),
    };
    let of_pattern = |r: &&Route| pattern.is_none_or(|p| matches(p, &RouteId(r.id.0.clone())));
    let mut known = Vec::new();
    for route in routes.iter().filter(of_pattern) {
        known.extend(route.parameters.iter().map(|p| p.name.clone()));
        if let Some(body) = &route.body {
            property_names(&body.schema, &mut known);
            body.examples
                .iter()
                .for_each(|e| property_names(&schema_of(e), &mut known));
        }
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    if known.iter().any(|k| k == name || k == last) {
        return Ok(());
    }
    Err(RouteError::NoSuchParameter {
        key,
        name: name.to_owned(),
        nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
    })
}

fn property_names(schema: &Json, into: &mut Vec<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        into.push(name.clone());
        property_names(property, into);
    }
    if let Some(items) = schema.get("items") {
        property_names(items, into);
    }
    for key in ["oneOf", "anyOf"] {
        let branches = schema.get(key).and_then(Json::as_array);
        branches
            .into_iter()
            .flatten()
            .for_each(|b| property_names(b, into));
    }
}
