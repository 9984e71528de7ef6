//! Credentials that a log-in makes itself: minted tokens, inserted keys, Basic, signed cookies, fixed headers; and what
//! fills their templates.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::tenant::Actor;

use super::description::Step;
use super::error::TargetError;
use super::placeholder::{Values, fill};
use super::recipe::{Need, Recipe, Waiting};
use super::render::Target;
use super::{key, mint};

/// Cookies that have expired were made this long ago, in seconds: longer than any lasts (browsers keep them 400 days at most).
const LONG_AGO: i64 = 401 * 24 * 3600;

impl Recipe {
    pub(super) fn mint(&mut self) -> Result<(), TargetError> {
        let Some(jwt) = &self.login.jwt else {
            return Ok(());
        };
        let at = format!("{}.jwt", self.at);
        let token = mint::token(jwt, &self.values, &at)?;
        self.session.carrier = jwt
            .header
            .as_deref()
            .map(|h| carrier(h, "token", &at))
            .transpose()?;
        self.keep("bearer", token);
        Ok(())
    }

    pub(super) fn insert_key(&mut self) -> Result<Option<Need>, TargetError> {
        let Some(api_key) = &self.login.api_key else {
            return Ok(None);
        };
        let at = format!("{}.api_key", self.at);
        let made = key::make(api_key, &self.values, &at)?;
        let sql = key::insert(api_key, &made, &self.values, &at)?;
        let header = api_key
            .header
            .as_deref()
            .unwrap_or("Authorization: Bearer {key}");
        let (name, value) = carrier(header, "key", &at)?;
        self.session
            .headers
            .push((name, value.replace("{key}", &made)));
        self.session.taken.insert("key", made.clone());
        self.values.insert("key", made);
        self.waiting = Waiting::Executed;
        Ok(Some(Need::Execute(sql)))
    }

    pub(super) fn basic(&mut self) -> Result<(), TargetError> {
        // An empty name or password would be refused by the target, and nobody would know why.
        let wrap = TargetError::placeholder(format!("{}.basic", self.at));
        let pair = fill("{user.login}:{user.password}", &self.values).map_err(wrap)?;
        let value = format!("Basic {}", STANDARD.encode(pair));
        self.session
            .headers
            .push(("Authorization".to_owned(), value));
        Ok(())
    }

    pub(super) fn sign_cookie(&mut self) -> Result<(), TargetError> {
        let Some(cookie) = &self.login.cookie else {
            return Ok(());
        };
        let at = format!("{}.cookie", self.at);
        let value = mint::cookie(cookie, &self.values, mint::now(), &at)?;
        let host = self.target.host_of(self.tenant.as_ref())?;
        self.session.jar.put(&cookie.name, &value, &host);
        Ok(())
    }

    /// Name and value of the session's cookie as it would be had it been made long ago; `None` where it holds no time, or
    /// says a tenant and the actor has none.
    pub(super) fn expired_cookie(&self) -> Result<Option<(String, String)>, TargetError> {
        let (given, own) = (&self.login.given_cookie, &self.login.cookie);
        let key = if given.is_some() {
            "given_cookie"
        } else {
            "cookie"
        };
        let Some(cookie) = given.as_ref().or(own.as_ref()) else {
            return Ok(None);
        };
        let at = format!("{}.{key}", self.at);
        let now = mint::now();
        let made = |time| mint::cookie(cookie, &self.values, time, &at);
        match made(now - LONG_AGO) {
            Ok(value) if value == made(now)? => Ok(None),
            Ok(value) => Ok(Some((cookie.name.clone(), value))),
            Err(TargetError::Placeholder { .. }) if self.tenant.is_none() => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn fill_headers(&mut self) -> Result<(), TargetError> {
        for (name, template) in &self.login.headers {
            let wrap = TargetError::placeholder(format!("{}.headers.{name}", self.at));
            let value = fill(template, &self.values).map_err(wrap)?;
            self.session.headers.push((name.clone(), value));
        }
        Ok(())
    }
}

/// `Name: value with {token}` as its two parts.
fn carrier(text: &str, placeholder: &str, at: &str) -> Result<(String, String), TargetError> {
    let mark = format!("{{{placeholder}}}");
    let parts = text
        .split_once(':')
        .filter(|(_, value)| value.contains(&mark));
    let (name, value) = parts.ok_or_else(|| TargetError::Mint {
        at: format!("{at}.header"),
        problem: format!("`{text}` is no header; write `Name: {mark}`"),
    })?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// The OAuth password grant as a step.
pub(super) fn password_grant(path: &str) -> Step {
    let form = [
        ("grant_type", "password"),
        ("username", "{user.login}"),
        ("password", "{user.password}"),
    ];
    let form = form.map(|(k, v)| (k.to_owned(), v.to_owned()));
    Step {
        call: format!("POST {path}"),
        form: Some(BTreeMap::from(form)),
        take: BTreeMap::from([("bearer".to_owned(), "$.access_token".to_owned())]),
        ..Step::default()
    }
}

/// `user.NAME` for every field of an actor, and `user.login`, `user.role`.
pub(crate) fn user_values(target: &Target, actor: &Actor) -> Values {
    let mut values = Values::new();
    for (name, value) in &actor.fields {
        values.insert(format!("user.{name}"), value.clone());
    }
    let declared = target.description.user.login.as_deref();
    let mut names = declared.into_iter().chain(["login", "email", "username"]);
    let login = names.find_map(|name| actor.fields.get(name));
    if let Some(login) = login {
        values.insert("user.login", login.clone());
    }
    if let (Some(role), None) = (&actor.role, values.get("user.role")) {
        values.insert("user.role", role.clone());
    }
    values
}
