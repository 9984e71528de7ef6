//! Bearer tokens: what they say, and whether that is believed.
use std::fmt;

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header, encode};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value, json};

use super::{Role, keys, now};
use crate::{app::App, faults::Fault};

const ISSUER: &str = "reference-app";
const AUDIENCE: &str = "portal";
/// How long a token is good, in seconds.
pub(crate) const LIFETIME: u64 = 8 * 3600;

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Claims {
    pub(crate) sub: String,
    pub(crate) tenant_id: Option<String>,
    pub(crate) tenant_slug: Option<String>,
    pub(crate) role: Role,
    pub(crate) sid: String,
    pub(crate) iat: u64,
    pub(crate) exp: u64,
    pub(crate) iss: String,
    pub(crate) aud: String,
    /// Set only by the fault that believes an operator's role.
    #[serde(skip)]
    pub(crate) operator: bool,
}

impl Claims {
    /// The claims of a new session.
    pub(crate) fn new(user: &str, tenant: Option<(&str, &str)>, role: Role, session: &str) -> Self {
        let iat = now();
        Self {
            sub: user.to_owned(),
            tenant_id: tenant.map(|(id, _)| id.to_owned()),
            tenant_slug: tenant.map(|(_, slug)| slug.to_owned()),
            role,
            sid: session.to_owned(),
            iat,
            exp: iat + LIFETIME,
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            operator: false,
        }
    }

    /// The token itself.
    pub(crate) fn signed(&self, app: &App) -> Option<String> {
        let (algorithm, key) = keys::signing(app);
        let token = encode(&Header::new(algorithm), self, &key).ok()?;
        if app.fault(Fault::IssuedSignatureTrusted) {
            app.issued.note(signature(&token));
        }
        Some(token)
    }
}

/// The one bearer token of a request: `None` without one, an error if there are two or it does not verify.
pub(crate) fn bearer(app: &App, headers: &HeaderMap) -> Result<Option<Claims>, ()> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    if lines.next().is_some() {
        return Err(());
    }
    let (scheme, token) = line.to_str().map_err(|_| ())?.split_once(' ').ok_or(())?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(());
    }
    verify(app, token.trim()).ok_or(()).map(Some)
}

/// What a token says, if that is believed.
pub(crate) fn verify(app: &App, token: &str) -> Option<Claims> {
    let otherwise = unverified(app, token)
        .or_else(|| strictly_read(app, token))
        .or_else(|| by_its_header(app, token));
    if otherwise.is_some() {
        return otherwise;
    }
    let (algorithm, key) = keys::verifying(app);
    let claims = checked(app, token, algorithm, &key);
    let secret = match &app.key_pair {
        _ if claims.is_some() => None,
        Some(pair) => app
            .fault(Fault::PublicKeyAsSecret)
            .then_some(pair.public_pem.as_str()),
        None if app.fault(Fault::TutorialSecretAccepted) => Some("secret"),
        None => app.fault(Fault::EmptySecretAccepted).then_some(""),
    };
    claims.or_else(|| {
        let key = DecodingKey::from_secret(secret?.as_bytes());
        checked(app, token, Algorithm::HS256, &key)
    })
}

fn checked(app: &App, token: &str, algorithm: Algorithm, key: &DecodingKey) -> Option<Claims> {
    let mut rules = Validation::new(algorithm);
    if !app.fault(Fault::AnyIssuerAccepted) {
        rules.set_issuer(&[ISSUER]);
    }
    rules.set_audience(&[AUDIENCE]);
    rules.validate_aud = !app.fault(Fault::AnyAudienceAccepted);
    rules.leeway = 0;
    rules.validate_nbf = !app.fault(Fault::NotYetValidAccepted);
    rules.validate_exp = !app.fault(Fault::ExpiredAccepted);
    decode::<Claims>(token, key, &rules)
        .ok()
        .map(|data| data.claims)
}

/// What is verified by the key that the token itself names or brings: nothing, except under the faults that do.
fn by_its_header(app: &App, token: &str) -> Option<Claims> {
    let header = decode_header(token).ok()?;
    let key = if app.fault(Fault::KidNamesFile) {
        let file = std::env::temp_dir().join("keys").join(header.kid?);
        DecodingKey::from_secret(&std::fs::read(file).ok()?)
    } else if app.fault(Fault::EmbeddedKeyTrusted) {
        DecodingKey::from_jwk(&header.jwk?).ok()?
    } else if app.fault(Fault::KeyFetchedFromAnywhere) {
        DecodingKey::from_jwk(keys::fetched(&header.jku?)?.find(&header.kid?)?).ok()?
    } else {
        return None;
    };
    checked(app, token, header.alg, &key)
}

/// What is believed without having been verified: nothing, except under the faults that do.
fn unverified(app: &App, token: &str) -> Option<Claims> {
    let header: Value = part(token, 0)?;
    let mut payload: Value = part(token, 1)?;
    let algorithm = header["alg"].as_str()?;
    let signature = signature(token);
    let operator = app.fault(Fault::RoleOfUnverifiedToken) && payload["role"] == "superadmin";
    let believed = operator
        || app.fault(Fault::PayloadNotVerified)
        || app.fault(Fault::AlgNoneAccepted) && algorithm.eq_ignore_ascii_case("none")
        || app.fault(Fault::EmptySignatureAccepted) && algorithm == "HS256" && signature.is_empty()
        || app.fault(Fault::SignatureOfFirstClaim) && signs_the_first(app, token, &payload);
    if !believed {
        return None;
    }
    if operator {
        payload["role"] = json!(Role::Admin);
    }
    let claims: Claims = serde_json::from_value(payload).ok()?;
    Some(Claims { operator, ..claims })
}

/// Claims in which no name comes twice and every value is of its kind, believed for something else than that they were
/// signed: none, except under the faults that do.
fn strictly_read(app: &App, token: &str) -> Option<Claims> {
    let header: Value = part(token, 0)?;
    let signature = signature(token);
    let believed = if header["alg"] == "none" {
        app.fault(Fault::UnsignedClientAccepted) && signature.is_empty()
    } else {
        app.fault(Fault::IssuedSignatureTrusted) && app.issued.has(signature)
    };
    let claims: Claims = if believed {
        part(token, 1)?
    } else {
        return None;
    };
    (claims.exp > now()).then_some(claims)
}

/// What stands behind the last dot.
fn signature(token: &str) -> &str {
    token.rsplit('.').next().unwrap_or_default()
}

/// Whether a name comes twice, and the signature is that of the claims as a parser reads them that takes the first.
fn signs_the_first(app: &App, token: &str, last: &Value) -> bool {
    let first = part(token, 1).filter(|FirstOfTwo(claims)| Some(claims) != last.as_object());
    let claims = first.and_then(|FirstOfTwo(claims)| {
        let claims: Claims = serde_json::from_value(Value::Object(claims)).ok()?;
        claims.signed(app)
    });
    claims.is_some_and(|signed| signature(&signed) == signature(token))
}

/// An object of which the first of two equal names counts.
struct FirstOfTwo(Map<String, Value>);

impl<'de> Deserialize<'de> for FirstOfTwo {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = FirstOfTwo;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<FirstOfTwo, A::Error> {
                let mut first = Map::new();
                while let Some((name, value)) = all.next_entry::<String, Value>()? {
                    first.entry(name).or_insert(value);
                }
                Ok(FirstOfTwo(first))
            }
        }
        from.deserialize_map(Names)
    }
}

fn part<T: serde::de::DeserializeOwned>(token: &str, index: usize) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(index)?).ok()?).ok()
}
