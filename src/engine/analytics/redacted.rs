//! An answer as it is kept: without what differs each time, its keys in order.

use serde_json::{Map, Value as Json};

use crate::model::exchange::Response;
use crate::model::json_path::{parse, replace_all};

/// What stands for what is left out.
const LEFT_OUT: &str = "[redacted]";

/// The answer without what the paths lead to; text stays text.
pub fn redacted(response: &Response, paths: &[String]) -> Json {
    let Some(mut json) = response.json() else {
        return Json::String(response.text());
    };
    // Paths were checked when the description was read.
    for path in paths.iter().filter_map(|path| parse(path).ok()) {
        replace_all(&mut json, &path, &Json::String(LEFT_OUT.to_owned()));
    }
    ordered(json)
}

/// The text of a kept answer.
pub fn text(json: &Json) -> String {
    format!("{json:#}")
}

/// Objects by name: the order of keys says nothing, and a database may change it.
fn ordered(json: Json) -> Json {
    match json {
        Json::Object(map) => {
            let mut all: Vec<(String, Json)> = map.into_iter().collect();
            all.sort_by(|(a, _), (b, _)| a.cmp(b));
            let all = all.into_iter().map(|(name, value)| (name, ordered(value)));
            Json::Object(all.collect::<Map<String, Json>>())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(ordered).collect()),
        other => other,
    }
}

/// The first place in which two documents differ, as a JSON pointer.
pub fn differs(one: &Json, other: &Json) -> Option<String> {
    match (one, other) {
        _ if one == other => None,
        (Json::Object(a), Json::Object(b)) => {
            let names = a.keys().chain(b.keys());
            let null = Json::Null;
            let value = |of: &Map<String, Json>, name: &str| of.get(name).unwrap_or(&null).clone();
            names.into_iter().find_map(|name| {
                let inner = differs(&value(a, name), &value(b, name))?;
                Some(format!("/{name}{inner}"))
            })
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(at, (a, b))| Some(format!("/{at}{}", differs(a, b)?)))
        }
        _ => Some(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_in_order_and_redacted_values_gone() {
        let response = Response {
            status: 200,
            headers: Vec::new(),
            body: r#"{"b": {"d": 1, "c": 2}, "at": "12:03"}"#.into(),
            trailers: Vec::new(),
            truncated: false,
        };
        let kept = redacted(&response, &["$.at".to_owned()]);
        let wanted =
            "{\n  \"at\": \"[redacted]\",\n  \"b\": {\n    \"c\": 2,\n    \"d\": 1\n  }\n}";
        assert_eq!(text(&kept), wanted);
    }

    #[test]
    fn the_place_of_a_difference_is_told() {
        let one = json!({"a": [1, {"b": 2}]});
        assert_eq!(differs(&one, &one), None);
        let other = json!({"a": [1, {"b": 3}]});
        assert_eq!(differs(&one, &other).as_deref(), Some("/a/1/b"));
        assert_eq!(differs(&one, &json!({"a": []})).as_deref(), Some("/a"));
    }
}
