//! The raw path: a request goes out byte for byte as it stands, on a connection of its own.

use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use super::{Bounds, Received, body_time};
use crate::model::call::Wire;
use crate::model::exchange::Failure;
use crate::world::guard;

/// The most bytes of a head.
const HEAD: usize = 64 << 10;

/// Methods whose requests say how long their body is, even where it is empty.
pub fn has_body(method: &str) -> bool {
    ["POST", "PUT", "PATCH"].contains(&method)
}

/// The bytes of a request. Beside what stands in it, only what every client adds: `Accept` and the body's length.
pub fn bytes(wire: &Wire) -> Vec<u8> {
    let mut out = format!("{} {} HTTP/1.1\r\n", wire.method, wire.target).into_bytes();
    for (name, value) in &wire.headers {
        out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    let has = |wanted: &str| {
        wire.headers
            .iter()
            .any(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))
    };
    if !has("accept") {
        out.extend_from_slice(b"Accept: */*\r\n");
    }
    let framed = has("content-length") || has("transfer-encoding");
    if !framed && (!wire.body.is_empty() || has_body(&wire.method)) {
        out.extend_from_slice(format!("Content-Length: {}\r\n", wire.body.len()).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&wire.body);
    out
}

/// Sends a request just as it stands.
pub async fn send(base: &Url, wire: &Wire, bounds: Bounds) -> Result<Received, Failure> {
    if base.scheme() != "http" {
        return Err(Failure::NotSent(
            "a request that must go out byte for byte goes over plain http only".to_owned(),
        ));
    }
    let begun = Instant::now();
    let timeout = || Failure::Timeout(bounds.time);
    let exchange = async {
        let mut stream = connect(base).await?;
        stream.write_all(&bytes(wire)).await.map_err(reset)?;
        head(&mut stream)
            .await
            .map(|(head, rest)| (stream, head, rest))
    };
    let (mut stream, head, rest) = tokio::time::timeout(bounds.time, exchange)
        .await
        .map_err(|_| timeout())??;
    let left = body_time(&head.headers, bounds.time.saturating_sub(begun.elapsed()));
    let mut body = Body::new(rest, bounds.body);
    let empty = wire.method == "HEAD" || matches!(head.status, 204 | 304);
    let mut truncated = false;
    if !empty {
        let read = tokio::time::timeout(left, body.read(&mut stream, &head));
        truncated = !matches!(read.await, Ok(true));
    }
    Ok(Received {
        status: head.status,
        headers: head.headers,
        body: body.content,
        trailers: body.trailers,
        truncated,
    })
}

/// The connection goes to the base address, whatever the `Host` header says.
async fn connect(base: &Url) -> Result<TcpStream, Failure> {
    let host = base.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = base.port_or_known_default().unwrap_or(80);
    let hosts = if guard::is_local_name(host) {
        vec!["127.0.0.1", "::1"]
    } else {
        vec![host]
    };
    let mut last = Failure::Refused;
    for host in hosts {
        match TcpStream::connect((host, port)).await {
            Ok(stream) => {
                stream.set_nodelay(true).map_err(reset)?;
                return Ok(stream);
            }
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {}
            Err(error) => last = reset(error),
        }
    }
    Err(last)
}

#[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
fn reset(error: std::io::Error) -> Failure {
    Failure::Reset(error.to_string())
}

struct Head {
    status: u16,
    headers: Vec<(String, String)>,
}

/// Reads a head; interim ones (100, 103) are skipped. Also returns what came behind it.
async fn head(stream: &mut TcpStream) -> Result<(Head, Vec<u8>), Failure> {
    let mut buffer = Vec::new();
    loop {
        if let Some((head, length)) = parse(&buffer)? {
            buffer.drain(..length);
            if head.status >= 200 || head.status == 101 {
                return Ok((head, buffer));
            }
            continue;
        }
        if buffer.len() > HEAD {
            return Err(Failure::Broken(format!("a head of more than {HEAD} bytes")));
        }
        if stream.read_buf(&mut buffer).await.map_err(reset)? == 0 {
            return Err(Failure::Reset(
                "the connection was closed before an answer came".to_owned(),
            ));
        }
    }
}

fn parse(buffer: &[u8]) -> Result<Option<(Head, usize)>, Failure> {
    let mut space = [httparse::EMPTY_HEADER; 256];
    let mut response = httparse::Response::new(&mut space);
    match response.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => {
            let headers = response
                .headers
                .iter()
                .map(|h| (h.name.to_ascii_lowercase(), text(h.value)))
                .collect();
            let status = response.code.unwrap_or_default();
            Ok(Some((Head { status, headers }, length)))
        }
        Ok(httparse::Status::Partial) => Ok(None),
        Err(error) => Err(Failure::Broken(error.to_string())),
    }
}

