//! Taking a value from an answer, or from the database.

use regex::Regex;

use crate::model::call::text;
use crate::model::exchange::Response;

use super::jar::Jar;
use super::markup::{self, Selector};
use crate::model::json_path::{self, Segment};

/// Where a value is taken from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Json(Vec<Segment>),
    Header(String),
    Cookie(String),
    Html(Selector),
    Regex(Regex),
    Sql(String),
}

/// Compiles a regular expression of the description; the sentence says what is wrong with it.
pub(crate) fn expression(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|error| {
        let message = error.to_string();
        let reason = message.lines().last().unwrap_or_default();
        format!(
            "`{text}` is no regular expression: {}",
            reason.trim_start_matches("error: ")
        )
    })
}

/// Makes sure that a source can be read. Placeholders in it are not filled yet, and stand for themselves.
pub fn check_source(source: &str) -> Result<(), String> {
    Source::parse(source).map(|_| ())
}

impl Source {
    /// Reads a source as `take` writes it; the sentence says what is wrong with it.
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        if source.starts_with('$') {
            return json_path::parse(source).map(Self::Json);
        }
        let (kind, rest) = source.split_once(':').unwrap_or(("", source));
        match kind {
            "header" => Ok(Self::Header(rest.trim().to_ascii_lowercase())),
            "cookie" => Ok(Self::Cookie(rest.trim().to_owned())),
            "html" => Selector::parse(rest).map(Self::Html),
            "regex" => expression(rest).map(Self::Regex),
            "sql" => Ok(Self::Sql(rest.trim().to_owned())),
            _ => Err(format!(
                "`{source}` says nowhere to take from; write `$.path`, `header:NAME`, `cookie:NAME`, \
                 `html:input[name=NAME]`, `regex:…(…)…` or `sql:SELECT …`"
            )),
        }
    }

    /// The value in an answer, with the jar as the answer left it. Never anything for SQL, which is asked elsewhere.
    pub(crate) fn find(&self, response: &Response, jar: &Jar) -> Option<String> {
        match self {
            Self::Json(path) => {
                let json = response.json()?;
                json_path::find(&json, path)
                    .filter(|v| !v.is_null())
                    .map(text)
            }
            Self::Header(name) => response.header(name).map(str::to_owned),
            Self::Cookie(name) => jar.value(name).map(str::to_owned),
            Self::Html(selector) => selector.find(&response.text()),
            Self::Regex(regex) => {
                let body = response.text();
                let found = regex.captures(&body)?;
                found
                    .get(1)
                    .or_else(|| found.get(0))
                    .map(|m| m.as_str().to_owned())
            }
            Self::Sql(_) => None,
        }
    }

    /// What an answer holds instead: names, never values.
    pub(crate) fn outline(&self, response: &Response, jar: &Jar) -> Vec<String> {
        match self {
            Self::Json(_) => match response.json() {
                Some(json) => json_path::outline(&json),
                None => vec![format!("{} bytes that are no json", response.body.len())],
            },
            Self::Header(_) => {
                let headers = response.headers.iter();
                headers.map(|(name, _)| format!("header:{name}")).collect()
            }
            Self::Cookie(_) => jar.names().map(|name| format!("cookie:{name}")).collect(),
            Self::Html(_) => {
                let names = markup::outline(&response.text());
                names
                    .into_iter()
                    .map(|name| format!("html:{name}"))
                    .collect()
            }
            Self::Regex(_) | Self::Sql(_) => {
                vec![format!("{} bytes of text", response.body.len())]
            }
        }
    }
}
