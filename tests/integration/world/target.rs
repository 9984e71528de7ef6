//! A tiny target: this very test binary, started again as a server.

use std::io::{Read, Write};
use std::net::TcpListener;

/// The line that starts it; the port comes by the environment.
pub fn start() -> String {
    let exe = std::env::current_exe().unwrap();
    format!(
        "{} --exact world::target::serve --ignored --nocapture",
        exe.display()
    )
}

/// Answers every request with 200 until it is killed. Only `start` sets its port: else there is nothing to do.
#[test]
#[ignore = "not a test: the target of other tests"]
fn serve() {
    let Ok(port) = std::env::var("TINY_TARGET_PORT") else {
        return;
    };
    let listener = TcpListener::bind(("127.0.0.1", port.parse().unwrap())).unwrap();
    println!("listening on {port}");
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap_or_default();
        let head = String::from_utf8_lossy(&request[..length]).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        // It outlives a run that is killed, and with it whoever reads this.
        let _unread = writeln!(std::io::stdout(), "asked for {path}");
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{path}",
            path.len()
        );
        let _gone = stream.write_all(answer.as_bytes());
    }
}
