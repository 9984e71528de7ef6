//! What a step's table exchanges in a call: a place, a name there, a value.

use serde_json::Value as Json;

use crate::engine::Trial;
use crate::model::call::{
    Body, Call, HostTampering, Signature, SlotRef, Tampering, TokenTampering,
};
use crate::model::route::Place;

/// The places that a table may name.
const PLACES: [&str; 6] = ["path", "query", "header", "body", "host", "claim"];

/// The call with what the rows of a table say.
pub fn exchanged(trial: &Trial, mut call: Call, table: &[Vec<String>]) -> Result<Call, String> {
    for row in table {
        let [place, name, value] = &row[..] else {
            return Err(format!(
                "a row of the table says place, name and value, and not `{}`",
                row.join(" | ")
            ));
        };
        let value = filled(trial, value)?;
        call = match place.as_str() {
            "path" => at(call, Place::Path, name, &value),
            "query" => at(call, Place::Query, name, &value),
            "header" => at(call, Place::Header, name, &value),
            "body" => in_body(call, name, &value)?,
            "host" => bent(call, |bent| bent.host = Some(HostTampering::Exact(value))),
            "claim" => bent(call, |bent| claim(bent, name, value)),
            other => {
                return Err(format!(
                    "`{other}` is no place: write {}",
                    PLACES.join(", ")
                ));
            }
        };
    }
    Ok(call)
}

fn at(call: Call, place: Place, name: &str, value: &str) -> Call {
    let name = name.to_owned();
    call.with_slot(&SlotRef { place, name }, value)
}

fn bent(mut call: Call, change: impl FnOnce(&mut Tampering)) -> Call {
    change(&mut call.tampering);
    call
}

/// A claim set in the actor's own token, whose old signature stays behind it. Who forges a token sends no other credential.
fn claim(bent: &mut Tampering, name: &str, value: String) {
    bent.without_cookies = true;
    let forged = bent.token.get_or_insert_with(|| TokenTampering {
        claims: Vec::new(),
        twice: None,
        signature: Signature::Stale,
    });
    forged
        .claims
        .push((name.to_owned(), Some(Json::from(value))));
}

/// A field of a JSON object or a form, by its name or a JSON pointer; one that is not there is added.
fn in_body(mut call: Call, name: &str, value: &str) -> Result<Call, String> {
    let pointer = if name.starts_with('/') {
        name.to_owned()
    } else {
        format!("/{name}")
    };
    let value_there = call.slot(&SlotRef {
        place: Place::Body,
        name: pointer.clone(),
    });
    if value_there.is_some() {
        return Ok(at(call, Place::Body, &pointer, value));
    }
    // What reads as JSON is meant so: a number, a list, an object.
    let json = serde_json::from_str(value).unwrap_or_else(|_| Json::from(value));
    match call
        .body
        .get_or_insert_with(|| Body::Json(Json::Object(serde_json::Map::new())))
    {
        Body::Json(Json::Object(fields)) => {
            fields.insert(name.trim_start_matches('/').to_owned(), json);
            Ok(call)
        }
        Body::Form(fields) => {
            fields.push((name.to_owned(), value.to_owned()));
            Ok(call)
        }
        _ => Err(format!(
            "the body has no field `{name}`, and is nothing that one could be added to"
        )),
    }
}

/// A value with the keys and slugs of tenants in place of `{acme.key}` and `{acme.slug}`.
fn filled(trial: &Trial, value: &str) -> Result<String, String> {
    let mut text = value.to_owned();
    for part in ["key", "slug"] {
        let end = format!(".{part}}}");
        while let Some(at) = text.find(&end) {
            let Some(begin) = text[..at].rfind('{') else {
                break;
            };
            let tenant = trial
                .tenant(&text[begin + 1..at])
                .map_err(|error| error.to_string())?;
            let known = if part == "key" {
                &tenant.key
            } else {
                tenant.slug.as_str()
            };
            text.replace_range(begin..at + end.len(), known);
        }
    }
    Ok(text)
}
