//! HS256 bearer tokens.
use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use super::{Role, now};
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
        }
    }

    /// The token itself.
    pub(crate) fn signed(&self, app: &App) -> Option<String> {
        encode(
            &Header::new(Algorithm::HS256),
            self,
            &EncodingKey::from_secret(app.jwt_secret.as_bytes()),
        )
        .ok()
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

fn verify(app: &App, token: &str) -> Option<Claims> {
    if app.fault(Fault::AlgNoneAccepted) && names_no_algorithm(token) {
        return part(token, 1);
    }
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.leeway = 0;
    rules.validate_nbf = true;
    rules.validate_exp = !app.fault(Fault::ExpiredAccepted);
    let checked = |secret: &str| {
        decode::<Claims>(token, &DecodingKey::from_secret(secret.as_bytes()), &rules).ok()
    };
    let claims = checked(&app.jwt_secret);
    if claims.is_none() && app.fault(Fault::EmptySecretAccepted) {
        return checked("").map(|data| data.claims);
    }
    claims.map(|data| data.claims)
}

fn names_no_algorithm(token: &str) -> bool {
    part::<serde_json::Value>(token, 0).is_some_and(|header| {
        header["alg"]
            .as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case("none"))
    })
}

fn part<T: serde::de::DeserializeOwned>(token: &str, index: usize) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(index)?).ok()?).ok()
}
