//! Forged tokens: a JSON Web Token changed, and signed in ways that a careful server refuses. The libraries refuse to
//! make most of these, so that the segments are put together by hand.

mod key_server;
mod own_key;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Map, Value as Json};

use crate::model::call::{Signature, TokenTampering};
use crate::model::pointer::unescaped;

use super::error::TargetError;

/// How the target signs its tokens, as far as the description says.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Signing {
    /// The secret of its HMAC.
    pub secret: Option<String>,
    /// The public key in PEM, for the attack that uses it as an HMAC secret.
    pub public_key: Option<String>,
}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signing")
            .field("secret", &self.secret.as_ref().map(|_| "***"))
            .field("public_key", &self.public_key.is_some())
            .finish()
    }
}

/// Whether a text is a signed JSON Web Token: three segments, the first two of them JSON objects.
pub fn is_jwt(text: &str) -> bool {
    decode(text).is_some()
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Option<Map<String, Json>> {
    decode(token).map(|decoded| decoded.claims)
}

struct Decoded<'a> {
    header_text: &'a str,
    payload_text: &'a str,
    signature: &'a str,
    header: Map<String, Json>,
    claims: Map<String, Json>,
}

fn decode(token: &str) -> Option<Decoded<'_>> {
    let [header_text, payload_text, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        return None;
    };
    let object = |segment: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(segment.trim_end_matches('=')).ok()?;
        serde_json::from_slice::<Map<String, Json>>(&bytes).ok()
    };
    let header = object(header_text).filter(|h| h.contains_key("alg"))?;
    Some(Decoded {
        header_text,
        payload_text,
        signature,
        header,
        claims: object(payload_text)?,
    })
}

/// Makes the forged token. `signing` is asked for only where the signature needs it.
pub fn forge(
    token: &str,
    tampering: &TokenTampering,
    signing: Option<&Signing>,
) -> Result<String, TargetError> {
    let decoded = decode(token)
        .ok_or_else(|| TargetError::Forge("it is no signed json web token".to_owned()))?;
    let payload = payload(&decoded, tampering);
    let alg = decoded.header.get("alg").and_then(Json::as_str);
    let untouched = || decoded.header_text.to_owned();
    let (header, key) = match &tampering.signature {
        Signature::Stale => {
            return Ok(format!("{}.{payload}.{}", untouched(), decoded.signature));
        }
        Signature::Empty => return Ok(format!("{}.{payload}.", untouched())),
        Signature::None(spelling) => {
            return Ok(format!(
                "{}.{payload}.",
                with_alg(&decoded.header, spelling)?
            ));
        }
        Signature::Secret(secret) => hmac(&decoded, alg, secret.as_bytes())?,
        Signature::PublicKey => {
            let key = signing.and_then(|s| s.public_key.as_ref());
            let key = key.ok_or_else(|| missing("the public key", "public_key"))?;
            let header = with_alg(&decoded.header, "HS256")?;
            (
                header,
                (EncodingKey::from_secret(key.as_bytes()), Algorithm::HS256),
            )
        }
        Signature::Named { kid, secret } => {
            let mut header = decoded.header.clone();
            header.insert("kid".to_owned(), kid.as_str().into());
            let algorithm = hmac_algorithm(alg);
            let header = with_alg(&header, &format!("{algorithm:?}"))?;
            (
                header,
                (EncodingKey::from_secret(secret.as_bytes()), algorithm),
            )
        }
        Signature::Embedded(kind) => {
            let own = own_key::of(*kind, alg)?;
            let mut header = decoded.header.clone();
            header.shift_remove("kid");
            header.insert("jwk".to_owned(), own.public);
            let header = with_alg(&header, &format!("{:?}", own.algorithm))?;
            (header, (own.private, own.algorithm))
        }
        Signature::Fetched(kind) => {
            let own = own_key::of(*kind, alg)?;
            let mut header = decoded.header.clone();
            header.insert("kid".to_owned(), own_key::name(&own.public).into());
            header.insert("jku".to_owned(), key_server::url()?.into());
            let header = with_alg(&header, &format!("{:?}", own.algorithm))?;
            (header, (own.private, own.algorithm))
        }
        Signature::Genuine => {
            let secret = signing.and_then(|s| s.secret.as_ref());
            let secret = secret.ok_or_else(|| missing("the signing secret", "signing"))?;
            let algorithm = parse_algorithm(alg.unwrap_or_default())?;
            (
                untouched(),
                (EncodingKey::from_secret(secret.as_bytes()), algorithm),
            )
        }
    };
    let message = format!("{header}.{payload}");
    let signature = crypto::sign(message.as_bytes(), &key.0, key.1)
        .map_err(|e| TargetError::Forge(e.to_string()))?;
    Ok(format!("{message}.{signature}"))
}

