//! What goes over the wire and what is made of what comes back, against sockets that record and misbehave.

use std::time::{Duration, Instant};

use bytes::Bytes;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::{Client, raw, tidy};
use crate::model::call::Wire;
use crate::model::exchange::{Failure, Response};
use crate::target::description::Limits;

fn client(limits: Limits) -> Client {
    Client::new(&limits, &[]).unwrap()
}

fn quick() -> Limits {
    Limits {
        timeout: Some(1),
        body: Some(100_000),
        ..Limits::default()
    }
}

fn wire(port: u16, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Wire {
    Wire {
        base: format!("http://127.0.0.1:{port}"),
        method: method.to_owned(),
        target: target.to_owned(),
        headers: headers
            .iter()
            .map(|&(n, v)| (n.to_owned(), v.to_owned()))
            .collect(),
        body: Bytes::from(body.to_owned()),
    }
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Reads a request up to its end: as long as its `Content-Length` says.
async fn request(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        if let Some(at) = all.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&all[..at]).to_lowercase();
            let length: usize = head
                .lines()
                .find_map(|l| l.strip_prefix("content-length:"))
                .map_or(0, |v| v.trim().parse().unwrap_or_default());
            if all.len() >= at + 4 + length {
                return all;
            }
        }
        if stream.read_buf(&mut all).await.unwrap_or_default() == 0 {
            return all;
        }
    }
}

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
    let (outcome, _) = client(quick()).send(&wire).await;
    assert_eq!(outcome.unwrap().status, 204);
    String::from_utf8(served.await.unwrap()).unwrap()
}

/// Answers one call with these bytes, then closes unless told to stay.
async fn answered(answer: &'static [u8], stay: bool) -> Result<Response, Failure> {
    answered_to("GET", answer, stay).await
}

