//! Host → tenant: the slug is the one label before the base domain.
use axum::http::{HeaderMap, Uri, header};

use crate::{app::App, faults::Fault};

/// What the host of a request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Addressed {
    /// The base domain itself, or an address that is no subdomain of it.
    Apex,
    /// A tenant's slug.
    Slug(String),
    /// Below the base domain, but nothing that can be a slug.
    Unknown,
}

/// The host as the client wrote it, without its port.
pub(crate) fn raw(headers: &HeaderMap, uri: &Uri) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
    let host = host.unwrap_or_default();
    host.rsplit_once(':')
        .map_or(host, |(name, port)| {
            if port.bytes().all(|b| b.is_ascii_digit()) {
                name
            } else {
                host
            }
        })
        .to_owned()
}

/// The tenant that a request addresses: by its host or, behind a gateway that takes subdomains away, by a header.
pub(crate) fn of(app: &App, headers: &HeaderMap, uri: &Uri) -> Addressed {
    let Some(name) = &app.tenant_header else {
        return addressed(app, &raw(headers, uri));
    };
    match headers.get(name.as_str()) {
        Some(slug) => Addressed::Slug(slug.to_str().unwrap_or_default().to_owned()),
        None => Addressed::Apex,
    }
}

/// The tenant that a host addresses. Case, port and the root's dot do not matter.
pub(crate) fn addressed(app: &App, host: &str) -> Addressed {
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    let Some(label) = host
        .strip_suffix(app.base_domain.as_str())
        .and_then(|rest| rest.strip_suffix('.'))
    else {
        return Addressed::Apex;
    };
    if label.contains('.') && app.fault(Fault::NestedHostTakesLast) {
        return Addressed::Slug(label.rsplit('.').next().unwrap_or_default().to_owned());
    }
    if label.is_empty() || label.contains('.') {
        Addressed::Unknown
    } else {
        Addressed::Slug(label.to_owned())
    }
}

/// Whether the host is written as a firm's address is, letter by letter, with our port or none.
pub(crate) fn is_exact(app: &App, headers: &HeaderMap) -> bool {
    let written = headers.get(header::HOST).and_then(|h| h.to_str().ok());
    let written = written.unwrap_or_default();
    let port = format!(":{}", app.port);
    let host = written.strip_suffix(port.as_str()).unwrap_or(written);
    match addressed(app, host) {
        Addressed::Slug(slug) => host == format!("{slug}.{}", app.base_domain),
        _ => false,
    }
}

/// Whether the guard compares the token's tenant with the host's. It always does.
pub(crate) fn guarded(app: &App, host: &str, own_slug: Option<&str>) -> bool {
    if app.fault(Fault::HostNotCompared) {
        return false;
    }
    if app.fault(Fault::TrailingDotSkipsGuard) && host.ends_with('.') {
        return false;
    }
    // The guard reads the first label, the context (above) the last one.
    let first = host.split('.').next();
    !(app.fault(Fault::NestedHostTakesLast) && first.is_some() && first == own_slug)
}
