//! What an actor holds after log-in: token, headers, cookies, CSRF token. Nothing of it shows in `Debug` output.

use std::fmt;
use std::time::SystemTime;

use percent_encoding::percent_decode_str;

use crate::model::call::Wire;
use crate::model::exchange::Response;
use crate::model::tenant::TenantKey;

use super::description::Csrf;
use super::forge::{Signing, is_jwt};
use super::jar::Jar;
use super::placeholder::Values;

/// How a bearer token is carried unless the description says otherwise.
pub const CARRIER: (&str, &str) = ("Authorization", "Bearer {token}");

/// What an actor holds after log-in.
#[derive(Clone, Default)]
pub struct Session {
    /// The bearer token.
    pub bearer: Option<String>,
    /// The header that carries it, with `{token}` in the value; [`CARRIER`] where absent.
    pub carrier: Option<(String, String)>,
    /// Headers that every call of the session carries: a fixed key, `Authorization: Basic …`.
    pub headers: Vec<(String, String)>,
    /// Its cookies.
    pub jar: Jar,
    /// The CSRF token that unsafe calls carry.
    pub csrf: Option<CsrfToken>,
    /// What the steps took, by name.
    pub taken: Values,
    /// The tenant that it was logged in at.
    pub tenant: Option<TenantKey>,
    /// Name and value of a cookie as it was made long ago, where the description says how.
    pub expired_cookie: Option<(String, String)>,
    /// How its token was signed, where the description says so.
    pub signing: Option<Signing>,
}

/// A CSRF token: where it comes from, where it goes, and the last value seen in a header.
#[derive(Clone)]
pub struct CsrfToken {
    /// The rule.
    pub rule: Csrf,
    /// The last value, for tokens that answers carry in a header.
    pub value: Option<String>,
}

/// Where a session's JSON Web Token stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenPlace {
    /// It is the bearer token.
    Bearer,
    /// In the session's header of this index, behind this much text.
    Header(usize, String),
    /// In the cookie of this name.
    Cookie(String),
}

impl Session {
    /// The JSON Web Token that the session holds, wherever it stands.
    pub fn token(&self) -> Option<(TokenPlace, String)> {
        if let Some(bearer) = self.bearer.as_ref().filter(|b| is_jwt(b)) {
            return Some((TokenPlace::Bearer, bearer.clone()));
        }
        let headers = self.headers.iter().enumerate();
        let in_header = headers.clone().find_map(|(index, (_, value))| {
            let (before, last) = value.rsplit_once(' ').unwrap_or(("", value));
            let before = &value[..if before.is_empty() {
                0
            } else {
                before.len() + 1
            }];
            is_jwt(last).then(|| {
                (
                    TokenPlace::Header(index, before.to_owned()),
                    last.to_owned(),
                )
            })
        });
        in_header.or_else(|| {
            let cookie = self.jar.cookies().iter().rfind(|c| is_jwt(&c.value))?;
            Some((
                TokenPlace::Cookie(cookie.name.clone()),
                cookie.value.clone(),
            ))
        })
    }

    /// The session without its cookies, where no cookie holds the token.
    #[must_use]
    pub fn without_cookies(mut self) -> Self {
        if !matches!(self.token(), Some((TokenPlace::Cookie(_), _))) {
            self.jar = Jar::default();
        }
        self
    }

    /// The same session with another token in the place of its own.
    #[must_use]
    pub fn with_token(mut self, place: &TokenPlace, token: String) -> Self {
        match place {
            TokenPlace::Bearer => self.bearer = Some(token),
            TokenPlace::Header(index, before) => {
                if let Some((_, value)) = self.headers.get_mut(*index) {
                    *value = format!("{before}{token}");
                }
            }
            TokenPlace::Cookie(name) => self.jar = self.jar.with_value(name, &token),
        }
        self
    }

    /// The credential that calls carry, for `partywall token`: the bearer token, else what the session's first header or
    /// its `Cookie` header says.
    pub fn credential(&self) -> Option<String> {
        let first = || self.headers.first().map(|(_, value)| value.clone());
        self.bearer
            .clone()
            .or_else(first)
            .or_else(|| self.credential_in("cookie"))
    }

