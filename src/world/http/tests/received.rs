//! What is made of what comes back.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use url::Url;

use super::super::tidy;
use super::{client, listener, quick, request, wire};
use crate::model::exchange::{Failure, Response};

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
        both.push(client(&quick()).send(&wire).await.outcome);
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
    let outcome = client(&quick()).send(&wire).await.outcome;
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
        let outcome = client(&quick()).send(&wire).await.outcome;
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
        let outcome = client(&quick()).send(&foreign).await.outcome;
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
    let client = client(&quick());
    for _ in 0..2 {
        assert_eq!(client.send(&call).await.outcome.unwrap().status, 200);
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
    let client = client(&quick());
    let call = wire(port, "GET", "/", &[("Host", "x.localhost")], "");
    assert_eq!(client.send(&call).await.outcome.unwrap().status, 200);
    assert_eq!(client.send(&call).await.outcome.unwrap().status, 429);
}