fn missing(what: &str, key: &str) -> TargetError {
    TargetError::Forge(format!(
        "the description does not give {what}; tell it as `{key}` of the `[[login]]`"
    ))
}

/// The header for an HMAC with that secret: kept where the token is signed by HMAC anyway.
fn hmac(
    decoded: &Decoded<'_>,
    alg: Option<&str>,
    secret: &[u8],
) -> Result<(String, (EncodingKey, Algorithm)), TargetError> {
    let algorithm = hmac_algorithm(alg);
    let header = if alg.is_some_and(|a| a.starts_with("HS")) {
        decoded.header_text.to_owned()
    } else {
        with_alg(&decoded.header, "HS256")?
    };
    Ok((header, (EncodingKey::from_secret(secret), algorithm)))
}

/// The HMAC that tokens of that algorithm are signed with, or the usual one.
fn hmac_algorithm(alg: Option<&str>) -> Algorithm {
    match alg {
        Some("HS384") => Algorithm::HS384,
        Some("HS512") => Algorithm::HS512,
        _ => Algorithm::HS256,
    }
}

fn with_alg(header: &Map<String, Json>, alg: &str) -> Result<String, TargetError> {
    let mut header = header.clone();
    header.insert("alg".to_owned(), alg.into());
    segment(&header)
}

fn segment(object: &Map<String, Json>) -> Result<String, TargetError> {
    let text = serde_json::to_vec(object).map_err(|e| TargetError::Forge(e.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(text))
}

/// The second segment: as it was where no claim changes.
fn payload(decoded: &Decoded<'_>, tampering: &TokenTampering) -> String {
    if tampering.claims.is_empty() && tampering.twice.is_none() {
        return decoded.payload_text.to_owned();
    }
    let mut claims = Json::Object(decoded.claims.clone());
    for (name, value) in &tampering.claims {
        set_claim(&mut claims, name, value.as_ref());
    }
    let mut text = claims.to_string();
    if let Some((name, value)) = &tampering.twice {
        // No library writes a name twice.
        text.pop();
        let comma = if text.len() > 1 { "," } else { "" };
        let name = Json::from(name.as_str());
        text = format!("{text}{comma}{name}:{value}}}");
    }
    URL_SAFE_NO_PAD.encode(text)
}

/// Sets or removes a claim; a name that starts with a slash and is no claim's own is a JSON pointer.
fn set_claim(claims: &mut Json, name: &str, value: Option<&Json>) {
    let nested = name.starts_with('/') && claims.get(name).is_none();
    let (parent, last) = match name.rsplit_once('/') {
        Some((parent, last)) if nested => (claims.pointer_mut(parent), last),
        _ => (Some(claims), name),
    };
    match parent {
        Some(Json::Object(map)) => {
            let last = if nested {
                unescaped(last)
            } else {
                last.to_owned()
            };
            match value {
                Some(value) => {
                    map.insert(last, value.clone());
                }
                None => {
                    map.shift_remove(&last);
                }
            }
        }
        Some(Json::Array(items)) => {
            let index = last.parse::<usize>().ok().filter(|i| *i < items.len());
            match (index, value) {
                (Some(index), Some(value)) => items[index] = value.clone(),
                (Some(index), None) => {
                    items.remove(index);
                }
                (None, _) => {}
            }
        }
        _ => {}
    }
}

/// The HMAC algorithm of that name; tokens of other families cannot be signed here.
pub(crate) fn parse_algorithm(name: &str) -> Result<Algorithm, TargetError> {
    match name {
        "HS256" => Ok(Algorithm::HS256),
        "HS384" => Ok(Algorithm::HS384),
        "HS512" => Ok(Algorithm::HS512),
        other => Err(TargetError::Forge(format!(
            "partywall signs with `HS256`, `HS384` or `HS512`, and not with `{other}`"
        ))),
    }
}

#[cfg(test)]
mod tests;