/// Bytes as text: UTF-8 where they are that, else Latin-1, so that none is lost.
pub fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(
        |_| bytes.iter().map(|&b| char::from(b)).collect(),
        str::to_owned,
    )
}

/// A body while it is read.
struct Body {
    /// Received and not consumed.
    buffer: Vec<u8>,
    content: Vec<u8>,
    trailers: Vec<(String, String)>,
    limit: usize,
}

impl Body {
    fn new(buffer: Vec<u8>, limit: usize) -> Self {
        Self {
            buffer,
            content: Vec::new(),
            trailers: Vec::new(),
            limit,
        }
    }

    /// Whether it came in full.
    async fn read(&mut self, stream: &mut TcpStream, head: &Head) -> bool {
        let header = |name: &str| {
            head.headers
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, v)| v.as_str())
        };
        if header("transfer-encoding").is_some_and(|v| v.to_ascii_lowercase().contains("chunked")) {
            return self.chunks(stream).await;
        }
        match header("content-length").map(str::parse::<usize>) {
            Some(Ok(length)) => self.exactly(stream, length).await,
            Some(Err(_)) => false,
            None => self.until_closed(stream).await,
        }
    }

    async fn more(&mut self, stream: &mut TcpStream) -> bool {
        matches!(stream.read_buf(&mut self.buffer).await, Ok(n) if n > 0)
    }

    /// Moves up to `length` bytes into the content; `false` at the limit.
    fn keep(&mut self, length: usize) -> bool {
        let room = self.limit - self.content.len();
        let taken: Vec<u8> = self.buffer.drain(..length).collect();
        self.content.extend_from_slice(&taken[..length.min(room)]);
        length <= room
    }

    async fn exactly(&mut self, stream: &mut TcpStream, length: usize) -> bool {
        let mut left = length;
        while left > 0 {
            if self.buffer.is_empty() && !self.more(stream).await {
                return false;
            }
            let piece = left.min(self.buffer.len());
            if !self.keep(piece) {
                return false;
            }
            left -= piece;
        }
        true
    }

    async fn until_closed(&mut self, stream: &mut TcpStream) -> bool {
        loop {
            if !self.keep(self.buffer.len()) {
                return false;
            }
            match stream.read_buf(&mut self.buffer).await {
                Ok(0) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }

    async fn chunks(&mut self, stream: &mut TcpStream) -> bool {
        loop {
            let (start, size) = match httparse::parse_chunk_size(&self.buffer) {
                Ok(httparse::Status::Complete(found)) => found,
                Ok(httparse::Status::Partial) if self.buffer.len() < HEAD => {
                    if self.more(stream).await {
                        continue;
                    }
                    return false;
                }
                _ => return false,
            };
            self.buffer.drain(..start);
            if size == 0 {
                return self.trailer(stream).await;
            }
            let Ok(size) = usize::try_from(size) else {
                return false;
            };
            if !self.exactly(stream, size).await || !self.line_end(stream).await {
                return false;
            }
        }
    }

    async fn line_end(&mut self, stream: &mut TcpStream) -> bool {
        while self.buffer.len() < 2 {
            if !self.more(stream).await {
                return false;
            }
        }
        let end = self.buffer.starts_with(b"\r\n");
        self.buffer.drain(..2);
        end
    }

    async fn trailer(&mut self, stream: &mut TcpStream) -> bool {
        loop {
            let mut space = [httparse::EMPTY_HEADER; 64];
            match httparse::parse_headers(&self.buffer, &mut space) {
                Ok(httparse::Status::Complete((_, headers))) => {
                    self.trailers = headers
                        .iter()
                        .map(|h| (h.name.to_ascii_lowercase(), text(h.value)))
                        .collect();
                    return true;
                }
                Ok(httparse::Status::Partial) if self.buffer.len() < HEAD => {
                    if !self.more(stream).await {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    }
}
