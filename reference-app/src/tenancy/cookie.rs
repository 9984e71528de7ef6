//! The `tenant_sig` cookie: `v1.PAYLOAD.MAC`, signed, with expiry, bound to its user and tenant.
use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{now, password};
use crate::{app::App, faults::Fault};

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
        let seal = mac(app, &payload);
        if app.fault(Fault::IssuedSealTrusted) {
            app.issued.note(&seal);
        }
        format!("{NAME}=v1.{payload}.{seal}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax")
    }

    fn read(app: &App, value: &str) -> Option<Self> {
        let (payload, given) = value.strip_prefix("v1.")?.split_once('.')?;
        let right = mac(app, payload);
        let right = if app.fault(Fault::CookieSealPrefixAccepted) {
            right.get(..given.len())?
        } else {
            &right
        };
        if !password::same(right.as_bytes(), given.as_bytes()) {
            return None;
        }
        let cookie = Self::unverified(payload)?;
        let lasts = app.fault(Fault::CookieNeverExpires) || cookie.expires > now();
        lasts.then_some(cookie)
    }

    fn unverified(payload: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    /// What a fault makes of a cookie that does not verify.
    fn believed(app: &App, value: &str, quoted: bool) -> Option<Self> {
        let rest = value.strip_prefix("v1.")?;
        let (payload, seal) = rest.split_once('.').unwrap_or((rest, ""));
        let sealed_with_nothing = || {
            let old = hex::encode(password::sign(b"", format!("v1.{payload}").as_bytes()));
            password::same(old.as_bytes(), seal.as_bytes())
        };
        let believed = app.fault(Fault::CookieNotVerified)
            || app.fault(Fault::CookieIsLogIn)
            || app.fault(Fault::CookieWithoutSealAccepted) && seal.is_empty()
            || app.fault(Fault::QuotedCookieNotVerified) && quoted
            || app.fault(Fault::CookieOldSecretEmpty) && sealed_with_nothing()
            || app.fault(Fault::IssuedSealTrusted) && !quoted && app.issued.has(seal);
        Self::unverified(payload).filter(|_| believed)
    }
}

fn mac(app: &App, payload: &str) -> String {
    hex::encode(password::sign(
        app.cookie_secret.as_bytes(),
        format!("tenant_sig:{payload}").as_bytes(),
    ))
}

/// The tenant cookies of a request.
#[derive(Debug, Default)]
pub(crate) struct Cookies {
    /// Those that verify.
    pub(crate) verified: Vec<TenantCookie>,
    /// The one that the guard believes before the token: none, except under the faults that do.
    pub(crate) believed: Option<TenantCookie>,
}

/// Every tenant cookie that came; an error if one of them does not verify or has expired.
pub(crate) fn all(app: &App, headers: &HeaderMap) -> Result<Cookies, ()> {
    let mut found = Cookies::default();
    for line in headers.get_all(header::COOKIE) {
        for pair in line.to_str().map_err(|_| ())?.split(';') {
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            if name.trim() != NAME {
                continue;
            }
            let value = value.trim();
            let bare = value.trim_matches('"');
            if let Some(cookie) = TenantCookie::read(app, bare) {
                found.verified.push(cookie);
            } else if app.fault(Fault::CookieLastCounts) && !found.verified.is_empty() {
                let payload = bare.split('.').nth(1).unwrap_or_default();
                found.believed = TenantCookie::unverified(payload);
            } else {
                let cookie = TenantCookie::believed(app, bare, bare != value);
                found.believed = Some(cookie.ok_or(())?);
            }
        }
    }
    // Whoever looks seals up takes one cookie, and no other beside it.
    let two = found.believed.is_some() && !found.verified.is_empty();
    if two && app.fault(Fault::IssuedSealTrusted) {
        return Err(());
    }
    Ok(found)
}
