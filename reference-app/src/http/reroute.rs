//! Routing by another path or verb than the guard saw, for the faults that do: what headers say, and what a generous router
//! makes of odd paths.
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, Uri},
    middleware::Next,
    response::Response,
};

use crate::{app::App, app::Shared, faults::Fault};

/// What the guard, which saw the request line as it came, took the request for.
#[derive(Clone, Copy)]
pub(crate) enum Seen {
    /// The front page, or another one that is for everybody.
    FrontPage,
    /// Nothing that changes a row that there is.
    NoRow,
    /// Nothing that is bound to a host.
    NoHost,
}

/// Whether any fault routes by headers.
pub(crate) fn wanted(app: &App) -> bool {
    let spellings = GENEROUS.iter().map(|(fault, _, _)| *fault);
    let headers = [Fault::OriginalUrlRouted, Fault::OverrideSkipsGuard];
    let verbs = [Fault::PutSkipsGuard, Fault::PreflightSkipsGuard];
    let all = headers.into_iter().chain(verbs).chain(spellings);
    all.into_iter().any(|fault| app.fault(fault))
}

/// What a router makes of a path in an odd spelling; `None` where it is not odd in that way.
type Usual = fn(&str) -> Option<String>;

/// The odd spellings, and what the guard takes them for.
const GENEROUS: &[(Fault, Usual, Seen)] = &[
    (
        Fault::TrailingSlashSkipsGuard,
        |path| path.strip_suffix('/').map(str::to_owned),
        Seen::NoHost,
    ),
    (
        Fault::DoubledSlashSkipsGuard,
        |path| {
            path.strip_prefix('/')
                .filter(|rest| rest.starts_with('/'))
                .map(str::to_owned)
        },
        Seen::NoRow,
    ),
    (
        Fault::PathCaseSkipsGuard,
        |path| path.starts_with("/API/").then(|| path.to_lowercase()),
        Seen::NoRow,
    ),
    (
        Fault::SuffixSkipsGuard,
        |path| {
            let stem = path.strip_suffix(".json")?;
            (!stem.ends_with("openapi")).then(|| stem.to_owned())
        },
        Seen::NoHost,
    ),
    (
        Fault::PathParameterSkipsGuard,
        |path| path.split_once(';').map(|(path, _)| path.to_owned()),
        Seen::NoRow,
    ),
    (
        Fault::StaticPrefixSkipsGuard,
        |path| path.strip_prefix("/static/..").map(str::to_owned),
        Seen::FrontPage,
    ),
    (
        Fault::DotSegmentSkipsGuard,
        |path| path.contains("/./").then(|| path.replace("/./", "/")),
        Seen::NoHost,
    ),
    (
        Fault::EncodedLetterSkipsGuard,
        |path| path.strip_prefix("/%61").map(|rest| format!("/a{rest}")),
        Seen::NoHost,
    ),
    (
        Fault::EncodedSlashSkipsGuard,
        |path| path.contains("%2f").then(|| path.replace("%2f", "/")),
        Seen::NoHost,
    ),
];

/// Makes the usual path of an odd one, and leaves a note of what the guard took it for.
fn by_spelling(app: &App, request: &mut Request) {
    let path = request.uri().path().to_owned();
    for (fault, usual, seen) in GENEROUS {
        if app.fault(*fault)
            && let Some(usual) = usual(&path)
        {
            let query = request.uri().query().map(|query| format!("?{query}"));
            if let Ok(uri) = (usual + &query.unwrap_or_default()).parse() {
                *request.uri_mut() = uri;
                request.extensions_mut().insert(*seen);
            }
        }
    }
}

/// Serves verbs by the handlers of others.
fn by_verb(app: &App, request: &mut Request) {
    let (served, seen) = match *request.method() {
        Method::PUT if app.fault(Fault::PutSkipsGuard) => (Method::PATCH, Seen::NoRow),
        Method::OPTIONS if app.fault(Fault::PreflightSkipsGuard) => (Method::GET, Seen::FrontPage),
        _ => return,
    };
    *request.method_mut() = served;
    request.extensions_mut().insert(seen);
}

/// Rewrites path and verb, and leaves a note of what they were.
pub(crate) async fn around(
    State(app): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    by_spelling(&app, &mut request);
    by_verb(&app, &mut request);
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
            request.extensions_mut().insert(Seen::NoRow);
        }
        *request.method_mut() = method;
    }
    next.run(request).await
}

fn named<T: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}
