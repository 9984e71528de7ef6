//! A call: one concrete request that an actor makes. Symbolic until `target` renders it to its exact wire form, so that
//! it can be stored and shown without any credential in it.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

mod cookie;

pub use cookie::{CookieTampering, Seal, Sent};

use super::route::{Place, RouteId};
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

/// Changes to the wire form that no legitimate caller makes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tampering {
    /// Another `Host` header (and only that: the connection goes where the target listens).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<HostTampering>,
    /// The request target exactly as it stands on the request line (path and query), past all tidying.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The bearer token is replaced by one made from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenTampering>,
    /// A cookie that says the tenant is replaced by one made from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<CookieTampering>,
    /// Credentials are left out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub without_credentials: bool,
    /// Cookies are left out, save one that holds the token: who forges a token is not bound to other credentials.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub without_cookies: bool,
    /// The credentials are those of an earlier session, which what comes first in the case should have ended: `before POST
    /// /logout`. For the report; a case holds its sessions as they were at its start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The tenant that the credentials are for is suspended while the call is made, in the way that the description gives.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    /// The tenant's own credential of this actor is sent although the call addresses another tenant.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keep_home_credentials: bool,
}

impl Tampering {
    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How the `Host` header is bent. `{…}` forms are resolved against the target's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostTampering {
    /// Exactly this value.
    Exact(String),
    /// The host of that tenant, as the description builds it, changed by `shape`.
    Tenant {
        /// The tenant whose host it is.
        tenant: TenantKey,
        /// How it is written.
        shape: HostShape,
    },
    /// The domain without any tenant label.
    Apex,
    /// A tenant label that nobody has.
    Unknown,
}

/// How a tenant's host is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostShape {
    /// As it is.
    Plain,
    /// `acme.example.:80`: a trailing dot.
    TrailingDot,
    /// In capitals.
    UpperCase,
    /// Another port.
    OtherPort,
    /// `own.acme.example`: the attacker's label before the victim's.
    Nested,
    /// `acme.own.example`: the victim's label before the attacker's.
    NestedReverse,
}

/// How a bearer token is forged from the actor's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TokenTampering {
    /// Claims set (`Some`) or removed (`None`), in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "claims")]
    pub claims: Vec<(String, Option<Json>)>,
    /// A claim written a second time, last, with this value (parsers differ in which they take).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twice: Option<(String, Json)>,
    /// How the result is signed.
    pub signature: Signature,
}

/// Claims as they are stored: a claim set to null is another thing than one removed.
mod claims {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value as Json;

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Change {
        Set(String, Json),
        Remove(String),
    }

    pub(super) fn serialize<S: Serializer>(
        claims: &[(String, Option<Json>)],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(claims.iter().map(|(name, value)| match value {
            Some(value) => Change::Set(name.clone(), value.clone()),
            None => Change::Remove(name.clone()),
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<(String, Option<Json>)>, D::Error> {
        let changes = Vec::<Change>::deserialize(from)?;
        let pair = |change| match change {
            Change::Set(name, value) => (name, Some(value)),
            Change::Remove(name) => (name, None),
        };
        Ok(changes.into_iter().map(pair).collect())
    }
}

/// How a forged token is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signature {
    /// The old signature stays behind the changed payload.
    Stale,
    /// `alg` in the header is set to this spelling of `none`, and the signature is empty.
    None(String),
    /// The header stays, the signature is empty.
    Empty,
    /// HMAC with this secret, usually empty or a word that nobody should use.
    Secret(String),
    /// HMAC with the target's public key as secret.
    PublicKey,
    /// The header's `kid` says this, and the signature is the HMAC with what a server finds that believes it.
    Named {
        /// What the header says.
        kid: String,
        /// What is found.
        secret: String,
    },
    /// With a key of partywall's own, whose public half stands in the header.
    Embedded(OwnKey),
    /// With a key of partywall's own, and the header says where partywall serves the public half.
    Fetched(OwnKey),
    /// With the target's real secret: only where the description gives it, for promises about claims.
    Genuine,
}

/// A key that a forger brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnKey {
    /// Of the kind that the target's own tokens are signed with.
    SameKind,
    /// An Ed25519 pair.
    Ed25519,
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
