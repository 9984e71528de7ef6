//! A call: one concrete request that an actor makes. Symbolic until `target` renders it to its exact wire form, so that
//! it can be stored and shown without any credential in it.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

mod cookie;
mod tampering;

pub use cookie::{CookieTampering, Seal, Sent};
pub use tampering::{HostShape, HostTampering, OwnKey, Signature, Tampering, TokenTampering};

use super::route::{Place, RouteId, is_safe};
use super::tenant::{ActorId, TenantKey};

/// One concrete request, before credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The route.
    pub route: RouteId,
    /// Upper-case method as sent; differs from the route's where the attack swaps verbs.
    pub method: String,
    /// The path template as sent; differs from the route's where the attack changes the path.
    pub template: String,
    /// Who makes it: whose credentials it carries.
    pub actor: ActorId,
    /// The tenant that it addresses by host, path segment or header, as the description says.
    pub tenant: Option<TenantKey>,
    /// Values of the template's names. The tenant's own segment is filled from `tenant` unless it stands here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub path: BTreeMap<String, String>,
    /// The query, decoded, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// Headers beyond those that description and credentials add: exact case, order and duplicates kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// What the attack does to the wire form beyond the above.
    #[serde(default, skip_serializing_if = "Tampering::is_empty")]
    pub tampering: Tampering,
}

/// A request body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// A JSON document.
    Json(Json),
    /// Form fields in order.
    Form(Vec<(String, String)>),
    /// Multipart parts in order.
    Multipart(Vec<Part>),
    /// Anything else.
    Text {
        /// The `Content-Type`.
        content_type: String,
        /// The text.
        text: String,
    },
}

/// One part of a multipart body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// A file name makes it a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Its `Content-Type`, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Its content.
    pub text: String,
}

/// A value in a call that names a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SlotRef {
    /// Where it stands.
    pub place: Place,
    /// The parameter's name, or a JSON pointer for bodies.
    pub name: String,
}

impl Call {
    /// A call of a path without names, with nothing in it and at no tenant's address.
    pub fn new(method: &str, path: &str, actor: &ActorId) -> Self {
        Self {
            route: RouteId(format!("{method} {path}")),
            method: method.to_owned(),
            template: path.to_owned(),
            actor: actor.clone(),
            tenant: None,
            path: BTreeMap::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            tampering: Tampering::default(),
        }
    }

    /// Whether the method that is sent promises not to change anything.
    pub fn is_safe(&self) -> bool {
        is_safe(&self.method)
    }

    /// The value that stands in a slot now, as text.
    pub fn slot(&self, at: &SlotRef) -> Option<String> {
        match at.place {
            Place::Path => self.path.get(&at.name).cloned(),
            Place::Query => pair(&self.query, &at.name),
            Place::Header => pair(&self.headers, &at.name),
            Place::Cookie => None,
            Place::Body => match self.body.as_ref()? {
                Body::Json(json) => json.pointer(&at.name).map(text),
                Body::Form(fields) => pair(fields, &at.name),
                Body::Multipart(parts) => parts
                    .iter()
                    .find(|p| p.name == at.name)
                    .map(|p| p.text.clone()),
                Body::Text { .. } => None,
            },
        }
    }

    /// The same call with another value in a slot; a JSON number stays a number where the text is one.
    #[must_use]
    pub fn with_slot(mut self, at: &SlotRef, value: &str) -> Self {
        match at.place {
            Place::Path => {
                self.path.insert(at.name.clone(), value.to_owned());
            }
            Place::Query => set_pair(&mut self.query, &at.name, value),
            Place::Header => set_pair(&mut self.headers, &at.name, value),
            Place::Cookie => {}
            Place::Body => match &mut self.body {
                Some(Body::Json(json)) => {
                    if let Some(old) = json.pointer_mut(&at.name) {
                        *old = like(old, value);
                    }
                }
                Some(Body::Form(fields)) => set_pair(fields, &at.name, value),
                Some(Body::Multipart(parts)) => {
                    for part in parts.iter_mut().filter(|p| p.name == at.name) {
                        value.clone_into(&mut part.text);
                    }
                }
                Some(Body::Text { .. }) | None => {}
            },
        }
        self
    }

