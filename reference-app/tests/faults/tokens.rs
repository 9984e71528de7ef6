//! How each fault of tokens is driven.
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    thread,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use reference_app::faults::Fault;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    World,
    support::{Actor, JWT_SECRET, PUBLIC_KEY, seed::MARK},
};

const LIST: &str = "GET /api/admin/services";

/// True if the fault lets something through; `None` if it is driven elsewhere.
pub async fn drive(fault: Fault, world: &World) -> Option<bool> {
    let (app, attacker) = (&world.app, &world.attacker);
    let on = async |actor: &Actor| app.call(actor, LIST).await.body.contains(MARK);
    let good = async |actor: &Actor| app.call(actor, LIST).await.status == 200;
    let own_with = |change: fn(&mut Value)| resigned(attacker, JWT_SECRET, change);
    let crossed = match fault {
        Fault::UnsignedClientAccepted => {
            !on(&forged(attacker, "None", None)).await && on(&forged(attacker, "none", None)).await
        }
        Fault::IssuedSignatureTrusted => {
            let forged = forged(attacker, "HS256", Some("wrong"));
            let (_, signature) = attacker.token.rsplit_once('.').unwrap();
            let (signed, _) = forged.token.rsplit_once('.').unwrap();
            !on(&forged).await && on(&forged.with(&format!("{signed}.{signature}"))).await
        }
        Fault::TutorialSecretAccepted => on(&forged(attacker, "HS256", Some("secret"))).await,
        Fault::AlgNoneAccepted => on(&forged(attacker, "none", None)).await,
        Fault::EmptySecretAccepted => on(&forged(attacker, "HS256", Some(""))).await,
        Fault::PayloadNotVerified => on(&forged(attacker, "HS256", Some("wrong"))).await,
        Fault::EmptySignatureAccepted => {
            !on(&forged(attacker, "none", None)).await && on(&forged(attacker, "HS256", None)).await
        }
        Fault::PublicKeyAsSecret => on(&forged(attacker, "HS256", Some(PUBLIC_KEY))).await,
        Fault::KidNamesFile => {
            let header = json!({ "alg": "HS256", "kid": "/dev/null" });
            on(&forged_under(attacker, &header, Some(""))).await
        }
        Fault::EmbeddedKeyTrusted => {
            let key = json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode("mine") });
            let header = json!({ "alg": "HS256", "jwk": key });
            on(&forged_under(attacker, &header, Some("mine"))).await
        }
        Fault::KeyFetchedFromAnywhere => {
            let key = json!({ "kty": "oct", "kid": "mine", "k": URL_SAFE_NO_PAD.encode("mine") });
            let header =
                json!({ "alg": "HS256", "kid": "mine", "jku": served(&json!({ "keys": [key] })) });
            on(&forged_under(attacker, &header, Some("mine"))).await
        }
        Fault::RoleOfUnverifiedToken => {
            let raised = claims(&attacker.token, |claims| {
                claims["role"] = json!("superadmin");
            });
            on(&attacker.with(&token("HS256", &raised, None))).await
        }
        Fault::EmptyClaimMatchesAny => {
            let empty = own_with(|claims| claims["tenantId"] = json!(""));
            on(&empty.on("bolt.localhost")).await
        }
        Fault::SignatureOfFirstClaim => on(&twice(attacker)).await,
        Fault::ClaimNotCompared => {
            good(&own_with(|claims| claims["tenantId"] = json!("t-bolt"))).await
        }
        Fault::NotYetValidAccepted => {
            good(&own_with(|claims| claims["nbf"] = json!(4_102_444_800_i64))).await
        }
        Fault::AnyIssuerAccepted => good(&own_with(|claims| claims["iss"] = json!("x"))).await,
        Fault::AnyAudienceAccepted => good(&own_with(|claims| claims["aud"] = json!("x"))).await,
        Fault::ExpiredAccepted => {
            good(&own_with(|claims| claims["exp"] = json!(1_000_000_000))).await
        }
        _ => return None,
    };
    Some(crossed)
}

/// Where that is answered, as often as it is asked for.
fn served(document: &Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let text = document.to_string();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // The whole head: what is closed with bytes unread is reset, and the answer may be lost with it.
            let head = BufReader::new(&stream).lines();
            head.map_while(Result::ok).find(String::is_empty);
            let length = text.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{text}"
            );
        }
    });
    format!("http://{address}/keys")
}

/// The attacker's own token under its own signature, with the victim's tenant named after its own.
fn twice(attacker: &Actor) -> Actor {
    let [header, payload, signature] = attacker.token.split('.').collect::<Vec<_>>()[..] else {
        return Actor::default();
    };
    let mut text = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    text.pop();
    text += r#","tenantId":"t-bolt"}"#;
    let payload = URL_SAFE_NO_PAD.encode(text);
    Actor {
        host: "bolt.localhost".to_owned(),
        token: format!("{header}.{payload}.{signature}"),
        cookie: String::new(),
    }
}

/// The attacker's own claims with the victim's tenant, on the victim's host.
fn forged(attacker: &Actor, algorithm: &str, secret: Option<&str>) -> Actor {
    forged_under(attacker, &header(algorithm), secret)
}

/// The same, under that header.
fn forged_under(attacker: &Actor, header: &Value, secret: Option<&str>) -> Actor {
    let claims = claims(&attacker.token, |claims| {
        claims["tenantId"] = json!("t-bolt");
        claims["tenantSlug"] = json!("bolt");
    });
    Actor {
        host: "bolt.localhost".to_owned(),
        token: token_under(header, &claims, secret),
        cookie: String::new(),
    }
}

fn resigned(attacker: &Actor, secret: &str, change: impl Fn(&mut Value)) -> Actor {
    attacker.with(&token(
        "HS256",
        &claims(&attacker.token, change),
        Some(secret),
    ))
}

fn claims(token: &str, change: impl Fn(&mut Value)) -> Value {
    let bytes = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let mut claims = serde_json::from_slice(&bytes).unwrap();
    change(&mut claims);
    claims
}

fn header(algorithm: &str) -> Value {
    json!({ "typ": "JWT", "alg": algorithm })
}

fn token(algorithm: &str, claims: &Value, secret: Option<&str>) -> String {
    token_under(&header(algorithm), claims, secret)
}

fn token_under(header: &Value, claims: &Value, secret: Option<&str>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let mac = secret.map(|secret| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    });
    format!("{signed}.{}", mac.unwrap_or_default())
}
