//! Routing by what headers say, for the faults that do: the guard goes by the request line, the router by them.
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, Uri},
    middleware::Next,
    response::Response,
};

use crate::{app::App, app::Shared, faults::Fault};

/// What the guard, which saw the request line alone, took the request for.
#[derive(Clone, Copy)]
pub(crate) enum Seen {
    /// The front page, which is for everybody.
    FrontPage,
    /// A verb that changes no row that there is.
    OtherVerb,
}

/// Whether any fault routes by headers.
pub(crate) fn wanted(app: &App) -> bool {
    app.fault(Fault::OriginalUrlRouted) || app.fault(Fault::OverrideSkipsGuard)
}

/// Rewrites path and verb as headers say, and leaves a note of what they were.
pub(crate) async fn by_headers(
    State(app): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    if app.fault(Fault::OriginalUrlRouted)
        && let Some(uri) = named::<Uri>(request.headers(), "x-original-url")
    {
        if request.uri().path() == "/" {
            request.extensions_mut().insert(Seen::FrontPage);
        }
        *request.uri_mut() = uri;
    }
    if app.fault(Fault::OverrideSkipsGuard)
        && let Some(method) = named::<Method>(request.headers(), "x-http-method-override")
    {
        if *request.method() != method {
            request.extensions_mut().insert(Seen::OtherVerb);
        }
        *request.method_mut() = method;
    }
    next.run(request).await
}

fn named<T: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}
