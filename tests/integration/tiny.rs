//! What tiny targets share: this very test binary is started again as a server, by a test that is none.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::Value as Json;

/// The line that starts the server which the ignored test `name` is; the port comes by `TINY_TARGET_PORT`.
pub fn start(name: &str) -> String {
    let exe = std::env::current_exe().unwrap();
    format!("{} --exact {name} --ignored --nocapture", exe.display())
}

/// Answers requests one by one until it is killed, with a status and a body; does nothing where nobody set a port.
pub fn serve(mut answer: impl FnMut(&Request) -> (u16, String)) {
    let Some(listener) = listen() else { return };
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let request = Request::read(&mut stream);
        let (status, body) = answer(&request);
        write(&mut stream, &request, status, "", &body);
    }
}

/// Like [`serve`], with all requests at once; an answer may have a header line of its own, which ends with its line end.
pub fn serve_at_once(answer: impl Fn(&Request) -> (u16, String, String) + Send + Sync) {
    let Some(listener) = listen() else { return };
    std::thread::scope(|scope| {
        for stream in listener.incoming() {
            let answer = &answer;
            scope.spawn(move || {
                let mut stream = stream.unwrap();
                let request = Request::read(&mut stream);
                let (status, header, body) = answer(&request);
                write(&mut stream, &request, status, &header, &body);
            });
        }
    });
}

/// Listens on the port that the environment names; `None` where it names none.
pub fn listen() -> Option<TcpListener> {
    let port = std::env::var("TINY_TARGET_PORT").ok()?;
    let listener = TcpListener::bind(("127.0.0.1", port.parse().unwrap())).unwrap();
    // It outlives a run that is killed, and with it whoever reads this.
    let _unread = writeln!(std::io::stdout(), "listening on {port}");
    Some(listener)
}

/// Writes a whole answer.
pub fn write(stream: &mut TcpStream, request: &Request, status: u16, header: &str, body: &str) {
    let kind = if body.starts_with(['{', '[']) {
        "application/json"
    } else {
        "text/plain"
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n{header}connection: close\r\n\r\n",
        body.len()
    );
    let body = if request.method == "HEAD" { "" } else { body };
    let _gone = stream.write_all((head + body).as_bytes());
}

/// A request, as far as tiny targets look at it.
#[derive(Debug, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Json,
}

impl Request {
    /// Reads one to its end.
    pub fn read(stream: &mut TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok();
        let mut words = line.split(' ').map(str::to_owned);
        let mut request = Self {
            method: words.next().unwrap_or_default(),
            path: words.next().unwrap_or_default(),
            ..Self::default()
        };
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok();
            let Some((name, value)) = header.trim().split_once(':') else {
                break;
            };
            let field = (name.to_ascii_lowercase(), value.trim().to_owned());
            request.headers.push(field);
        }
        let length = request.header("content-length").parse().unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok();
        request.body = serde_json::from_slice(&body).unwrap_or(Json::Null);
        request
    }

    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let mut named = self.headers.iter().filter(|(n, _)| n == name);
        named.next().map_or("", |(_, value)| value.as_str())
    }

    /// The bearer token; empty where there is none.
    pub fn bearer(&self) -> &str {
        let value = self.header("authorization");
        value.strip_prefix("Bearer ").unwrap_or_default()
    }
}
