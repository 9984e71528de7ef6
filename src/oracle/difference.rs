//! The first part of an answer that moved, once what varies by itself is left out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::order::{Body, settle};
use super::signature::is_constant;
use crate::model::call::text;
use crate::model::exchange::Response;
use crate::model::pointer::escaped;

/// A part of an answer that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// A JSON pointer, `header NAME`, `line N`, `number of lines`, or `status`.
    pub at: String,
    /// What stood there in all answers that should agree; `None` where nothing did.
    pub with: Option<String>,
    /// What stands there in all of the others.
    pub without: Option<String>,
}

/// The parts of an answer by place.
pub type Parts = BTreeMap<String, String>;

/// The first part that is the same in all of `still`, and another, the same again, in all of `alone`; numbers before
/// anything else, since they say most.
pub fn moved(still: &[&Response], alone: &[&Response]) -> Option<Moved> {
    let mut bodies: Vec<Body> = still.iter().chain(alone).map(|r| Body::of(r)).collect();
    settle(&mut bodies, still.len());
    let all = still.iter().chain(alone).zip(&bodies);
    let all: Vec<Parts> = all.map(|(response, body)| parts(response, body)).collect();
    let (still, alone) = all.split_at(still.len());
    first(still, alone)
}

/// The numbers of an answer by place.
pub fn numbers(response: &Response) -> Parts {
    let mut numbers = Parts::new();
    if let Some(json) = response.json() {
        flatten(&json, "", &mut numbers);
    }
    numbers.retain(|_, value| value.parse::<f64>().is_ok());
    numbers
}

