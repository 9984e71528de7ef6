//! Ways to answer that no client should have to bear.

use std::io::Write;
use std::net::TcpStream;
use std::sync::LazyLock;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value as Json;

use crate::tiny::{self, Request};

/// Ten gigabytes.
const TEN_GB: u64 = 10_000_000_000;

/// How long a test lives at most: whoever hangs, hangs this long.
const EVER: Duration = Duration::from_mins(10);

/// Answers in the way of that name; `right` makes what would be right.
pub fn misbehave(
    name: &str,
    request: &Request,
    mut stream: TcpStream,
    right: impl Fn() -> (u16, Json),
) {
    match name {
        "passes" => {
            let (status, json) = right();
            tiny::write(&mut stream, request, status, "", &json.to_string());
        }
        "dies" => kill(Pid::this(), Signal::SIGKILL).unwrap(),
        "hangs" => std::thread::sleep(EVER),
        "hangs-in-the-body" => {
            say(
                &mut stream,
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
            );
            std::thread::sleep(EVER);
        }
        "closes" => drop(stream),
        "resets" => reset(stream),
        "resets-in-the-body" => {
            let (_, json) = right();
            let (body, length) = (json.to_string(), json.to_string().len() + 100);
            say(
                &mut stream,
                &format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"),
            );
            reset(stream);
        }
        "dribbles" => {
            let (status, json) = right();
            for byte in whole(status, "", &json.to_string()).bytes() {
                if stream.write_all(&[byte]).is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        "is-large" => flood(&mut stream, &format!("Content-Length: {TEN_GB}"), TEN_GB),
        "never-ends" => flood(&mut stream, "Connection: close", u64::MAX),
        "never-ends-its-head" => {
            say(&mut stream, "HTTP/1.1 200 OK\r\n");
            let line = format!("X-More: {}\r\n", "x".repeat(1000));
            while stream.write_all(line.as_bytes()).is_ok() {}
        }
        "bombs" => {
            static BOMB: LazyLock<Vec<u8>> = LazyLock::new(bomb);
            let (head, bomb) = ("Content-Encoding: gzip\r\n", &*BOMB);
            say(
                &mut stream,
                &format!(
                    "HTTP/1.1 200 OK\r\n{head}Content-Length: {}\r\n\r\n",
                    bomb.len()
                ),
            );
            let _gone = stream.write_all(bomb);
        }
        other => said(other, request, &mut stream, right),
    }
}

/// Answers that are said at once.
fn said(name: &str, request: &Request, stream: &mut TcpStream, right: impl Fn() -> (u16, Json)) {
    let (kind, rest) = name.split_once('=').unwrap_or((name, ""));
    match kind {
        "throttles" => {
            let header = match rest {
                "" => String::new(),
                after => format!("Retry-After: {after}\r\n"),
            };
            tiny::write(stream, request, 429, &header, "{\"error\":\"slow down\"}");
        }
        "redirects" => {
            let to = if rest.is_empty() { &request.path } else { rest };
            let header = format!("Location: {to}\r\n");
            tiny::write(stream, request, 302, &header, "");
        }
        "sets-cookies" => {
            let (status, json) = right();
            let cookies = (0..5000).map(|n| format!("Set-Cookie: c{n}={n}\r\n"));
            let cookies = cookies.collect::<Vec<_>>().concat();
            tiny::write(stream, request, status, &cookies, &json.to_string());
        }
        "is-no-http" => say(stream, "SSH-2.0-OpenSSH_9.2\r\n"),
        "has-no-status" => say(stream, "HTTP/1.1 OK\r\n\r\n{}"),
        "breaks-its-chunks" => {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            say(stream, &format!("{head}2\r\n[]\r\nzz\r\n"));
        }
        "is-no-utf8" => {
            let (_, json) = right();
            let body = [&b"\xff\xfe\xc3\x28"[..], json.to_string().as_bytes()].concat();
            let head = "Content-Type: application/json; charset=utf-8";
            say(
                stream,
                &format!(
                    "HTTP/1.1 200 OK\r\n{head}\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                ),
            );
            let _gone = stream.write_all(&body);
        }
        "is-no-gzip" => {
            let (status, json) = right();
            say(
                stream,
                &whole(status, "Content-Encoding: gzip\r\n", &json.to_string()),
            );
        }
        other => panic!("no trouble is called {other}"),
    }
}

/// The other side may be gone: that is its right.
fn say(stream: &mut TcpStream, text: &str) {
    let _gone = stream.write_all(text.as_bytes());
}

fn whole(status: u16, header: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\n{header}Content-Length: {length}\r\n\r\n{body}")
}

/// Ends a connection without the farewell.
fn reset(stream: TcpStream) {
    stream.set_nonblocking(true).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let stream = tokio::net::TcpStream::from_std(stream).unwrap();
    stream.set_zero_linger().unwrap();
}

/// Sends as many bytes as are taken.
fn flood(stream: &mut TcpStream, header: &str, bytes: u64) {
    say(stream, &format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\n"));
    let piece = vec![b'x'; 1 << 20];
    let mut sent = 0;
    while sent < bytes && stream.write_all(&piece).is_ok() {
        sent += piece.len() as u64;
    }
}

/// Ten gigabytes of nothing, in some ten megabytes: many packed pieces one behind the other, as the format allows.
fn bomb() -> Vec<u8> {
    const PIECE: usize = 16 << 20;
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&vec![0; PIECE]).unwrap();
    packed
        .finish()
        .unwrap()
        .repeat(usize::try_from(TEN_GB).unwrap() / PIECE)
}
