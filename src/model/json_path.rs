//! The part of JSON path that taking a value from an answer needs: `$.data.items[0].id`, `$['a b']`, `$.list[-1]`,
//! `$.items[*].id` (the first that is there), `$.items[?slug=acme].id`.

use serde_json::Value as Json;

use super::call::text;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Name(String),
    Index(i64),
    Any,
    Where(String, String),
}

/// Reads a path; the sentence says what is wrong with it.
pub(crate) fn parse(path: &str) -> Result<Vec<Segment>, String> {
    let mut rest = path
        .strip_prefix('$')
        .ok_or("a json path starts with `$`")?;
    let mut segments = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let end = closing(after).ok_or("a bracket is not closed")?;
            segments.push(bracket(after[..end].trim())?);
            rest = &after[end + 1..];
        } else if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            match &after[..end] {
                "" => return Err("a name is missing behind a dot".to_owned()),
                "*" => segments.push(Segment::Any),
                name => segments.push(Segment::Name(name.to_owned())),
            }
            rest = &after[end..];
        } else {
            return Err(format!("`{rest}` must begin with a dot or a bracket"));
        }
    }
    Ok(segments)
}

/// Where the bracket ends that is open at the start, past quoted ones.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, c)| {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, ']') => return Some(at),
            _ => {}
        }
        None
    })
}

fn bracket(inner: &str) -> Result<Segment, String> {
    if inner == "*" {
        return Ok(Segment::Any);
    }
    if let Ok(index) = inner.parse::<i64>() {
        return Ok(Segment::Index(index));
    }
    if let Some(condition) = inner.strip_prefix('?') {
        let condition = condition
            .trim()
            .trim_start_matches('(')
            .trim_end_matches(')');
        let (name, value) = condition
            .split_once('=')
            .ok_or("a condition is written `[?name=value]`")?;
        let name = name.trim().trim_start_matches("@.");
        let value = value.trim_start_matches('=').trim();
        return Ok(Segment::Where(name.to_owned(), unquoted(value).to_owned()));
    }
    let name = unquoted(inner);
    if name == inner {
        return Err(format!("`[{inner}]` is neither an index nor a quoted name"));
    }
    Ok(Segment::Name(name.to_owned()))
}

fn unquoted(text: &str) -> &str {
    ['\'', '"']
        .iter()
        .find_map(|q| text.strip_prefix(*q)?.strip_suffix(*q))
        .unwrap_or(text)
}

/// What a path leads to.
pub(crate) fn find<'a>(json: &'a Json, path: &[Segment]) -> Option<&'a Json> {
    let Some((first, rest)) = path.split_first() else {
        return Some(json);
    };
    match first {
        Segment::Name(name) => find(json.get(name)?, rest),
        Segment::Index(index) => {
            let items = json.as_array()?;
            let back = usize::try_from(index.unsigned_abs()).ok()?;
            let at = if *index < 0 {
                items.len().checked_sub(back)?
            } else {
                back
            };
            find(items.get(at)?, rest)
        }
        Segment::Any => children(json).find_map(|child| find(child, rest)),
        Segment::Where(name, value) => children(json)
            .filter(|child| child.get(name).is_some_and(|v| text(v) == *value))
            .find_map(|child| find(child, rest)),
    }
}

/// All that a path leads to, in the order of the document.
pub(crate) fn find_all<'a>(json: &'a Json, path: &[Segment]) -> Vec<&'a Json> {
    let Some((first, rest)) = path.split_first() else {
        return vec![json];
    };
    match first {
        Segment::Any => children(json)
            .flat_map(|child| find_all(child, rest))
            .collect(),
        Segment::Where(name, value) => children(json)
            .filter(|child| child.get(name).is_some_and(|v| text(v) == *value))
            .flat_map(|child| find_all(child, rest))
            .collect(),
        Segment::Name(_) | Segment::Index(_) => find(json, &path[..1])
            .map(|child| find_all(child, rest))
            .unwrap_or_default(),
    }
}

