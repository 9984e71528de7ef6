//! What goes over the wire.

use proptest::prelude::*;
use tokio::io::AsyncWriteExt;

use super::super::raw;
use super::{client, listener, quick, request, wire};
use crate::model::call::Wire;

/// Sends a request to a socket that records it; the bytes.
async fn recorded(mut wire: Wire) -> String {
    let (listener, port) = listener().await;
    wire.base = format!("http://127.0.0.1:{port}");
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let bytes = request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
            .await
            .unwrap();
        bytes
    });
    let outcome = client(&quick()).send(&wire).await.outcome;
    assert_eq!(outcome.unwrap().status, 204);
    String::from_utf8(served.await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_socket_receives_what_the_wire_form_says() {
    let host = ("Host", "acme.localhost:81");
    for (method, target, headers, body) in [
        (
            "GET",
            "/a?x=%41&y=b+c",
            &[host, ("Accept", "*/*"), ("X-Tenant-Id", "1")][..],
            "",
        ),
        (
            "POST",
            "/a",
            &[
                host,
                ("Accept", "*/*"),
                ("Content-Type", "application/json"),
            ],
            "{\"a\":1}",
        ),
        ("PUT", "/empty", &[host, ("Accept", "*/*")], ""),
        ("GET", "/a/../b/./c", &[host, ("Accept", "*/*")], ""),
        (
            "GET",
            "/a/%2e%2e/b%2F%2f..\\c",
            &[host, ("Accept", "*/*")],
            "",
        ),
        (
            "GET",
            "/a",
            &[
                host,
                ("accept", "*/*"),
                ("x-TENANT-id", "1"),
                ("X-Tenant-Id", "2"),
            ],
            "",
        ),
        (
            "GET",
            "/a",
            &[host, ("Accept", "*/*"), ("X-Tenant-Id", "  padded ")],
            "",
        ),
        (
            "GET",
            "/a",
            &[("Host", "ACME.localhost."), ("Accept", "*/*")],
            "",
        ),
        (
            "GET",
            "/a",
            &[host, ("Host", "other"), ("Accept", "*/*")],
            "",
        ),
        (
            "GET",
            "http://other.example/a",
            &[host, ("Accept", "*/*")],
            "",
        ),
        ("PROPFIND", "/a", &[host, ("Accept", "*/*")], ""),
        (
            "DELETE",
            "/a",
            &[host, ("Accept", "*/*"), ("Cookie", "a=1; b=2; a=3")],
            "x",
        ),
    ] {
        let mut lines = vec![format!("{method} {target} HTTP/1.1")];
        lines.extend(
            headers
                .iter()
                .map(|(name, value)| format!("{name}: {value}")),
        );
        if !body.is_empty() || raw::has_body(method) {
            lines.push(format!("Content-Length: {}", body.len()));
        }
        let wanted = format!("{}\r\n\r\n{body}", lines.join("\r\n"));
        let sent = recorded(wire(0, method, target, headers, body)).await;
        assert_eq!(ordered(&sent), ordered(&wanted));
    }
}

/// The body's length may stand anywhere among the headers.
fn ordered(request: &str) -> (String, bool) {
    let line = request
        .split("\r\n")
        .find(|l| l.starts_with("Content-Length:"))
        .unwrap_or_default();
    let without = request.replacen(&format!("{line}\r\n"), "", usize::from(!line.is_empty()));
    (format!("{without}|{line}"), request.contains("\r\n\r\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever stands in a request, a socket receives it: by whichever path.
    #[test]
    fn no_path_changes_a_request(
        target in "/[a-zA-Z0-9%./\\\\;:@!$&'()*+,=?~_-]{0,20}",
        names in prop::collection::vec("[xX]-[a-zA-Z-]{1,8}[a-z]", 0..4),
        value in "[ -~]{0,10}",
    ) {
        let value = value.as_str();
        let mut headers = vec![("Host", "a.localhost:80"), ("Accept", "*/*")];
        headers.extend(names.iter().map(|n| (n.as_str(), value)));
        let wire = wire(0, "GET", &target, &headers, "");
        let wanted = String::from_utf8(raw::bytes(&wire)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let sent = runtime.block_on(recorded(wire));
        prop_assert_eq!(sent, wanted);
    }
}
