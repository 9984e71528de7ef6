//! Serves partywall's own public keys on this machine, for tokens that say where their key is fetched from.
//!
//! It starts with the first such token, answers every request alike, and ends with the process.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::super::error::TargetError;
use super::own_key;

/// Who asks and says nothing is let go of after this.
const PATIENCE: Duration = Duration::from_secs(2);

/// Bytes of a request that are read; the rest is not looked at.
const REQUEST: usize = 8 * 1024;

/// Where the keys are served.
pub(super) fn url() -> Result<String, TargetError> {
    static URL: OnceLock<Result<String, String>> = OnceLock::new();
    let started = URL.get_or_init(|| start().map_err(|error| error.to_string()));
    started.clone().map_err(|error| {
        TargetError::Forge(format!(
            "its keys cannot be served on this machine: {error}"
        ))
    })
}

fn start() -> Result<String, TargetError> {
    let failed = |error: io::Error| TargetError::Forge(error.to_string());
    let document = json!({ "keys": own_key::all()? }).to_string();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let serve = move || {
        for stream in listener.incoming().flatten() {
            // Who hangs up early has no use for the answer.
            answer(stream, &document).ok();
        }
    };
    let named = thread::Builder::new().name("keys".to_owned());
    named.spawn(serve).map_err(failed)?;
    Ok(format!("http://{address}/jwks.json"))
}

fn answer(mut stream: TcpStream, document: &str) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut request = Vec::new();
    let mut some = [0; 1024];
    while request.len() < REQUEST && !request.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut some)? {
            0 => break,
            read => request.extend_from_slice(&some[..read]),
        }
    }
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{document}",
        document.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_answered_again_and_again_and_to_nobody_who_hangs_up() {
        let url = url().unwrap();
        let address = url.strip_prefix("http://").unwrap();
        let (address, path) = address.split_once('/').unwrap();
        drop(TcpStream::connect(address).unwrap());
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).unwrap();
            write!(stream, "GET /{path} HTTP/1.1\r\nhost: {address}\r\n\r\n").unwrap();
            let mut said = String::new();
            stream.read_to_string(&mut said).unwrap();
            let (head, body) = said.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
            let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_str(body).unwrap();
            assert_eq!(keys.keys.len(), 4, "an HMAC's, an RSA one, two curves");
        }
    }
}
