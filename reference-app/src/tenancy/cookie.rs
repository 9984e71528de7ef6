//! The `tenant_sig` cookie: `v1.PAYLOAD.MAC`, signed, with expiry, bound to its user and tenant.
use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{now, password};
use crate::app::App;

/// The cookie's name.
pub(crate) const NAME: &str = "tenant_sig";

/// What the cookie says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TenantCookie {
    #[serde(rename = "t")]
    pub(crate) tenant: Option<String>,
    #[serde(rename = "u")]
    pub(crate) user: String,
    #[serde(rename = "e")]
    pub(crate) expires: u64,
}

impl TenantCookie {
    /// The `Set-Cookie` line.
    pub(crate) fn header(&self, app: &App) -> String {
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default());
        let age = self.expires.saturating_sub(now());
        format!(
            "{NAME}=v1.{payload}.{}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax",
            mac(app, &payload)
        )
    }

    fn read(app: &App, value: &str) -> Option<Self> {
        let (payload, given) = value.strip_prefix("v1.")?.split_once('.')?;
        if !password::same(mac(app, payload).as_bytes(), given.as_bytes()) {
            return None;
        }
        let cookie: Self = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        (cookie.expires > now()).then_some(cookie)
    }
}

fn mac(app: &App, payload: &str) -> String {
    hex::encode(password::sign(
        app.cookie_secret.as_bytes(),
        format!("tenant_sig:{payload}").as_bytes(),
    ))
}

/// Every tenant cookie that came; an error if one of them does not verify or has expired.
pub(crate) fn all(app: &App, headers: &HeaderMap) -> Result<Vec<TenantCookie>, ()> {
    let mut found = Vec::new();
    for line in headers.get_all(header::COOKIE) {
        for pair in line.to_str().map_err(|_| ())?.split(';') {
            if let Some((name, value)) = pair.split_once('=')
                && name.trim() == NAME
            {
                found.push(TenantCookie::read(app, value.trim().trim_matches('"')).ok_or(())?);
            }
        }
    }
    Ok(found)
}
