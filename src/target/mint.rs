//! Credentials of partywall's own making: tokens from a claims template, cookies signed by a format.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::description::{Jwt, SignedCookie};
use super::error::TargetError;
use super::forge::parse_algorithm;
use super::placeholder::{PlaceholderError, Values, fill, fill_json, fill_with};

/// Seconds since the epoch.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}

/// The time that `now`, `now+3600` or `now-60` names, in seconds; `now.ms…` in milliseconds.
pub(crate) fn time(text: &str, now: i64) -> Option<i64> {
    let rest = text.strip_prefix("now")?;
    let (rest, unit) = rest
        .strip_prefix(".ms")
        .map_or((rest, 1), |rest| (rest, 1000));
    match rest {
        "" => Some(now * unit),
        offset if offset.starts_with(['+', '-']) => {
            Some((now * unit).saturating_add(offset.parse::<i64>().ok()?))
        }
        _ => None,
    }
}

/// Fills a template in which `{now+3600}` stands for a time, reckoned from `at`.
pub(crate) fn fill_timed(
    template: &str,
    values: &Values,
    at: i64,
) -> Result<String, PlaceholderError> {
    fill_with(template, values, &mut |name, _| {
        time(name, at).map(|t| t.to_string())
    })
}

/// Makes a token.
pub(crate) fn token(jwt: &Jwt, values: &Values, at: &str) -> Result<String, TargetError> {
    let algorithm = parse_algorithm(jwt.algorithm.as_deref().unwrap_or("HS256"))?;
    let secret =
        fill(&jwt.secret, values).map_err(TargetError::placeholder(format!("{at}.secret")))?;
    let mut claims = Map::new();
    let now = now();
    for (name, template) in &jwt.claims {
        let timed = template.as_str().and_then(|text| time(text, now));
        let value = match timed {
            Some(seconds) => Json::from(seconds),
            None => fill_json(template, values)
                .map_err(TargetError::placeholder(format!("{at}.claims.{name}")))?,
        };
        claims.insert(name.clone(), value);
    }
    encode(
        &Header::new(algorithm),
        &claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .map_err(|e| TargetError::Mint {
        at: at.to_owned(),
        problem: format!("the token cannot be signed: {e}"),
    })
}

/// Makes the value of a signed cookie, as it would be made at the time `now`.
pub(crate) fn cookie(
    cookie: &SignedCookie,
    values: &Values,
    now: i64,
    at: &str,
) -> Result<String, TargetError> {
    let wrap = |key: &str| TargetError::placeholder(format!("{at}.{key}"));
    let secret = fill(&cookie.secret, values).map_err(wrap("secret"))?;
    let payload = fill_timed(&cookie.payload, values, now).map_err(wrap("payload"))?;
    let mut values = values.clone();
    for (suffix, text) in encodings(payload.as_bytes()) {
        values.insert(format!("payload{suffix}"), text);
    }
    values.insert("payload", payload);
    let signs = cookie.signs.as_deref().unwrap_or("{payload}");
    let signed = fill(signs, &values).map_err(wrap("signs"))?;
    let mac = mac(cookie.algorithm.as_deref(), &secret, &signed).map_err(|problem| {
        TargetError::Mint {
            at: format!("{at}.algorithm"),
            problem,
        }
    })?;
    for (suffix, text) in encodings(&mac) {
        values.insert(format!("mac{suffix}"), text);
    }
    fill(&cookie.format, &values).map_err(wrap("format"))
}

/// The ways in which bytes are written as text.
pub(crate) fn encodings(bytes: &[u8]) -> [(&'static str, String); 3] {
    [
        (".hex", hex::encode(bytes)),
        (".base64", STANDARD.encode(bytes)),
        (".base64url", URL_SAFE_NO_PAD.encode(bytes)),
    ]
}

/// HMAC over a text; `sha256` where no function is named.
pub(crate) fn mac(function: Option<&str>, secret: &str, text: &str) -> Result<Vec<u8>, String> {
    match function.unwrap_or("sha256") {
        "sha256" => hmac_of::<Hmac<Sha256>>(secret, text),
        "sha384" => hmac_of::<Hmac<Sha384>>(secret, text),
        "sha512" => hmac_of::<Hmac<Sha512>>(secret, text),
        other => Err(format!(
            "`{other}` is no hash function; write `sha256`, `sha384` or `sha512`"
        )),
    }
}

fn hmac_of<M: Mac + KeyInit>(secret: &str, text: &str) -> Result<Vec<u8>, String> {
    let mut mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).map_err(|e| e.to_string())?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

/// A hash of a text.
pub(crate) fn digest(function: &str, text: &str) -> Option<Vec<u8>> {
    match function {
        "sha256" => Some(Sha256::digest(text).to_vec()),
        "sha384" => Some(Sha384::digest(text).to_vec()),
        "sha512" => Some(Sha512::digest(text).to_vec()),
        _ => None,
    }
}
