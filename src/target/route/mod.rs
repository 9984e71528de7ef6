//! The target's routes: from its OpenAPI document, from the description's list, marked public or left out by pattern.

mod list;
mod openapi;
mod schema;
pub mod select;

use serde_json::Value as Json;

use crate::model::pattern;
use crate::model::route::{Route, RouteId};

use super::description::{self, Ready};
use super::names::suggestion;

pub use list::parse_route;

/// Why the routes cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// Neither JSON nor YAML.
    #[error("the openapi document is neither json nor yaml: {0}")]
    Syntax(String),
    /// It can be read, and is something else than OpenAPI 3.
    #[error("this is no openapi 3 document: {0}")]
    NotOpenApi(String),
    /// A reference that leads nowhere in the document.
    #[error("the openapi document refers to `{reference}` in {at}, which it does not hold{}", suggestion(nearest.as_deref()))]
    Reference {
        /// The reference.
        reference: String,
        /// The operation that has it.
        at: String,
        /// What is there and most like it.
        nearest: Option<String>,
    },
    /// An entry of `routes.list` is not `METHOD /path`.
    #[error("{key}: `{text}` is no route; write `METHOD /path/{{name}}`")]
    BadRoute {
        /// Which key of the description.
        key: String,
        /// What it says.
        text: String,
    },
    /// A pattern of the description that fits no route.
    #[error("{key}: no route is `{pattern}`{}", suggestion(nearest.as_deref()))]
    NoSuchRoute {
        /// Which key of the description.
        key: String,
        /// What it says.
        pattern: String,
        /// The route that is most like it.
        nearest: Option<String>,
    },
    /// `routes.bind` names a parameter that no route has.
    #[error("{key}: no route has a parameter `{name}`{}", suggestion(nearest.as_deref()))]
    NoSuchParameter {
        /// Which key of the description.
        key: String,
        /// What it says.
        name: String,
        /// The parameter that is most like it.
        nearest: Option<String>,
    },
    /// There is neither a document nor a list.
    #[error(
        "there are no routes: name the openapi document as `routes.openapi`, or list them in `[[routes.list]]`"
    )]
    None,
}

impl RouteError {
    /// What to do about it, where the message alone does not say.
    pub fn help(&self) -> Option<&'static str> {
        matches!(self, Self::NoSuchRoute { .. }).then_some(
            "only routes that the document or `[[routes.list]]` tells are called: list this one, too, or leave it out here",
        )
    }

    /// The key of the description that is to blame, where one is.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::BadRoute { key, .. }
            | Self::NoSuchRoute { key, .. }
            | Self::NoSuchParameter { key, .. } => Some(key),
            _ => None,
        }
    }
}

/// Reads a document, JSON or YAML.
pub fn parse_document(text: &str) -> Result<Json, RouteError> {
    let text = text.trim_start_matches('\u{feff}');
    if let Ok(json) = serde_json::from_str(text) {
        return Ok(json);
    }
    // JSON is nearly YAML, so that YAML's message would mislead where JSON is meant.
    let looks_like_json = text.trim_start().starts_with(['{', '[']);
    let parsed: Result<Json, String> = if looks_like_json {
        serde_json::from_str(text).map_err(|e| e.to_string())
    } else {
        serde_yaml_ng::from_str(text).map_err(|e| e.to_string())
    };
    let json = parsed.map_err(RouteError::Syntax)?;
    if json.is_object() {
        return Ok(json);
    }
    let start: String = text.trim_start().chars().take(60).collect();
    Err(RouteError::NotOpenApi(format!("it begins with `{start}`")))
}

/// Every route: those of the document, then those of the list, which win; marked by the patterns. The path that says
/// that the target is ready may be declared public though no list has it.
pub fn routes(
    document: Option<&Json>,
    section: &description::Routes,
    ready: Option<&Ready>,
) -> Result<Vec<Route>, RouteError> {
    let mut routes = document.map_or_else(|| Ok(Vec::new()), openapi::routes)?;
    list::merge(&mut routes, &section.list)?;
    if routes.is_empty() {
        return Err(RouteError::None);
    }
    let ready = ready.and_then(ready_route);
    for (index, text) in section.public.iter().enumerate() {
        let listed = routes.iter().any(|r| pattern::matches(text, &r.id));
        if !listed && ready.as_ref().is_some_and(|r| pattern::matches(text, r)) {
            continue;
        }
        for route in select::select(&mut routes, &format!("routes.public[{index}]"), text)? {
            route.public = true;
        }
    }
    for (index, text) in section.skip.iter().enumerate() {
        for route in select::select(&mut routes, &format!("routes.skip[{index}]"), text)? {
            route.skipped = Some(format!("left out by `{text}` in routes.skip"));
        }
    }
    for name in section.bind.keys() {
        list::check_binding(&routes, name)?;
    }
    Ok(routes)
}

/// The route that is asked whether the target is ready.
fn ready_route(ready: &Ready) -> Option<RouteId> {
    match ready {
        Ready::Path(path) => {
            let path = path.split(['?', '#']).next().unwrap_or_default();
            Some(RouteId(format!("GET {path}")))
        }
        Ready::Log { .. } => None,
    }
}

#[cfg(test)]
mod tests;