    /// What a header of the session says, in any case of its name; the scheme of `Authorization` left out.
    pub fn credential_in(&self, header: &str) -> Option<String> {
        if header.eq_ignore_ascii_case("cookie") {
            let cookies = self.jar.cookies().iter();
            let pairs: Vec<String> = cookies.map(|c| format!("{}={}", c.name, c.value)).collect();
            return (!pairs.is_empty()).then(|| pairs.join("; "));
        }
        let (carrier, _) = self
            .carrier
            .as_ref()
            .map_or(CARRIER, |(name, value)| (name.as_str(), value.as_str()));
        if let Some(bearer) = &self.bearer
            && carrier.eq_ignore_ascii_case(header)
        {
            return Some(bearer.clone());
        }
        let (name, value) = self
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(header))?;
        let scheme = value
            .split_once(' ')
            .filter(|_| name.eq_ignore_ascii_case("authorization"));
        Some(scheme.map_or(value.as_str(), |(_, rest)| rest).to_owned())
    }

    /// Every value of the session that must not be shown.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets: Vec<String> = self.bearer.iter().cloned().collect();
        for (_, value) in &self.headers {
            secrets.push(value.clone());
            secrets.extend(value.split_once(' ').map(|(_, rest)| rest.to_owned()));
        }
        secrets.extend(self.jar.cookies().iter().map(|c| c.value.clone()));
        secrets.extend(self.csrf_value());
        secrets.extend(self.taken.secrets().map(str::to_owned));
        secrets
    }

    /// Takes up what an answer brought: cookies, and a CSRF token where it comes in a header.
    pub fn absorb(&mut self, wire: &Wire, response: &Response) {
        let host = wire.host().unwrap_or_default();
        let now = SystemTime::now();
        for (_, value) in response.headers.iter().filter(|(n, _)| n == "set-cookie") {
            self.jar.store(value, host, &wire.target, now);
        }
        if let Some(csrf) = &mut self.csrf
            && let Some(name) = csrf.rule.from.strip_prefix("header:")
            && let Some(value) = response.header(&name.to_ascii_lowercase())
        {
            csrf.value = Some(value.to_owned());
        }
    }

    /// Takes up of what an answer brought the CSRF token alone, in a header or in its cookie; tells whether it is another.
    pub fn take_csrf(&mut self, wire: &Wire, response: &Response) -> bool {
        let before = self.csrf_value();
        let Some(csrf) = &mut self.csrf else {
            return false;
        };
        if let Some(name) = csrf.rule.from.strip_prefix("header:") {
            if let Some(value) = response.header(&name.to_ascii_lowercase()) {
                csrf.value = Some(value.to_owned());
            }
        } else if let Some(name) = csrf.rule.from.strip_prefix("cookie:") {
            let host = wire.host().unwrap_or_default();
            let cookies = response.headers.iter().filter(|(n, _)| n == "set-cookie");
            for (_, cookie) in cookies {
                if cookie
                    .split_once('=')
                    .is_some_and(|(n, _)| n.trim() == name)
                {
                    self.jar
                        .store(cookie, host, &wire.target, SystemTime::now());
                }
            }
        }
        self.csrf_value() != before
    }

    /// The CSRF token's value now.
    pub fn csrf_value(&self) -> Option<String> {
        let csrf = self.csrf.as_ref()?;
        if let Some(name) = csrf.rule.from.strip_prefix("cookie:") {
            // Scripts decode the cookie before they put it into a header; frameworks count on that.
            let value = self.jar.value(name)?;
            return Some(percent_decode_str(value).decode_utf8_lossy().into_owned());
        }
        if csrf.rule.from.starts_with("header:") {
            return csrf.value.clone();
        }
        self.taken.get(&csrf.rule.from).map(str::to_owned)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(n, _)| n.as_str()).collect();
        f.debug_struct("Session")
            .field("bearer", &self.bearer.as_ref().map(|_| "***"))
            .field("headers", &headers)
            .field("jar", &self.jar)
            .field("csrf", &self.csrf)
            .field("taken", &self.taken)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsrfToken")
            .field("rule", &self.rule)
            .finish_non_exhaustive()
    }
}
