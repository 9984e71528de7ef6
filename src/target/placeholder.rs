//! Placeholders: `{name}` in a description's strings, and the values that fill them.

use std::collections::BTreeMap;
use std::fmt;

use cruet::case::snake::to_snake_case;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use super::names::{nearest, suggestion};

/// What stays as it is in a component of a URL.
pub(crate) const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A value shorter than this is no secret worth blanking out: it would blank out half of any text.
const SHORTEST_SECRET: usize = 6;

/// Named values: `port`, `database.app.url`, `secret.jwt`, `user.email`, `tenant.slug` …
///
/// Its `Debug` output holds the names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, String>);

/// Why a template could not be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceholderError {
    /// No value has that name.
    #[error("nothing fills the placeholder `{{{name}}}`{}; a brace that is meant as one is doubled: `{{{{`", suggestion(nearest.as_deref()))]
    Unknown {
        /// The name in the template.
        name: String,
        /// The known name that is most like it.
        nearest: Option<String>,
    },
    /// `{name:json}` whose value is not JSON.
    #[error(
        "the value of `{{{name}:json}}` is not a json value: write `{{{name}}}` to insert it as text"
    )]
    NotJson {
        /// The name in the template.
        name: String,
    },
}

impl Values {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a value; an older one of that name is replaced.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// The same values and one more.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.insert(name, value);
        self
    }

    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Adds all of `other`, which wins where both have a name.
    pub fn extend(&mut self, other: &Values) {
        self.0
            .extend(other.0.iter().map(|(k, v)| (k.clone(), v.clone())));
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values that may be secrets, by their names: everything but addresses and names of tenants and users.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.iter()
            .filter(|(name, _)| may_be_secret(name))
            .map(|(_, value)| value)
    }

    /// `text` with every value that may be a secret blanked out, for error messages.
    pub fn redact(&self, text: &str) -> String {
        let mut values: Vec<&str> = self
            .secrets()
            .filter(|value| value.len() >= SHORTEST_SECRET)
            .collect();
        values.sort_by_key(|v| std::cmp::Reverse(v.len()));
        values
            .into_iter()
            .fold(text.to_owned(), |text, value| text.replace(value, "***"))
    }
}

/// Words of names whose values are credentials, whatever stands beside them: `session_id`, `apiKey`.
const CREDENTIAL: [&str; 20] = [
    "secret", "password", "pass", "token", "session", "sess", "sid", "cookie", "csrf", "xsrf",
    "jwt", "auth", "api", "access", "refresh", "bearer", "nonce", "otp", "code", "hash",
];

/// Last words of names whose values are worth reading in a message.
const OPEN: [&str; 10] = [
    "base", "port", "host", "name", "slug", "email", "login", "id", "role", "user",
];

/// Addresses and names are worth reading in a message; anything else may be a credential.
fn may_be_secret(name: &str) -> bool {
    if name.starts_with("secret.") || name.starts_with("env.") {
        return true;
    }
    // A service may be called `auth`, a role `session`: their addresses are none the less open.
    let whose = ["database.", "service."]
        .iter()
        .any(|of| name.starts_with(of));
    let words: Vec<String> = name
        .split('.')
        .flat_map(|part| {
            to_snake_case(part)
                .split('_')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    if !whose && words.iter().any(|w| CREDENTIAL.contains(&w.as_str())) {
        return true;
    }
    let last = words.last().map(String::as_str).unwrap_or_default();
    name != "tenant.key" && !OPEN.contains(&last)
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl FromIterator<(String, String)> for Values {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(pairs: T) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text as it stands.
    Text(&'a str),
    /// A placeholder: its name, and what stands behind a colon.
    Name(&'a str, Option<&'a str>),
}

/// The pieces of a template. `{` that begins no name is text, as in JSON or a regular expression; `{{` is one brace.
pub fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    let mut doubled = 0_usize;
    while let Some(at) = rest.find(['{', '}']) {
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        rest = &rest[at..];
        let length = if rest.starts_with("{{") {
            doubled += 1;
            pieces.push(Piece::Text("{"));
            2
        } else if doubled > 0 && rest.starts_with("}}") {
            doubled -= 1;
            pieces.push(Piece::Text("}"));
            2
        } else if let Some((inner, name, argument)) = placeholder(rest) {
            pieces.push(Piece::Name(name, argument));
            inner.len() + 2
        } else {
            pieces.push(Piece::Text(&rest[..1]));
            1
        };
        rest = &rest[length..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// What stands between the braces at the start of `text`, its name and its argument, where that is a placeholder.
fn placeholder(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let inner = text.strip_prefix('{')?.split_once('}')?.0;
    let (name, argument) = match inner.split_once(':') {
        Some((name, argument)) => (name, Some(argument)),
        None => (inner, None),
    };
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '+'));
    let plain = argument.is_none_or(|a| !a.contains(['{', '"', '\n']));
    (is_name && plain).then_some((inner, name, argument))
}

/// Fills a template. `{name:url}` is encoded as a component of a URL; an unknown name is an error.
pub fn fill(template: &str, values: &Values) -> Result<String, PlaceholderError> {
    fill_with(template, values, &mut |_, _| None)
}

/// Fills a template for a place where values must be escaped (SQL text, a path).
pub(crate) fn fill_escaped(
    template: &str,
    values: &Values,
    escape: &dyn Fn(&str) -> String,
) -> Result<String, PlaceholderError> {
    fill_with(template, values, &mut |name, _| {
        values.get(name).map(escape)
    })
}

/// Fills a template; `first` is asked before `values`, with the name and its argument.
pub(crate) fn fill_with(
    template: &str,
    values: &Values,
    first: &mut dyn FnMut(&str, Option<&str>) -> Option<String>,
) -> Result<String, PlaceholderError> {
    let mut filled = String::with_capacity(template.len());
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Name(name, argument) => match first(name, argument) {
                Some(value) => filled.push_str(&value),
                None => filled.push_str(&value(name, argument, values)?),
            },
        }
    }
    Ok(filled)
}

fn value(name: &str, argument: Option<&str>, values: &Values) -> Result<String, PlaceholderError> {
    let found = values.get(name).ok_or_else(|| PlaceholderError::Unknown {
        name: name.to_owned(),
        nearest: nearest(name, values.names()).map(str::to_owned),
    })?;
    match argument {
        None | Some("json") => Ok(found.to_owned()),
        Some("url") => Ok(utf8_percent_encode(found, COMPONENT).to_string()),
        Some(other) => Err(PlaceholderError::Unknown {
            name: format!("{name}:{other}"),
            nearest: nearest(other, ["json", "url"]).map(|n| format!("{name}:{n}")),
        }),
    }
}

/// Fills every string of a JSON value. A string that is `{name:json}` alone becomes the JSON value that it stands for,
/// so that numbers can be inserted.
pub fn fill_json(template: &Json, values: &Values) -> Result<Json, PlaceholderError> {
    Ok(match template {
        Json::String(text) => match pieces(text)[..] {
            [Piece::Name(name, Some("json"))] => {
                let text = value(name, None, values)?;
                serde_json::from_str(&text).map_err(|_| PlaceholderError::NotJson {
                    name: name.to_owned(),
                })?
            }
            _ => Json::String(fill(text, values)?),
        },
        Json::Array(items) => Json::Array(
            items
                .iter()
                .map(|item| fill_json(item, values))
                .collect::<Result<_, _>>()?,
        ),
        Json::Object(map) => Json::Object(
            map.iter()
                .map(|(key, item)| Ok((key.clone(), fill_json(item, values)?)))
                .collect::<Result<_, PlaceholderError>>()?,
        ),
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests;
