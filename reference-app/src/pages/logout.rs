//! The way out: the session ends, the cookie goes, and the browser forgets what it kept.
use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse, Response},
};
use maud::html;

use super::{cookie, layout, visit::Refused};
use crate::{
    app::{App, Shared},
    faults::Fault,
    tenancy::session,
};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// `POST /logout`
pub(super) async fn leave(
    State(app): State<Shared>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    if let Some(claims) = cookie::read(&app, &headers) {
        let mut connection = app.pool.acquire().await?;
        session::revoke(&mut connection, &claims.sid).await?;
    }
    let main = html! {
        h1 { "You are logged out" }
        p { "This browser keeps nothing of yours for this address any more." }
        p { a.button href="/login" { "Log in again" } }
    };
    let mut response = (
        [(header::SET_COOKIE, cookie::clear(&app))],
        layout::bare("You are logged out", true, &main),
    )
        .into_response();
    if let Some(kinds) = cleared(&app) {
        let kinds = header::HeaderValue::from_static(kinds);
        response.headers_mut().insert(CLEAR_SITE_DATA, kinds);
    }
    Ok(response)
}

/// What the browser is told to forget, on top of what the page's script clears.
fn cleared(app: &App) -> Option<&'static str> {
    let stays = [
        Fault::DraftsStayAfterLogout,
        Fault::WorkerCacheStaysAfterLogout,
    ];
    let storage = !stays.into_iter().any(|fault| app.fault(fault));
    match (!app.fault(Fault::PagesMayBeStored), storage) {
        (true, true) => Some(r#""cache", "storage""#),
        (true, false) => Some(r#""cache""#),
        (false, true) => Some(r#""storage""#),
        (false, false) => None,
    }
}
