//! Bodies that a route may accept, the likeliest first: declared, from an own stored row, from the schema's example, made up.

mod absent;
mod keys;
mod maker;

use rand::Rng;
use serde_json::Value as Json;

use super::bind::Source;
use crate::model::call::{Body, Part, SlotRef, text};
use crate::model::knowledge::Knowledge;
use crate::model::route::{BodySchema, Encoding, Place, Route};
use crate::model::schema::TableId;
use crate::model::tenant::{Actor, TenantKey};
use crate::target::description::Routes;
pub use absent::absent;
pub use keys::{Form, key};
use maker::Maker;

/// A body and where in it keys of rows stand.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The body.
    pub body: Body,
    /// Slots in it.
    pub slots: Vec<(SlotRef, Source)>,
}

/// What a body is made for.
pub struct Purpose<'a> {
    /// What is known.
    pub knowledge: &'a Knowledge,
    /// What the description says of routes: what fields are bound to.
    pub section: &'a Routes,
    /// The route.
    pub route: &'a Route,
    /// Who sends it.
    pub actor: &'a Actor,
    /// For which tenant.
    pub tenant: Option<&'a TenantKey>,
    /// The table that the route is about, where known.
    pub table: Option<TableId>,
}

/// How much of a schema a made-up body fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fill<'f> {
    /// Every property.
    All,
    /// Required properties, and the first free text where none is required.
    Required,
    /// Required properties and every one that holds a key.
    Keys,
    /// Every property that holds no key, and required ones.
    Plain,
    /// Required properties, and those on the way to the one at this pointer.
    Toward(&'f str),
}

/// Candidates, the likeliest first.
pub fn candidates(
    purpose: &Purpose<'_>,
    schema: &BodySchema,
    rng: &mut impl Rng,
) -> Vec<Candidate> {
    let mut all = Vec::new();
    for example in &schema.examples {
        all.push(made(purpose, schema.encoding, example));
    }
    let ways = [Fill::All, Fill::Keys, Fill::Plain, Fill::Required];
    // What looks like a log-in may be a registration, which wants a name that nobody has.
    let logs_in = is_log_in(&schema.schema);
    let known = logs_in.then_some((Fill::All, true));
    let ways = known.into_iter().chain(ways.map(|fill| (fill, false)));
    for (fill, asks_password) in ways {
        let mut maker = Maker {
            asks_password,
            purpose,
            fill,
            rng,
            slots: Vec::new(),
            changes: false,
        };
        let mut value = maker.object(&schema.schema, "", 0);
        if maker.is_as_stored(&value) {
            maker.changes = true;
            maker.slots.clear();
            value = maker.object(&schema.schema, "", 0);
        }
        let mut slots = maker.slots;
        if schema.encoding != Encoding::Json {
            for (at, _) in &mut slots {
                at.name = at.name.trim_start_matches('/').to_owned();
            }
        }
        let candidate = Candidate {
            body: encode(schema.encoding, &value),
            slots,
        };
        if !all.iter().any(|c: &Candidate| c.body == candidate.body) {
            all.push(candidate);
        }
    }
    all
}

/// A declared body: values that are keys of rows become slots.
fn made(purpose: &Purpose<'_>, encoding: Encoding, example: &Json) -> Candidate {
    let mut slots = Vec::new();
    if let Json::Object(map) = example {
        for (name, value) in map {
            let Some(column) = key(purpose, name, Form::of_value(value)) else {
                continue;
            };
            let many = value.as_array().map_or(0, Vec::len);
            let at = |pointer: String| SlotRef {
                place: Place::Body,
                name: pointer,
            };
            if many > 0 {
                slots.extend(
                    (0..many).map(|i| (at(format!("/{name}/{i}")), Source::Column(column))),
                );
            } else if !value.is_object() {
                let name = if encoding == Encoding::Json {
                    format!("/{name}")
                } else {
                    name.clone()
                };
                slots.push((at(name), Source::Column(column)));
            }
        }
    }
    Candidate {
        body: encode(encoding, example),
        slots,
    }
}