fn first(still: &[Parts], alone: &[Parts]) -> Option<Moved> {
    let (one, other) = (still.first()?, alone.first()?);
    let steady =
        |all: &[Parts], at: &str| all.windows(2).all(|two| two[0].get(at) == two[1].get(at));
    let places = one.keys().chain(other.keys());
    let mut moved: Vec<Moved> = places
        .filter_map(|at| {
            let (with, without) = (one.get(at), other.get(at));
            let moves = with != without && steady(still, at) && steady(alone, at);
            moves.then(|| Moved {
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

fn parts(response: &Response, body: &Body) -> Parts {
    let mut parts = Parts::from([("status".to_owned(), response.status.to_string())]);
    for (name, value) in &response.headers {
        // The tag and the date of a body say no more than the body.
        if is_constant(name) && !matches!(&**name, "etag" | "last-modified") {
            parts.insert(format!("header {name}"), value.clone());
        }
    }
    match body {
        Body::Json(json) => flatten(json, "", &mut parts),
        Body::Lines(lines) => {
            let lines = lines.iter().enumerate();
            parts.extend(lines.map(|(n, line)| (format!("line {}", n + 1), line.clone())));
        }
        Body::Count(lines) => {
            parts.insert("number of lines".to_owned(), lines.to_string());
        }
    }
    parts
}

fn flatten(json: &Json, at: &str, parts: &mut Parts) {
    match json {
        Json::Object(map) => {
            for (name, value) in map {
                let name = escaped(name);
                flatten(value, &format!("{at}/{name}"), parts);
            }
        }
        Json::Array(items) => {
            let buckets = bucket_name(items);
            for (index, item) in items.iter().enumerate() {
                let place = match buckets {
                    Some(name) => format!("{at}/{}={}", escaped(name), escaped(&text(&item[name]))),
                    None => format!("{at}/{index}"),
                };
                flatten(item, &place, parts);
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

/// The field that names the buckets of a series: each item has nothing but one text (or null), which no other has, and
/// numbers. A bucket that comes or goes moves no other, then.
fn bucket_name(items: &[Json]) -> Option<&str> {
    let Some(Json::Object(first)) = items.first() else {
        return None;
    };
    let is_label = |value: &Json| value.is_string() || value.is_null();
    let label = first.iter().find(|(_, value)| is_label(value));
    let (name, _) = label.filter(|(name, _)| !is_id(name))?;
    let is_bucket = |item: &Json| {
        let fields = item.as_object().map(|map| map.iter());
        fields.is_some_and(|mut fields| {
            item.get(name).is_some_and(is_label)
                && fields.all(|(field, value)| field == name || value.is_number())
        })
    };
    let numbers = first.values().any(Json::is_number);
    let different: BTreeSet<String> = items.iter().map(|item| item[name].to_string()).collect();
    let fits = numbers && items.iter().all(is_bucket) && different.len() == items.len();
    fits.then_some(name.as_str())
}

/// Rows that have an id keep their places.
fn is_id(name: &str) -> bool {
    name.eq_ignore_ascii_case("id") || name.ends_with("Id") || name.ends_with("_id")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::answer;

    #[test]
    fn a_series_is_compared_bucket_by_bucket() {
        let with = r#"{"s":[{"m":"2026-01","n":3},{"m":"2026-02","n":5},{"m":null,"n":1}]}"#;
        let without = r#"{"s":[{"m":"2026-01","n":3},{"m":null,"n":1}]}"#;
        let one = r#"{"s":[{"m":"2026-01","n":3},{"m":"2026-02","n":4},{"m":null,"n":1}]}"#;
        assert_eq!(at([with; 3], without).as_deref(), Some("/s/m=2026-02/m"));
        assert_eq!(at([with; 3], one).as_deref(), Some("/s/m=2026-02/n"));
        let nobodys = r#"{"s":[{"m":"2026-01","n":3},{"m":"2026-02","n":5},{"m":null,"n":2}]}"#;
        assert_eq!(at([with; 3], nobodys).as_deref(), Some("/s/m=null/n"));
        // Rows that hold more than that keep their places.
        let rows = |n: u32| format!(r#"[{{"id":"a","name":"x","n":{n}}}]"#);
        assert_eq!(at([&rows(1); 3], &rows(2)).as_deref(), Some("/0/n"));
    }

    fn at(still: [&str; 3], alone: &str) -> Option<String> {
        let still = still.map(|body| answer(200, body));
        let still: Vec<&Response> = still.iter().collect();
        moved(&still, &[&answer(200, alone)]).map(|m| m.at)
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
    fn a_page_of_a_longer_list_in_random_order_moves_by_its_length_alone() {
        let pages = ["[1,2,4]", "[1,3,4]", "[2,3,4]"];
        assert_eq!(at(pages, "[1,2,3]"), None);
        assert_eq!(at(pages, "[1,2]").as_deref(), Some("/number of rows"));
        let lines = ["a\nb\nd", "a\nc\nd", "c\nb\na"];
        assert_eq!(at(lines, "b\nc\nd"), None);
        assert_eq!(at(lines, "b\nc").as_deref(), Some("number of lines"));
    }

    #[test]
    fn rows_that_say_who_they_are_keep_their_places_whatever_else_in_them_varies() {
        let rows = |t: u32, n: u32| format!(r#"[{{"id":"a","at":{t},"n":{n}}}]"#);
        let still = [&*rows(1, 7), &*rows(2, 7), &*rows(3, 7)];
        assert_eq!(at(still, &rows(4, 6)).as_deref(), Some("/0/n"));
        assert_eq!(at(still, &rows(4, 7)), None);
    }

    #[test]
    fn the_same_place_must_move_with_the_same_values_in_every_round() {
        let still = [answer(200, r#"{"w":"a"}"#), answer(200, r#"{"w":"a"}"#)];
        let still: Vec<&Response> = still.iter().collect();
        let alone = |words: [&str; 2]| {
            let alone = words.map(|w| answer(200, &format!(r#"{{"w":"{w}"}}"#)));
            moved(&still, &alone.iter().collect::<Vec<_>>()).map(|m| m.at)
        };
        assert_eq!(alone(["b", "b"]).as_deref(), Some("/w"));
        assert_eq!(alone(["b", "a"]), None);
        assert_eq!(alone(["b", "c"]), None);
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
