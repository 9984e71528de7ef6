//! Routes from an OpenAPI document, 3.0 or 3.1.

use serde_json::{Map, Value as Json};

use crate::model::route::{BodySchema, Encoding, Parameter, Place, Route};

use super::RouteError;
use super::schema::{Resolver, writable};

/// Methods that a path item may hold. `OPTIONS` and `TRACE` tell nothing of tenants' data.
const METHODS: [&str; 6] = ["get", "head", "post", "put", "patch", "delete"];

/// Header parameters that a document may list and that credentials and encodings fill.
const OWN_HEADERS: [&str; 5] = ["accept", "authorization", "content-type", "cookie", "host"];

/// Every operation of the document.
pub(super) fn routes(document: &Json) -> Result<Vec<Route>, RouteError> {
    check_version(document)?;
    let paths = document.get("paths").and_then(Json::as_object);
    // A 3.1 document may describe webhooks alone.
    let paths = paths.into_iter().flatten();
    let mut routes = Vec::new();
    for (path, item) in paths.filter(|(path, _)| path.starts_with('/')) {
        let at = format!("paths.{path}");
        let item = Resolver { document, at: &at }.follow(item)?;
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                routes.push(route(document, path, item, method, operation)?);
            }
        }
    }
    Ok(routes)
}

fn check_version(document: &Json) -> Result<(), RouteError> {
    if let Some(version) = document.get("swagger") {
        return Err(RouteError::NotOpenApi(format!(
            "it says swagger {version}; convert it to openapi 3, or list the routes in `[[routes.list]]`"
        )));
    }
    match document.get("openapi").and_then(Json::as_str) {
        Some(version) if version.starts_with("3.") => Ok(()),
        Some(version) => Err(RouteError::NotOpenApi(format!("it says openapi {version}"))),
        None => Err(RouteError::NotOpenApi("it has no key `openapi`".to_owned())),
    }
}

fn route<'a>(
    document: &'a Json,
    path: &str,
    item: &'a Json,
    method: &str,
    operation: &'a Json,
) -> Result<Route, RouteError> {
    let at = format!("{} {path}", method.to_uppercase());
    let resolver = Resolver { document, at: &at };
    let base = base_path([operation, item, document]);
    let path = path.split(['#', '?']).next().unwrap_or(path);
    let mut route = Route::new(&method.to_uppercase(), &format!("{base}{path}"));
    let declared = parameters(&resolver, item, operation)?;
    for parameter in declared {
        let same = |p: &&mut Parameter| p.name == parameter.name && p.place == parameter.place;
        match route.parameters.iter_mut().find(same) {
            Some(known) => *known = parameter,
            // A path parameter that the template does not hold can stand nowhere.
            None if parameter.place == Place::Path => {}
            None => route.parameters.push(parameter),
        }
    }
    if !route.is_safe()
        && let Some(body) = operation.get("requestBody")
    {
        route.body = body_schema(&resolver, resolver.follow(body)?)?;
    }
    let summary = operation
        .get("summary")
        .or_else(|| operation.get("operationId"));
    route.summary = summary.and_then(Json::as_str).map(str::to_owned);
    Ok(route)
}

/// The path of the first server that operation, path item or document names.
fn base_path(levels: [&Json; 3]) -> String {
    let server = levels
        .into_iter()
        .find_map(|level| level.get("servers")?.as_array()?.first());
    let Some(url) = server.and_then(|s| s.get("url")).and_then(Json::as_str) else {
        return String::new();
    };
    let mut url = url.to_owned();
    let variables = server
        .and_then(|s| s.get("variables"))
        .and_then(Json::as_object);
    for (name, variable) in variables.into_iter().flatten() {
        let default = variable.get("default").and_then(Json::as_str);
        url = url.replace(&format!("{{{name}}}"), default.unwrap_or_default());
    }
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        // A URL without scheme: `//host/path` or a path.
        None => match url.strip_prefix("//") {
            Some(rest) => rest.find('/').map_or("", |at| &rest[at..]),
            None => &url,
        },
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let path = path.trim_matches('/').trim_start_matches("./");
    if path.is_empty() || path == "." {
        String::new()
    } else {
        format!("/{path}")
    }
}

/// Parameters of path item and operation; the operation's win.
fn parameters<'a>(
    resolver: &Resolver<'a>,
    item: &'a Json,
    operation: &'a Json,
) -> Result<Vec<Parameter>, RouteError> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for level in [item, operation] {
        let declared = level.get("parameters").and_then(Json::as_array);
        for json in declared.into_iter().flatten() {
            let Some(parameter) = parameter(resolver, resolver.follow(json)?)? else {
                continue;
            };
            parameters.retain(|p| p.name != parameter.name || p.place != parameter.place);
            parameters.push(parameter);
        }
    }
    Ok(parameters)
}

