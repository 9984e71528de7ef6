//! The first part of an answer that moved, once what varies by itself is left out.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::signature::is_constant;
use crate::model::exchange::Response;

/// A part of an answer that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// A JSON pointer, `header NAME`, `line N`, or `status`.
    pub at: String,
    /// What stood there in all answers that should agree; `None` where nothing did.
    pub with: Option<String>,
    /// What stands there in the other one.
    pub without: Option<String>,
}

/// The parts of an answer by place.
type Parts = BTreeMap<String, String>;

/// The first part that is the same in all of `still` and another in `alone`; numbers before anything else, since they say
/// most.
pub fn moved(still: &[&Response], alone: &Response) -> Option<Moved> {
    let as_sent = |r: &Response| parts(r, false);
    let all: Vec<Parts> = still.iter().map(|r| as_sent(r)).collect();
    if all.windows(2).all(|two| two[0] == two[1]) {
        return first(&all, &as_sent(alone));
    }
    // Rows may come in any order: compared by what they say.
    let all: Vec<Parts> = still.iter().map(|r| parts(r, true)).collect();
    first(&all, &parts(alone, true))
}

fn first(still: &[Parts], alone: &Parts) -> Option<Moved> {
    let one = still.first()?;
    let everywhere = |at: &str| {
        let here = one.get(at);
        still
            .iter()
            .all(|parts| parts.get(at) == here)
            .then_some(here)
    };
    let places = one.keys().chain(alone.keys());
    let mut moved: Vec<Moved> = places
        .filter_map(|at| {
            let with = everywhere(at)?;
            let without = alone.get(at);
            (with != without).then(|| Moved {
                at: at.clone(),
                with: with.cloned(),
                without: without.cloned(),
            })
        })
        .collect();
    moved.sort_by_key(|m| {
        let number =
            |text: &Option<String>| text.as_ref().is_some_and(|t| t.parse::<f64>().is_ok());
        (
            !(number(&m.with) && number(&m.without)),
            m.at.len(),
            m.at.clone(),
        )
    });
    moved.into_iter().next()
}

fn parts(response: &Response, sorted: bool) -> Parts {
    let mut parts = Parts::from([("status".to_owned(), response.status.to_string())]);
    for (name, value) in &response.headers {
        // The tag and the date of a body say no more than the body.
        if is_constant(name) && !matches!(&**name, "etag" | "last-modified") {
            parts.insert(format!("header {name}"), value.clone());
        }
    }
    if let Some(mut json) = response.json() {
        if sorted {
            sort(&mut json);
        }
        flatten(&json, "", &mut parts);
        return parts;
    }
    let text = response.text();
    let mut lines: Vec<&str> = text.lines().collect();
    if sorted {
        lines.sort_unstable();
    }
    let lines = lines.into_iter().enumerate();
    parts.extend(lines.map(|(n, line)| (format!("line {}", n + 1), line.to_owned())));
    parts
}

fn flatten(json: &Json, at: &str, parts: &mut Parts) {
    match json {
        Json::Object(map) => {
            for (name, value) in map {
                let name = name.replace('~', "~0").replace('/', "~1");
                flatten(value, &format!("{at}/{name}"), parts);
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(item, &format!("{at}/{index}"), parts);
            }
        }
        Json::String(text) => {
            parts.insert(at.to_owned(), text.clone());
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {
            parts.insert(at.to_owned(), json.to_string());
        }
    }
}

fn sort(json: &mut Json) {
    match json {
        Json::Object(map) => map.values_mut().for_each(sort),
        Json::Array(items) => {
            items.iter_mut().for_each(sort);
            items.sort_by_cached_key(Json::to_string);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::answer;

    fn at(still: [&str; 3], alone: &str) -> Option<String> {
        let still = still.map(|body| answer(200, body));
        let still: Vec<&Response> = still.iter().collect();
        moved(&still, &answer(200, alone)).map(|m| m.at)
    }

    #[test]
    fn a_number_that_moves_is_named_before_a_text() {
        let with = r#"{"a":"x","b":{"total":118}}"#;
        let without = r#"{"a":"y","b":{"total":42}}"#;
        assert_eq!(at([with; 3], without).as_deref(), Some("/b/total"));
        assert_eq!(at([with; 3], with), None);
    }

    #[test]
    fn what_varies_by_itself_has_not_moved() {
        let timed = |t: u32| format!(r#"{{"at":{t},"n":1}}"#);
        let (a, b, c, d) = (timed(1), timed(2), timed(3), timed(4));
        assert_eq!(at([&a, &b, &c], &d), None);
        // Not even where it comes and goes.
        assert_eq!(
            at(
                [r#"{"n":1}"#, r#"{"n":1,"x":2}"#, r#"{"n":1}"#],
                r#"{"n":1,"x":3}"#
            ),
            None
        );
        assert_eq!(at(["[1,2,3]", "[3,1,2]", "[2,3,1]"], "[3,2,1]"), None);
        assert_eq!(
            at(["[1,2,3]", "[3,1,2]", "[2,3,1]"], "[3,1]").as_deref(),
            Some("/1")
        );
    }

    #[test]
    fn texts_are_compared_line_by_line_and_parts_may_go() {
        assert_eq!(at(["a\nb"; 3], "a\nc").as_deref(), Some("line 2"));
        assert_eq!(at(["a\nb"; 3], "a").as_deref(), Some("line 2"));
        assert_eq!(
            at([r#"{"words":["x","y"]}"#; 3], r#"{"words":["x"]}"#).as_deref(),
            Some("/words/1")
        );
    }
}
