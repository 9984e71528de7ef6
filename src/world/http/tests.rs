//! Sockets that record and misbehave, for the tests of the client.

mod received;
mod sent;

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use super::Client;
use crate::model::call::Wire;
use crate::target::description::Limits;

fn client(limits: &Limits) -> Client {
    Client::new(limits, &[]).unwrap()
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