fn parameter<'a>(resolver: &Resolver<'a>, json: &'a Json) -> Result<Option<Parameter>, RouteError> {
    let text = |key: &str| json.get(key).and_then(Json::as_str);
    let place = match text("in") {
        Some("path") => Place::Path,
        Some("query") => Place::Query,
        Some("header") => Place::Header,
        Some("cookie") => Place::Cookie,
        _ => return Ok(None),
    };
    let Some(name) = text("name") else {
        return Ok(None);
    };
    if place == Place::Header && OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        return Ok(None);
    }
    // Instead of a schema, a parameter may have the content of one media type.
    let content = json.get("content").and_then(Json::as_object);
    let content = content.and_then(|c| c.values().next());
    let source = content.unwrap_or(json);
    let schema = match source.get("schema") {
        Some(schema) => resolver.schema(schema)?,
        None => Json::Object(Map::new()),
    };
    let mut examples = examples(resolver, source)?;
    examples.extend(schema_examples(&schema));
    Ok(Some(Parameter {
        name: name.to_owned(),
        place,
        required: place == Place::Path || json.get("required") == Some(&Json::Bool(true)),
        listed: false,
        schema,
        example: examples.into_iter().next(),
        quoted: text("description").map(quoted).unwrap_or_default(),
    }))
}

/// What stands in backticks in a description.
fn quoted(description: &str) -> Vec<String> {
    let parts = description.split('`').collect::<Vec<_>>();
    let closed = parts.len().saturating_sub(1) / 2;
    let inside = parts.iter().skip(1).step_by(2).take(closed);
    let is_word = |w: &&&str| !w.is_empty() && !w.contains(char::is_whitespace);
    inside.filter(is_word).map(|w| (*w).to_owned()).collect()
}

/// What a body looks like, by the media type that partywall writes best.
fn body_schema<'a>(
    resolver: &Resolver<'a>,
    body: &'a Json,
) -> Result<Option<BodySchema>, RouteError> {
    let content = body.get("content").and_then(Json::as_object);
    let mut best: Option<(u8, Encoding, &Json)> = None;
    for (media_type, media) in content.into_iter().flatten() {
        if let Some((rank, encoding)) = rank(media_type)
            && best.is_none_or(|(least, ..)| rank < least)
        {
            best = Some((rank, encoding, media));
        }
    }
    let Some((_, encoding, media)) = best else {
        return Ok(None);
    };
    let schema = match media.get("schema") {
        Some(schema) => writable(resolver.schema(schema)?),
        None => Json::Object(Map::new()),
    };
    let mut examples = examples(resolver, media)?;
    examples.extend(schema_examples(&schema));
    Ok(Some(BodySchema {
        encoding,
        schema,
        examples,
        required: body.get("required") == Some(&Json::Bool(true)),
    }))
}

/// How well a media type suits, the least being best.
fn rank(media_type: &str) -> Option<(u8, Encoding)> {
    let bare = media_type.split(';').next().unwrap_or(media_type).trim();
    match bare.to_ascii_lowercase().as_str() {
        "application/json" => Some((0, Encoding::Json)),
        "application/merge-patch+json" => Some((1, Encoding::Json)),
        json if json.ends_with("+json") || json == "text/json" => Some((2, Encoding::Json)),
        "application/x-www-form-urlencoded" => Some((3, Encoding::Form)),
        "multipart/form-data" => Some((4, Encoding::Multipart)),
        "*/*" | "application/*" => Some((5, Encoding::Json)),
        _ => None,
    }
}

/// `example` and `examples` of a parameter or media type.
fn examples<'a>(resolver: &Resolver<'a>, json: &'a Json) -> Result<Vec<Json>, RouteError> {
    let mut all: Vec<Json> = json.get("example").cloned().into_iter().collect();
    let named = json.get("examples").and_then(Json::as_object);
    for example in named.into_iter().flat_map(Map::values) {
        all.extend(resolver.follow(example)?.get("value").cloned());
    }
    Ok(all)
}

/// `example`, `examples` and `default` of a schema.
fn schema_examples(schema: &Json) -> Vec<Json> {
    let mut all: Vec<Json> = schema.get("example").cloned().into_iter().collect();
    all.extend(
        schema
            .get("examples")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .cloned(),
    );
    all.extend(schema.get("default").filter(|d| !d.is_null()).cloned());
    all
}
