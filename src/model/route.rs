//! A route: method, path template, parameters and body schema.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// `METHOD /path/{template}`, with `#selector` behind it where one path serves many operations.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RouteId(pub String);

impl fmt::Display for RouteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a parameter stands in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A segment of the path.
    Path,
    /// The query string.
    Query,
    /// A request header.
    Header,
    /// A cookie.
    Cookie,
    /// The body, by JSON pointer (`/items/0/id`) or by form field name.
    Body,
}

/// A parameter outside the body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Whether the route asks for it.
    pub required: bool,
    /// Whether the description gives the value to send: then it is sent, asked for or not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub listed: bool,
    /// Its JSON Schema, references resolved; `{}` where nothing is declared.
    pub schema: Json,
    /// A declared example.
    pub example: Option<Json>,
    /// Words that its description quotes in backticks: likely values, where it lists none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quoted: Vec<String>,
}

/// How a body is written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
}

/// What a route's body looks like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BodySchema {
    /// How it is written.
    pub encoding: Encoding,
    /// Its JSON Schema, references resolved (recursion cut at a few levels).
    pub schema: Json,
    /// Bodies that the document or the description gives; the first that the route accepts wins.
    pub examples: Vec<Json>,
    /// Whether the route asks for one.
    pub required: bool,
}

/// Method, path template, parameters and body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// Its identity.
    pub id: RouteId,
    /// Upper-case method.
    pub method: String,
    /// The path with `{name}` in place of parameters, base path of the document included.
    pub template: String,
    /// Parameters in path, query, header and cookie.
    pub parameters: Vec<Parameter>,
    /// The body, where one is declared.
    pub body: Option<BodySchema>,
    /// Declared public: what it answers, anybody may see.
    pub public: bool,
    /// The description says to leave it out of the run, with the reason.
    pub skipped: Option<String>,
    /// The document's one-line summary.
    pub summary: Option<String>,
}

/// Whether a method promises not to change anything.
pub fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

impl Route {
    /// A route without parameters beyond those in its template.
    pub fn new(method: &str, template: &str) -> Self {
        let parameters = template_names(template)
            .map(|name| Parameter {
                name: name.to_owned(),
                place: Place::Path,
                required: true,
                listed: false,
                schema: Json::Object(serde_json::Map::new()),
                example: None,
                quoted: Vec::new(),
            })
            .collect();
        Self {
            id: RouteId(format!("{method} {template}")),
            method: method.to_owned(),
            template: template.to_owned(),
            parameters,
            body: None,
            public: false,
            skipped: None,
            summary: None,
        }
    }

    /// Whether the method promises not to change anything.
    pub fn is_safe(&self) -> bool {
        is_safe(&self.method)
    }

    /// The parameters of that place.
    pub fn parameters_in(&self, place: Place) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |p| p.place == place)
    }
}

/// The names in braces of a path template, in order.
pub fn template_names(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}
