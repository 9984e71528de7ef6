//! A client that sends what it is told: any host, headers twice, no tidying up.
use std::{
    io::{Cursor, Read},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::Actor;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
    /// The body as it came, once it is unpacked.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON, or null.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The files of a ZIP file, name and text of each.
    pub fn files(&self) -> Vec<(String, String)> {
        let mut packed = zip::ZipArchive::new(Cursor::new(&self.bytes)).expect("a ZIP file");
        let count = packed.len();
        let read = |at| {
            let mut file = packed.by_index(at).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().unwrap().into_owned(), text)
        };
        (0..count).map(read).collect()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            line.split_once(':')
                .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim())
        })
    }

    /// The cookie that was set, as it is sent back.
    pub fn cookie(&self) -> String {
        self.header("set-cookie")
            .and_then(|line| line.split(';').next())
            .unwrap_or_default()
            .to_owned()
    }
}

/// Whether something answers.
pub async fn reachable(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).await.is_ok()
}

/// Sends one request (`GET /path`) on a connection of its own.
pub async fn send(
    port: u16,
    actor: &Actor,
    line: &str,
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> Answer {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    send_text(port, actor, line, headers, "application/json", &body).await
}

/// Sends a form.
pub async fn send_form(
    port: u16,
    actor: &Actor,
    line: &str,
    headers: &[(&str, &str)],
    fields: &[(&str, &str)],
) -> Answer {
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    let kind = "application/x-www-form-urlencoded";
    send_text(port, actor, line, headers, kind, &pairs.join("&")).await
}

fn escaped(value: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric();
    let letter = |byte: u8| {
        if plain(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    value.bytes().map(letter).collect()
}

async fn send_text(
    port: u16,
    actor: &Actor,
    line: &str,
    headers: &[(&str, &str)],
    kind: &str,
    body: &str,
) -> Answer {
    let mut text = format!(
        "{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
        actor.host
    );
    if !actor.token.is_empty() {
        text += &format!("Authorization: Bearer {}\r\n", actor.token);
    }
    if !actor.cookie.is_empty() {
        text += &format!("Cookie: {}\r\n", actor.cookie);
    }
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += &format!(
        "Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let exchange = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        bytes
    };
    let bytes = tokio::time::timeout(Duration::from_secs(20), exchange)
        .await
        .expect("an answer within 20 seconds");
    read(&bytes)
}

fn read(bytes: &[u8]) -> Answer {
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .expect("a status");
    let raw = &bytes[end + 4..];
    let mut bytes = Vec::new();
    if head.to_lowercase().contains("content-encoding: gzip") && !raw.is_empty() {
        flate2::read::GzDecoder::new(raw)
            .read_to_end(&mut bytes)
            .unwrap();
    } else {
        bytes = raw.to_vec();
    }
    Answer {
        status,
        head,
        body: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
    }
}