fn encode(encoding: Encoding, value: &Json) -> Body {
    let fields = || -> Vec<(String, String)> {
        value
            .as_object()
            .into_iter()
            .flatten()
            .map(|(k, v)| (k.clone(), text(v)))
            .collect()
    };
    match encoding {
        Encoding::Json => Body::Json(value.clone()),
        Encoding::Form => Body::Form(fields()),
        Encoding::Multipart => Body::Multipart(fields().into_iter().map(part).collect()),
    }
}

/// A multipart field; `@name:content` is a file.
fn part((name, value): (String, String)) -> Part {
    match value.strip_prefix('@').and_then(|v| v.split_once(':')) {
        Some((file, content)) => Part {
            name,
            file_name: Some(file.to_owned()),
            content_type: Some("application/octet-stream".into()),
            text: content.to_owned(),
        },
        None => Part {
            name,
            file_name: None,
            content_type: None,
            text: value,
        },
    }
}

/// Whether a body is a log-in's: a password, and little else.
fn is_log_in(schema: &Json) -> bool {
    let properties = schema["properties"].as_object();
    properties.is_some_and(|p| p.contains_key("password") && p.len() <= 3)
}

/// The first branch of `oneOf`/`anyOf` that is not null; `allOf` is merged when the document is read.
fn some_branch(schema: &Json) -> &Json {
    for word in ["anyOf", "oneOf"] {
        if let Some(branch) = schema[word]
            .as_array()
            .and_then(|b| b.iter().find(|s| s["type"] != "null"))
        {
            return some_branch(branch);
        }
    }
    schema
}

fn is_text(schema: &Json) -> bool {
    let schema = some_branch(schema);
    schema["type"] == "string" && schema.get("format").is_none() && schema.get("enum").is_none()
}

/// Whether a value of a body is what a column holds as `stored`.
pub fn is_text_of(value: &Json, stored: &str) -> bool {
    match value {
        Json::Bool(b) => *b == matches!(stored, "t" | "true"),
        Json::String(s) => s == stored || *s == iso(stored),
        Json::Object(_) | Json::Array(_) => {
            serde_json::from_str::<Json>(stored).is_ok_and(|s| s == *value)
        }
        Json::Null => false,
        Json::Number(_) => text(value) == stored,
    }
}

/// Text as JSON of the type that a schema asks for.
fn typed(value: &str, kind: Option<&str>) -> Json {
    match kind {
        Some("integer" | "number") => serde_json::from_str(value).unwrap_or_else(|_| value.into()),
        Some("boolean") => Json::Bool(matches!(value, "t" | "true")),
        Some("string") | None => value.into(),
        Some(_) => serde_json::from_str(value).unwrap_or_else(|_| value.into()),
    }
}

/// Postgres' timestamp text as RFC 3339.
fn iso(value: &str) -> String {
    let text = value.replacen(' ', "T", 1);
    if text.ends_with("+00") {
        text.trim_end_matches("+00").to_owned() + "Z"
    } else {
        text + "Z"
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn timestamps_become_rfc_3339() {
        assert_eq!(iso("2026-01-02 03:04:05+00"), "2026-01-02T03:04:05Z");
        assert_eq!(iso("2026-01-02 03:04:05"), "2026-01-02T03:04:05Z");
    }

    #[test]
    fn values_are_compared_as_columns_hold_them() {
        for (value, stored) in [
            (json!("CLIENT"), "CLIENT"),
            (json!(true), "t"),
            (json!(7), "7"),
            (json!("2026-01-02T03:04:05Z"), "2026-01-02 03:04:05+00"),
            (json!({"a": 1}), "{\"a\":1}"),
        ] {
            assert!(is_text_of(&value, stored), "{value} is {stored}");
            assert!(!is_text_of(&value, "something else"), "{value}");
        }
        assert!(!is_text_of(&json!(null), ""));
    }

    #[test]
    fn nullable_branches_are_seen_through() {
        assert!(is_text(
            &json!({"anyOf": [{"type": "null"}, {"type": "string"}]})
        ));
    }
}
