//! What browsers may do with a page, and from where forms may be sent.
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::layout;
use crate::{
    app::{App, Shared},
    faults::Fault,
};

/// The name of a page's firm, by which the worker keeps it.
pub(super) const FIRM: HeaderName = HeaderName::from_static("x-firm");

/// Refuses forms of other origins, and gives every page its headers.
pub(super) async fn around(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let foreign = request.method() == Method::POST && from_elsewhere(request.headers());
    let mut response = if foreign {
        let sentence = "This form was sent from another site.";
        layout::notice(StatusCode::FORBIDDEN, "Not allowed", sentence).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    let stored = if app.fault(Fault::PagesMayBeStored) {
        // It sounds like 'do not keep it', and says 'ask before you use it again', which the back button does not.
        "private, no-cache"
    } else {
        "no-store"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(stored));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    if let Ok(policy) = HeaderValue::from_str(&policy(&app)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Forms go to where they came from; a switch may lead on to another firm's subdomain, which browsers count as the form's.
fn policy(app: &App) -> String {
    format!(
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' http://*.{}:*",
        app.base_domain
    )
}

/// Whether the page that a form stood on had another host than the one it is sent to.
fn from_elsewhere(headers: &HeaderMap) -> bool {
    let text = |name| {
        headers
            .get(name)
            .map(|value: &HeaderValue| value.to_str().unwrap_or_default())
    };
    let Some(origin) = text(header::ORIGIN) else {
        return false;
    };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_none_or(|host| !host.eq_ignore_ascii_case(text(header::HOST).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_come_from_the_same_host_and_port_or_are_refused() {
        let sent = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("acme.localhost:80"));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            from_elsewhere(&headers)
        };
        assert!(!sent(None), "no browser");
        assert!(!sent(Some("http://acme.localhost:80")));
        for other in [
            "http://bolt.localhost:80",
            "http://acme.localhost:81",
            "http://localhost:80",
            "null",
        ] {
            assert!(sent(Some(other)), "{other}");
        }
    }
}
