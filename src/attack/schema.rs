//! What JSON Schemas tell: types, properties, and the few values that some of them list.

use serde_json::Value as Json;

/// Whether a JSON Schema's `type` names that type, alone or in a list.
pub(super) fn has_type(declared: &Json, kind: &str) -> bool {
    declared == kind
        || declared
            .as_array()
            .is_some_and(|all| all.iter().any(|t| t == kind))
}

/// Whether a JSON Schema says one of these types, also in its alternatives.
pub(super) fn has_schema_type(schema: &Json, kinds: &[&str]) -> bool {
    let own = schema.get("type");
    kinds
        .iter()
        .any(|kind| own.is_some_and(|declared| has_type(declared, kind)))
        || alternatives(schema)
            .into_iter()
            .any(|part| has_schema_type(part, kinds))
}

/// A property that holds one of few words, or yes and no: its name and what it may hold.
pub(super) type Choice = (String, Vec<Json>);

/// The enum and boolean properties of a JSON Schema's object, alternatives (`anyOf`, `oneOf`, `allOf`) looked into.
pub(super) fn choices(schema: &Json) -> Vec<Choice> {
    let mut all = Vec::new();
    for (name, property) in properties(schema) {
        let values = values(property);
        if !values.is_empty() {
            all.push((name.clone(), values));
        }
    }
    all
}

/// The properties of an object's schema.
pub(super) fn properties(schema: &Json) -> Vec<(&String, &Json)> {
    let mut all: Vec<_> = schema
        .get("properties")
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
        .collect();
    for part in alternatives(schema) {
        all.extend(properties(part));
    }
    all
}

/// The values that a schema lists: an enum's (null left out), or both booleans.
pub(super) fn values(schema: &Json) -> Vec<Json> {
    if let Some(words) = schema.get("enum").and_then(Json::as_array) {
        return words.iter().filter(|w| !w.is_null()).cloned().collect();
    }
    if schema.get("type").is_some_and(|t| has_type(t, "boolean")) {
        return vec![Json::Bool(true), Json::Bool(false)];
    }
    let items = schema.get("items").into_iter();
    alternatives(schema)
        .into_iter()
        .chain(items)
        .map(values)
        .find(|v| !v.is_empty())
        .unwrap_or_default()
}

fn alternatives(schema: &Json) -> Vec<&Json> {
    ["anyOf", "oneOf", "allOf"]
        .iter()
        .filter_map(|word| schema.get(word)?.as_array())
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn choices_are_found_behind_alternatives() {
        let schema = json!({"allOf": [{"properties": {
            "status": {"anyOf": [{"enum": ["open", null]}, {"type": "null"}]},
            "done": {"type": ["boolean", "null"]},
            "name": {"type": "string"}
        }}]});
        let found = choices(&schema);
        assert_eq!(found[0], ("status".into(), vec![json!("open")]));
        assert_eq!(found[1].1.len(), 2);
        assert_eq!(found.len(), 2);
    }
}
