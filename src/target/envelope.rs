//! The envelope of a request: every part that it is put together from, and their order on the wire.

use std::borrow::Cow;
use std::time::SystemTime;

use bytes::Bytes;

use crate::model::call::{Body, Part, Wire};
use crate::model::route::is_safe;

use super::body::encode;
use super::session::{CARRIER, Session};

/// Everything that a request is put together from.
pub(crate) struct Envelope<'a> {
    pub method: &'a str,
    pub target: String,
    pub host: String,
    /// Headers of the description.
    pub fixed: Vec<(String, String)>,
    /// Headers that tell who calls, `Cookie` among them.
    pub credentials: Vec<(String, String)>,
    /// Name (`field:NAME` for a form field) and value of the CSRF token.
    pub csrf: Option<(String, String)>,
    pub body: Option<&'a Body>,
    /// The call's own headers: exactly these, in place of others of the same name.
    pub own: &'a [(String, String)],
}

impl Envelope<'_> {
    /// Puts the request together: `Host`, general headers, credentials, body headers, the call's own.
    pub(crate) fn wire(self, base: &str) -> Wire {
        let mut body = self.body.map(Cow::Borrowed);
        let mut headers = vec![("Host".to_owned(), self.host)];
        headers.push(header(
            "User-Agent",
            concat!("partywall/", env!("CARGO_PKG_VERSION")),
        ));
        headers.push(header("Accept", "application/json, */*;q=0.5"));
        // A later header of the description wins over the general ones.
        for fixed in self.fixed {
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case(&fixed.0));
            headers.push(fixed);
        }
        headers.extend(self.credentials);
        if let Some((name, value)) = self.csrf.filter(|_| !is_safe(self.method)) {
            match name.strip_prefix("field:") {
                Some(field) => body = Some(Cow::Owned(with_field(body, field, value))),
                None => headers.push((name, value)),
            }
        }
        let bytes = if let Some((content_type, bytes)) = body.as_deref().map(encode) {
            if !headers
                .iter()
                .any(|(n, _)| n.eq_ignore_ascii_case("content-type"))
            {
                headers.push(header("Content-Type", content_type));
            }
            headers.push(header("Content-Length", bytes.len().to_string()));
            bytes
        } else {
            headers.retain(|(n, _)| !n.eq_ignore_ascii_case("content-type"));
            if matches!(self.method, "POST" | "PUT" | "PATCH") {
                headers.push(header("Content-Length", "0"));
            }
            Bytes::new()
        };
        headers.retain(|(n, _)| !self.own.iter().any(|(own, _)| own.eq_ignore_ascii_case(n)));
        headers.extend(self.own.iter().cloned());
        // Stable: only hosts move to the front.
        headers.sort_by_key(|(name, _)| !name.eq_ignore_ascii_case("host"));
        Wire {
            base: base.to_owned(),
            method: self.method.to_owned(),
            target: self.target,
            headers,
            body: bytes,
        }
    }
}

fn header(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// The body with a form field more, unless it has it; a form of its own where there is none. JSON stays as it is.
fn with_field(body: Option<Cow<'_, Body>>, name: &str, value: String) -> Body {
    let body = body.map_or_else(|| Body::Form(Vec::new()), Cow::into_owned);
    match body {
        Body::Form(mut fields) => {
            if !fields.iter().any(|(n, _)| n == name) {
                fields.push((name.to_owned(), value));
            }
            Body::Form(fields)
        }
        Body::Multipart(mut parts) => {
            if !parts.iter().any(|p| p.name == name) {
                parts.push(Part {
                    name: name.to_owned(),
                    file_name: None,
                    content_type: None,
                    text: value,
                });
            }
            Body::Multipart(parts)
        }
        other => other,
    }
}

impl Session {
    /// The headers that tell who calls: token, fixed headers, cookies as a browser sends them.
    pub(crate) fn credential_headers(&self, host: &str, target: &str) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        if let Some(bearer) = &self.bearer {
            let (name, value) = match &self.carrier {
                Some((name, value)) => (name.as_str(), value.as_str()),
                None => CARRIER,
            };
            headers.push((name.to_owned(), value.replace("{token}", bearer)));
        }
        headers.extend(self.headers.iter().cloned());
        // Browsers send one `Cookie` header.
        let (cookies, mut headers): (Vec<_>, Vec<_>) = headers
            .into_iter()
            .partition(|(n, _)| n.eq_ignore_ascii_case("cookie"));
        let mut cookies: Vec<String> = cookies.into_iter().map(|(_, v)| v).collect();
        cookies.extend(self.jar.header(host, target, SystemTime::now()));
        if !cookies.is_empty() {
            headers.push(("Cookie".to_owned(), cookies.join("; ")));
        }
        headers
    }

    /// Where the CSRF token goes, and its value now.
    pub(crate) fn csrf_pair(&self) -> Option<(String, String)> {
        let value = self.csrf_value()?;
        self.csrf.as_ref().map(|csrf| (csrf.rule.to.clone(), value))
    }
}
