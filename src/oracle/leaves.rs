//! The single values of an answer, each with its place: JSON strings, cells, links of a page, headers that lead somewhere.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

use super::records::Format;
use crate::model::exchange::Response;
use crate::model::pointer::escaped;

/// How many values of one answer are looked at.
const MOST: usize = 10_000;

/// Headers that lead somewhere or let somebody in. All others are about the message, or differ with each call.
const HEADERS: &[&str] = &[
    "location",
    "content-location",
    "content-disposition",
    "refresh",
    "link",
    "set-cookie",
    "authorization",
    "x-auth-token",
    "x-access-token",
    "x-session-token",
];

/// A single value of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Where: a JSON pointer, `header NAME`, `cookie NAME`, `line N, cell M`, `link`.
    pub at: String,
    /// Where it stands in every answer of its kind: without the numbers of lists and lines.
    pub place: String,
    /// What it is called, outermost name first.
    pub names: Vec<String>,
    /// The value.
    pub text: String,
}

static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?is)\b(href|action)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#).ok()
});

/// The single texts of an answer: of its headers, then of its body.
pub fn leaves(response: &Response) -> Vec<Leaf> {
    single(response, |_| false)
}

/// Its single texts and whole numbers.
pub fn scalars(response: &Response) -> Vec<Leaf> {
    single(response, Json::is_i64)
}

fn single(response: &Response, counts: fn(&Json) -> bool) -> Vec<Leaf> {
    let mut found = Vec::new();
    for (name, value) in &response.headers {
        if name == "set-cookie" {
            let pair = value.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                let at = format!("cookie {}", name.trim());
                push(&mut found, &at, &at, vec![name.trim().to_owned()], value);
            }
        } else if HEADERS.contains(&name.as_str()) {
            let at = format!("header {name}");
            push(&mut found, &at, &at, vec![name.clone()], value);
        }
    }
    match Format::of(response) {
        Format::Json(documents) => {
            for (at, document) in &documents {
                json(document, at, "", &mut Vec::new(), counts, &mut found);
            }
        }
        Format::Lines(lines) => cells(&lines, &mut found),
        Format::Html(page) => {
            let links = LINK.iter().flat_map(|link| link.captures_iter(&page));
            for link in links {
                let target = [2, 3, 4].iter().find_map(|group| link.get(*group));
                let target = target.map_or("", |t| t.as_str()).replace("&amp;", "&");
                let name = link[1].to_ascii_lowercase();
                push(&mut found, "link", &name, vec![name.clone()], &target);
            }
        }
        Format::Other => {}
    }
    found
}

fn push(into: &mut Vec<Leaf>, at: &str, place: &str, names: Vec<String>, text: &str) {
    if into.len() < MOST {
        into.push(Leaf {
            at: at.to_owned(),
            place: place.to_owned(),
            names,
            text: text.to_owned(),
        });
    }
}

fn json(
    value: &Json,
    at: &str,
    place: &str,
    names: &mut Vec<String>,
    counts: fn(&Json) -> bool,
    into: &mut Vec<Leaf>,
) {
    if into.len() >= MOST {
        return;
    }
    match value {
        Json::Object(map) => {
            for (key, value) in map {
                names.push(key.clone());
                let key = escaped(key);
                json(
                    value,
                    &format!("{at}/{key}"),
                    &format!("{place}/{key}"),
                    names,
                    counts,
                    into,
                );
                names.pop();
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                json(
                    item,
                    &format!("{at}/{index}"),
                    &format!("{place}/*"),
                    names,
                    counts,
                    into,
                );
            }
        }
        Json::String(text) => {
            let root = |pointer: &str| if pointer.is_empty() { "/" } else { pointer }.to_owned();
            push(into, &root(at), &root(place), names.clone(), text);
        }
        number if counts(number) => push(into, at, place, names.clone(), &number.to_string()),
        _ => {}
    }
}

fn cells(lines: &[Vec<String>], into: &mut Vec<Leaf>) {
    let head = lines.first().map(Vec::as_slice).unwrap_or_default();
    for (line, cells) in lines.iter().enumerate() {
        for (cell, text) in cells.iter().enumerate() {
            let name = head.get(cell).filter(|_| line > 0).cloned();
            let at = format!("line {}, cell {}", line + 1, cell + 1);
            let place = format!("cell {}", cell + 1);
            push(into, &at, &place, name.into_iter().collect(), text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::answer;

    fn of(kind: &str, body: &str) -> Vec<(String, String, String)> {
        let mut response = answer(200, body);
        response.headers = vec![("content-type".to_owned(), kind.to_owned())];
        let leaves = leaves(&response).into_iter();
        leaves.map(|l| (l.at, l.place, l.text)).collect()
    }

    fn leaf(at: &str, place: &str, text: &str) -> (String, String, String) {
        (at.to_owned(), place.to_owned(), text.to_owned())
    }

    #[test]
    fn strings_cells_and_links_are_found_with_their_place() {
        let json = r#"{"jobs":[{"id":"a","n":1},{"id":"b"}],"a/b":"c"}"#;
        assert_eq!(
            of("application/json", json),
            [
                leaf("/jobs/0/id", "/jobs/*/id", "a"),
                leaf("/jobs/1/id", "/jobs/*/id", "b"),
                leaf("/a~1b", "/a~1b", "c"),
            ]
        );
        assert_eq!(of("application/json", r#"["x"]"#), [leaf("/0", "/*", "x")]);
        let csv = of("text/csv", "id,link\n1,/d/x\n");
        assert_eq!(csv[3], leaf("line 2, cell 2", "cell 2", "/d/x"));
        let page = r#"<p id="no"><a class=b href='/d/x?a=1&amp;b=2'>get</a>"#;
        assert_eq!(
            of("text/html", page),
            [leaf("link", "href", "/d/x?a=1&b=2")]
        );
        assert!(of("text/plain", "anything").is_empty());
    }

    #[test]
    fn of_headers_those_count_that_lead_somewhere() {
        let mut response = answer(202, "");
        response.headers = [
            ("location", "/jobs/1"),
            ("x-request-id", "r1"),
            ("etag", "e1"),
            ("set-cookie", "sid=s1; Path=/; HttpOnly"),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .to_vec();
        let found: Vec<_> = leaves(&response)
            .into_iter()
            .map(|l| (l.at, l.text))
            .collect();
        let expected = [("header location", "/jobs/1"), ("cookie sid", "s1")];
        assert_eq!(found, expected.map(|(a, t)| (a.to_owned(), t.to_owned())));
    }
}
