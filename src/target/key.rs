//! API keys that partywall makes and inserts: plain, hashed, with a pepper, with a prefix that can be looked up.

use rand::RngExt as _;
use rand::distr::Alphanumeric;

use crate::model::schema::quote;

use super::description::ApiKey;
use super::error::TargetError;
use super::mint::{digest, encodings, fill_timed, mac, now, time};
use super::placeholder::{PlaceholderError, Values, fill_with};

/// Letters and digits of `{random}`: 190 bits.
const RANDOM: usize = 32;

/// Unguessable letters and digits.
pub(crate) fn random() -> String {
    let letters = rand::rng().sample_iter(Alphanumeric);
    letters.take(RANDOM).map(char::from).collect()
}

/// The key, as its format says.
pub(crate) fn make(api_key: &ApiKey, values: &Values, at: &str) -> Result<String, TargetError> {
    let format = api_key.format.as_deref().unwrap_or("pw_{random}");
    fill_timed(format, values, now()).map_err(TargetError::placeholder(format!("{at}.format")))
}

/// The statement that inserts the key's row.
pub(crate) fn insert(
    api_key: &ApiKey,
    key: &str,
    values: &Values,
    at: &str,
) -> Result<String, TargetError> {
    let mut columns = Vec::new();
    let mut expressions = Vec::new();
    for (column, template) in &api_key.row {
        let wrap = TargetError::placeholder(format!("{at}.row.{column}"));
        columns.push(quote(column));
        expressions.push(if let Some(sql) = template.strip_prefix("sql:") {
            filled(sql, key, values, &|v| v.replace('\'', "''")).map_err(wrap)?
        } else {
            let value = filled(template, key, values, &str::to_owned).map_err(wrap)?;
            format!("'{}'", value.replace('\'', "''"))
        });
    }
    let table: Vec<String> = api_key.table.split('.').map(quote).collect();
    Ok(format!(
        "INSERT INTO {} ({}) VALUES ({})",
        table.join("."),
        columns.join(", "),
        expressions.join(", ")
    ))
}

/// Fills a template in which `{key}`, `{key.sha256}`, `{key.prefix:8}` … stand for the key.
fn filled(
    template: &str,
    key: &str,
    values: &Values,
    escape: &dyn Fn(&str) -> String,
) -> Result<String, PlaceholderError> {
    let at = now();
    let mut unknown_pepper = None;
    let filled = fill_with(template, values, &mut |name, argument| {
        if let Some(seconds) = time(name, at) {
            return Some(seconds.to_string());
        }
        if name == "key" && argument.is_none() {
            return Some(escape(key));
        }
        let Some(function) = name.strip_prefix("key.") else {
            return values.get(name).filter(|_| argument.is_none()).map(escape);
        };
        if let (true, Some(pepper)) = (function.starts_with("hmac-"), argument)
            && values.get(pepper).is_none()
        {
            unknown_pepper = Some(pepper.to_owned());
        }
        shape(function, argument, key, values)
    });
    match unknown_pepper {
        Some(name) => Err(PlaceholderError::Unknown {
            nearest: super::names::nearest(&name, values.names()).map(str::to_owned),
            name,
        }),
        None => filled,
    }
}

/// `sha256`, `sha256.base64`, `hmac-sha256` with the name of the pepper, `prefix` and `suffix` with a length.
fn shape(function: &str, argument: Option<&str>, key: &str, values: &Values) -> Option<String> {
    let length = || argument.and_then(|a| a.parse::<usize>().ok());
    match function {
        "prefix" => return Some(key.chars().take(length()?).collect()),
        "suffix" => {
            let skipped = key.chars().count().saturating_sub(length()?);
            return Some(key.chars().skip(skipped).collect());
        }
        _ => {}
    }
    let (name, encoding) = function.split_once('.').unwrap_or((function, "hex"));
    let bytes = match (name.strip_prefix("hmac-"), argument) {
        (Some(hash), Some(pepper)) => mac(Some(hash), values.get(pepper)?, key).ok()?,
        (None, None) => digest(name, key)?,
        _ => return None,
    };
    let wanted = |suffix: &str| suffix.strip_prefix('.') == Some(encoding);
    let found = encodings(&bytes)
        .into_iter()
        .find(|(suffix, _)| wanted(suffix));
    found.map(|(_, text)| text)
}