    /// Every value that the caller sends, as text: what it says, it knew.
    pub fn sent_values(&self) -> Vec<String> {
        let mut all: Vec<String> = self.path.values().cloned().collect();
        all.extend(
            self.query
                .iter()
                .chain(&self.headers)
                .flat_map(|(k, v)| [k.clone(), v.clone()]),
        );
        all.extend(self.tampering.target.clone());
        if let Some(HostTampering::Exact(host)) = &self.tampering.host {
            all.push(host.clone());
        }
        if let Some(token) = &self.tampering.token {
            let set = token.claims.iter().filter_map(|(_, value)| value.as_ref());
            set.chain(token.twice.iter().map(|(_, value)| value))
                .for_each(|value| leaves(value, &mut all));
        }
        match &self.body {
            Some(Body::Json(json)) => leaves(json, &mut all),
            Some(Body::Form(fields)) => all.extend(fields.iter().map(|(_, v)| v.clone())),
            Some(Body::Multipart(parts)) => all.extend(parts.iter().map(|p| p.text.clone())),
            Some(Body::Text { text, .. }) => all.push(text.clone()),
            None => {}
        }
        all
    }
}

/// A JSON scalar as text, without quotes; containers as JSON.
pub fn text(json: &Json) -> String {
    json.as_str()
        .map_or_else(|| json.to_string(), str::to_owned)
}

/// `value` as JSON of the same type as `old`, where it can be read as that.
fn like(old: &Json, value: &str) -> Json {
    match old {
        Json::Number(_) | Json::Bool(_) => serde_json::from_str(value)
            .ok()
            // What would come out as another text (`1e3`, a number too long) stays text.
            .filter(|json: &Json| (json.is_number() || json.is_boolean()) && text(json) == value)
            .unwrap_or_else(|| value.into()),
        _ => value.into(),
    }
}

fn leaves(json: &Json, into: &mut Vec<String>) {
    match json {
        Json::Array(items) => items.iter().for_each(|i| leaves(i, into)),
        Json::Object(map) => {
            for (key, value) in map {
                into.push(key.clone());
                leaves(value, into);
            }
        }
        other => into.push(text(other)),
    }
}

fn pair(pairs: &[(String, String)], name: &str) -> Option<String> {
    pairs
        .iter()
        .find(|(n, _)| n == name)
        .map(|(_, v)| v.clone())
}

fn set_pair(pairs: &mut Vec<(String, String)>, name: &str, value: &str) {
    match pairs.iter_mut().find(|(n, _)| n == name) {
        Some((_, old)) => value.clone_into(old),
        None => pairs.push((name.to_owned(), value.to_owned())),
    }
}

/// A request in its exact wire form, credentials included. Never stored, never printed: its `Debug` output names the
/// headers alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Wire {
    /// `http://127.0.0.1:8080` or the URL of a running target: where the connection goes.
    pub base: String,
    /// The method.
    pub method: String,
    /// Path and query as they stand on the request line.
    pub target: String,
    /// Every header in order, `Host` first, with its exact case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Bytes,
}

impl Wire {
    /// The value of the first `Host` header.
    pub fn host(&self) -> Option<&str> {
        let host = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("host");
        self.headers.iter().find(host).map(|(_, v)| v.as_str())
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(n, _)| n.as_str()).collect();
        let path = self.target.split('?').next().unwrap_or_default();
        f.debug_struct("Wire")
            .field("base", &self.base)
            .field("method", &self.method)
            .field("path", &path)
            .field("headers", &names)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

#[cfg(test)]
mod tests;
