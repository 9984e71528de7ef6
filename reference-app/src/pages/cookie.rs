//! The `session` cookie: the API's token, out of reach of scripts. The API itself never looks at it.
use axum::http::{HeaderMap, header};

use crate::{
    app::App,
    tenancy::token::{self, Claims},
};

const NAME: &str = "session";

/// The `Set-Cookie` line of a session.
pub(super) fn set(app: &App, token: &str) -> String {
    format!("{NAME}={token}; {}", attributes(app))
}

/// The `Set-Cookie` line that takes it back.
pub(super) fn clear(app: &App) -> String {
    format!("{NAME}=; Max-Age=0; {}", attributes(app))
}

/// What the cookie of a request says, if that is believed.
pub(super) fn read(app: &App, headers: &HeaderMap) -> Option<Claims> {
    let lines = headers.get_all(header::COOKIE).iter();
    let value = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == NAME).then_some(value))?;
    token::verify(app, value)
}

/// Browsers take no cookie for all subdomains of a domain of one label: there each host has a log-in of its own.
fn attributes(app: &App) -> String {
    let domain = if app.base_domain.contains('.') {
        format!("; Domain={}", app.base_domain)
    } else {
        String::new()
    };
    format!("Path=/; HttpOnly; SameSite=Lax{domain}")
}