/// Puts something else where a path leads, wherever that is.
pub(crate) fn replace_all(json: &mut Json, path: &[Segment], with: &Json) {
    let Some((first, rest)) = path.split_first() else {
        *json = with.clone();
        return;
    };
    let len = json.as_array().map_or(0, Vec::len);
    match (first, json) {
        (Segment::Any, Json::Array(items)) => {
            for item in items {
                replace_all(item, rest, with);
            }
        }
        (Segment::Any, Json::Object(map)) => {
            for value in map.values_mut() {
                replace_all(value, rest, with);
            }
        }
        (Segment::Name(name), Json::Object(map)) => {
            if let Some(child) = map.get_mut(name) {
                replace_all(child, rest, with);
            }
        }
        (Segment::Index(index), Json::Array(items)) => {
            let back = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
            let at = if *index < 0 {
                len.checked_sub(back)
            } else {
                Some(back)
            };
            if let Some(child) = at.and_then(|at| items.get_mut(at)) {
                replace_all(child, rest, with);
            }
        }
        (Segment::Where(name, value), Json::Array(items)) => {
            for item in items {
                if item.get(name).is_some_and(|v| text(v) == *value) {
                    replace_all(item, rest, with);
                }
            }
        }
        _ => {}
    }
}

fn children(json: &Json) -> Box<dyn Iterator<Item = &Json> + '_> {
    match json {
        Json::Array(items) => Box::new(items.iter()),
        Json::Object(map) => Box::new(map.values()),
        _ => Box::new(std::iter::empty()),
    }
}

/// The paths that a value holds, down to three levels: names without values, for messages.
pub(crate) fn outline(json: &Json) -> Vec<String> {
    let mut paths = Vec::new();
    collect(json, "$", 3, &mut paths);
    paths
}

fn collect(json: &Json, at: &str, depth: usize, into: &mut Vec<String>) {
    match json {
        Json::Object(map) if depth > 0 => {
            for (name, value) in map {
                collect(value, &format!("{at}.{name}"), depth - 1, into);
            }
        }
        Json::Array(items) if depth > 0 && !items.is_empty() => {
            collect(&items[0], &format!("{at}[0]"), depth - 1, into);
        }
        _ => into.push(at.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(path: &str) -> Option<Json> {
        let json = json!({
            "data": {"token": "t", "a b": 1, "items": [{"id": 1, "slug": "x"}, {"id": 2, "slug": "acme"}, {"no": 0}]},
        });
        find(&json, &parse(path).unwrap()).cloned()
    }

    #[test]
    fn finds_values() {
        assert_eq!(at("$.data.token"), Some(json!("t")));
        assert_eq!(at("$['data'][\"a b\"]"), Some(json!(1)));
        assert_eq!(at("$.data.items[1].id"), Some(json!(2)));
        assert_eq!(at("$.data.items[-1].no"), Some(json!(0)));
        assert_eq!(at("$.data.items[*].no"), Some(json!(0)));
        assert_eq!(at("$.data.items[?slug=acme].id"), Some(json!(2)));
        assert_eq!(at("$.data.items[?(@.slug=='acme')].id"), Some(json!(2)));
        assert_eq!(at("$.data.none"), None);
        assert_eq!(at("$.data.items[9]"), None);
        assert_eq!(at("$.data.items[-9]"), None);
    }

    #[test]
    fn finds_all_and_replaces_them() {
        let mut json = json!({"s": [{"m": 1}, {"m": 2}, {"x": 3}]});
        let path = parse("$.s[*].m").unwrap();
        assert_eq!(find_all(&json, &path), [&json!(1), &json!(2)]);
        replace_all(&mut json, &path, &json!("-"));
        assert_eq!(json, json!({"s": [{"m": "-"}, {"m": "-"}, {"x": 3}]}));
        replace_all(&mut json, &parse("$.s[-1].x").unwrap(), &json!(0));
        assert_eq!(json["s"][2], json!({"x": 0}));
    }

    #[test]
    fn says_what_is_wrong() {
        for path in ["data", "$data", "$.", "$[x]", "$[0", "$[?x]"] {
            assert!(parse(path).is_err(), "{path}");
        }
    }

    #[test]
    fn outlines_hold_no_values() {
        let json = json!({"user": {"mail": "secret"}, "list": [{"a": 1}]});
        assert_eq!(outline(&json), ["$.user.mail", "$.list[0].a"]);
    }
}
