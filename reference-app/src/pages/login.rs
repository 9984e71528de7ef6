//! The log-in: the API's, with a cookie in place of the answer.
use axum::{
    Form,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use maud::html;
use serde::Deserialize;

use super::{cookie, layout, visit::Refused};
use crate::{
    app::Shared,
    http::error::ApiError,
    routes::auth,
    tenancy::{
        host::{self, Addressed},
        session::Tenant,
    },
};

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct LogIn {
    firm: String,
    email: String,
    password: String,
}

/// `GET /login`
pub(super) async fn form(
    State(app): State<Shared>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refused> {
    let firm = match host::of(&app, &headers, &uri) {
        Addressed::Slug(slug) => slug,
        Addressed::Apex => String::new(),
        Addressed::Unknown => return Err(ApiError::unknown_tenant().into()),
    };
    Ok(shown(&firm, "", false))
}

/// `POST /login`
pub(super) async fn enter(
    State(app): State<Shared>,
    headers: HeaderMap,
    uri: Uri,
    Form(sent): Form<LogIn>,
) -> Result<Response, Refused> {
    let firm = sent.firm.trim().to_ascii_lowercase();
    let here = match host::of(&app, &headers, &uri) {
        Addressed::Slug(slug) => slug == firm,
        Addressed::Apex => true,
        Addressed::Unknown => return Err(ApiError::unknown_tenant().into()),
    };
    let tenant = Tenant::by_slug(&app.pool, &firm).await?;
    let tenant = tenant.filter(|tenant| here && tenant.active);
    let entered = match tenant {
        Some(tenant) => auth::enter(&app, &sent.email, &sent.password, Some(tenant)).await?,
        None => None,
    };
    let Some(entered) = entered else {
        let page = shown(&sent.firm, &sent.email, true);
        return Ok((StatusCode::UNAUTHORIZED, page).into_response());
    };
    let line = cookie::set(&app, &entered.token(&app)?);
    Ok(([(header::SET_COOKIE, line)], Redirect::to("/dashboard")).into_response())
}

/// The form, with what was typed before.
fn shown(firm: &str, email: &str, wrong: bool) -> Response {
    let main = html! {
        h1 { "Log in" }
        @if wrong {
            p.alert role="alert" { "Wrong firm, e-mail or password." }
        }
        form.card action="/login" method="post" novalidate {
            label for="firm" { "Firm" }
            input #firm name="firm" value=(firm) required autocapitalize="none" spellcheck="false" autocomplete="organization";
            label for="email" { "E-mail" }
            input #email name="email" type="email" value=(email) required autocomplete="username";
            label for="password" { "Password" }
            input #password name="password" type="password" required autocomplete="current-password";
            button { "Log in" }
        }
    };
    layout::bare("Log in", false, &main)
}
