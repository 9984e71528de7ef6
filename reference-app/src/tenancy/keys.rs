//! How tokens are signed and verified: by one secret (HS256), or by a pair of keys (`EdDSA`).
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, jwk::JwkSet};

use crate::app::App;

/// A pair of Ed25519 keys.
#[derive(Clone)]
pub(crate) struct KeyPair {
    private: Vec<u8>,
    public: Vec<u8>,
    /// The public key as everybody may read it.
    pub(crate) public_pem: String,
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyPair")
    }
}

impl KeyPair {
    /// Reads both keys; `None` if one of them is no Ed25519 key in PEM.
    pub(crate) fn read(private: &str, public: &str) -> Option<Self> {
        // The raw key is what a public key's structure ends in.
        let structure = der(public)?;
        let public_key = structure.get(structure.len().checked_sub(32)?..)?;
        Some(Self {
            private: der(private)?,
            public: public_key.to_vec(),
            public_pem: public.to_owned(),
        })
    }
}

fn der(pem: &str) -> Option<Vec<u8>> {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    STANDARD.decode(lines.collect::<String>()).ok()
}

/// What tokens are signed with.
pub(crate) fn signing(app: &App) -> (Algorithm, EncodingKey) {
    match &app.key_pair {
        Some(pair) => (Algorithm::EdDSA, EncodingKey::from_ed_der(&pair.private)),
        None => (
            Algorithm::HS256,
            EncodingKey::from_secret(app.jwt_secret.as_bytes()),
        ),
    }
}

/// What tokens are verified with.
pub(crate) fn verifying(app: &App) -> (Algorithm, DecodingKey) {
    match &app.key_pair {
        Some(pair) => (Algorithm::EdDSA, DecodingKey::from_ed_der(&pair.public)),
        None => (
            Algorithm::HS256,
            DecodingKey::from_secret(app.jwt_secret.as_bytes()),
        ),
    }
}

/// The keys that a URL answers with: only the fault that trusts any URL asks for them, and only nearby and in plain HTTP.
pub(crate) fn fetched(url: &str) -> Option<JwkSet> {
    let (address, path) = url.strip_prefix("http://")?.split_once('/')?;
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.take(1 << 20).read_to_string(&mut answer).ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    serde_json::from_str(body).ok()
}