async fn answered_to(method: &str, answer: &'static [u8], stay: bool) -> Result<Response, Failure> {
    let mut both = Vec::new();
    // The lower-case header takes the raw path, the other one the ordinary client: both must agree.
    for name in ["X-Way", "x-way"] {
        let (listener, port) = listener().await;
        let served = tokio::spawn(async move {
            // A kept connection that breaks is tried again by some clients.
            while let Ok((mut stream, _)) = listener.accept().await {
                request(&mut stream).await;
                let _closed = stream.write_all(answer).await;
                if stay {
                    std::future::pending::<()>().await;
                }
            }
        });
        let wire = wire(
            port,
            method,
            "/",
            &[("Host", "x.localhost"), (name, "1")],
            "",
        );
        both.push(client(quick()).send(&wire).await.0);
        served.abort();
    }
    let (one, two) = (both.remove(0), both.remove(0));
    match (&one, &two) {
        (Err(a), Err(b)) => assert_eq!(std::mem::discriminant(a), std::mem::discriminant(b)),
        _ => assert_eq!(one, two),
    }
    two
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
        let mut wanted = format!("{method} {target} HTTP/1.1\r\n");
        for (name, value) in headers {
            wanted += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() || raw::has_body(method) {
            wanted += &format!("Content-Length: {}\r\n", body.len());
        }
        wanted += &format!("\r\n{body}");
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

#[tokio::test]
async fn answers_come_back_alike_on_both_paths() {
    let plain = answered(
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\n\r\nhi",
        true,
    )
    .await;
    let plain = plain.unwrap();
    assert_eq!(
        (plain.text().as_str(), plain.header("x-a")),
        ("hi", Some("1"))
    );
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-t\r\n\r\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nX-T: end\r\n\r\n";
    let chunked = answered(chunked, true).await.unwrap();
    assert_eq!(chunked.text(), "hello");
    assert_eq!(chunked.trailers, [("x-t".to_owned(), "end".to_owned())]);
    let open = answered(
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end",
        false,
    )
    .await
    .unwrap();
    assert_eq!(
        (open.text().as_str(), open.truncated),
        ("to the end", false)
    );
    let moved = answered(
        b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n",
        true,
    )
    .await;
    assert_eq!(moved.unwrap().status, 302);
    let interim = answered(
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        true,
    )
    .await;
    assert_eq!(interim.unwrap().status, 204);
    let head = answered_to(
        "HEAD",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        true,
    )
    .await;
    assert!(!head.unwrap().truncated);
}

#[tokio::test]
async fn broken_answers_are_named_and_bounded() {
    let short = answered(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi", false)
        .await
        .unwrap();
    assert_eq!((short.text().as_str(), short.truncated), ("hi", true));
    let no_http = answered(b"SSH-2.0-x\r\n\r\n", false).await;
    assert!(matches!(no_http, Err(Failure::Broken(_))), "{no_http:?}");
    let closed = answered(b"", false).await;
    assert!(matches!(closed, Err(Failure::Reset(_))), "{closed:?}");
    let silent = answered(b"", true).await;
    assert!(matches!(silent, Err(Failure::Timeout(_))), "{silent:?}");
    let hanging = answered(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi", true)
        .await
        .unwrap();
    assert_eq!((hanging.text().as_str(), hanging.truncated), ("hi", true));
}

/// A server that never ends its answer.
async fn endless(piece: &'static [u8], pause: Duration) -> (Response, Duration) {
    let (listener, port) = listener().await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        request(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
        stream.write_all(head).await.unwrap();
        while stream.write_all(piece).await.is_ok() {
            tokio::time::sleep(pause).await;
        }
    });
    let begun = Instant::now();
    let wire = wire(port, "GET", "/", &[("Host", "x.localhost")], "");
    let (outcome, _) = client(quick()).send(&wire).await;
    (outcome.unwrap(), begun.elapsed())
}

#[tokio::test]
async fn endless_answers_end_at_the_limit() {
    let (large, _) = endless(&[b'x'; 8192], Duration::ZERO).await;
    assert_eq!((large.body.len(), large.truncated), (100_000, true));
    let (slow, elapsed) = endless(b"x", Duration::from_millis(50)).await;
    assert!(slow.truncated && !slow.body.is_empty() && slow.body.len() < 100);
    assert!(elapsed < Duration::from_secs(5));
}

#[tokio::test]
async fn nobody_listens() {
    let (listener, port) = listener().await;
    drop(listener);
    for name in ["X-A", "x-a"] {
        let wire = wire(
            port,
            "GET",
            "/",
            &[("Host", "x.localhost"), (name, "1")],
            "",
        );
        let (outcome, _) = client(quick()).send(&wire).await;
        assert_eq!(outcome, Err(Failure::Refused));
    }
}

#[tokio::test]
async fn foreign_hosts_are_not_called() {
    for base in [
        "http://192.0.2.1",
        "http://10.0.0.1:80",
        "ftp://",
        "http://no-such-host.invalid",
    ] {
        let mut foreign = wire(1, "GET", "/", &[("Host", "127.0.0.1")], "");
        foreign.base = base.to_owned();
        let (outcome, _) = client(quick()).send(&foreign).await;
        assert!(
            matches!(outcome, Err(Failure::NotSent(_))),
            "{base}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_name_below_localhost_is_loopback_and_the_connection_is_kept() {
    let (listener, port) = listener().await;
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for _ in 0..2 {
            request(&mut stream).await;
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(answer).await.unwrap();
        }
    });
    let mut call = wire(port, "GET", "/", &[("Host", "acme.localhost")], "");
    call.base = format!("http://acme.localhost:{port}");
    assert!(tidy::unchanged(&Url::parse(&call.base).unwrap(), &call));
    let client = client(quick());
    for _ in 0..2 {
        assert_eq!(client.send(&call).await.0.unwrap().status, 200);
    }
    served.await.unwrap();
}

#[tokio::test]
async fn a_throttled_call_is_sent_again_when_the_wait_is_short() {
    let (listener, port) = listener().await;
    tokio::spawn(async move {
        for answer in [
            &b"HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            b"HTTP/1.1 429 Slow\r\nRetry-After: 600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ] {
            let (mut stream, _) = listener.accept().await.unwrap();
            request(&mut stream).await;
            stream.write_all(answer).await.unwrap();
        }
    });
    let client = client(quick());
    let call = wire(port, "GET", "/", &[("Host", "x.localhost")], "");
    assert_eq!(client.send(&call).await.0.unwrap().status, 200);
    assert_eq!(client.send(&call).await.0.unwrap().status, 429);
}
