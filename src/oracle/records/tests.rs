//! What counts as a record, and where values are found.

use super::*;
use crate::oracle::testing::answer;

fn entry(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn objects_are_records_at_their_pointer() {
    let response = answer(
        200,
        r#"{"items":[{"id":7,"name":"x","tags":["a"]}],"total":1}"#,
    );
    let found = records(&response);
    assert_eq!(found[0].at, "/");
    assert_eq!(found[1].at, "/items/0");
    assert_eq!(found[1].entries, [entry("id", "7"), entry("name", "x")]);
    assert_eq!(
        locate(&response, |v| v == "x").as_deref(),
        Some("/items/0/name")
    );
}

#[test]
fn lines_are_records_with_the_names_of_the_head() {
    let mut response = answer(200, "id;name\n7;\"x;y\"\n");
    response.headers = vec![("content-type".into(), "text/csv".into())];
    assert_eq!(
        records(&response)[1].entries,
        [entry("id", "7"), entry("name", "x;y")]
    );
    assert_eq!(
        locate(&response, |v| v == "x;y").as_deref(),
        Some("line 2, cell 2 (name)")
    );
}

#[test]
fn table_rows_are_records() {
    let mut response = answer(
        200,
        "<table><tr><th>Id</th><th>Name</th></tr><tr><td>7</td><td><b>A &amp; B</b></td></tr></table>",
    );
    response.headers = vec![("content-type".into(), "text/html".into())];
    assert_eq!(
        records(&response)[1].entries,
        [entry("Id", "7"), entry("Name", "A & B")]
    );
}

#[test]
fn streams_of_documents_are_read() {
    let response = answer(200, "{\"a\":\"x\"}\n{\"a\":\"y\"}\n");
    assert_eq!(records(&response)[1].at, "document 2 ");
    let mut response = answer(200, "event: m\ndata: {\"a\":\"y\"}\n\n");
    response.headers = vec![("content-type".into(), "text/event-stream".into())];
    assert_eq!(records(&response)[0].entries, [entry("a", "y")]);
}
