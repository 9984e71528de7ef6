//! What a tidy client would change about a request: such requests go over the raw path.

use url::Url;

use crate::model::call::Wire;

/// Whether the ordinary client sends a request just as it stands.
pub fn unchanged(base: &Url, wire: &Wire) -> bool {
    target_stays(base, &wire.target)
        && method_stays(&wire.method)
        && headers_stay(&wire.headers, wire.body.len())
}

/// Dot segments, `%2e`, backslashes, blanks, fragments and the like are tidied by every URL parser.
fn target_stays(base: &Url, target: &str) -> bool {
    let prefix = format!("{}://{}", base.scheme(), base.authority());
    target.starts_with('/')
        && Url::parse(&format!("{prefix}{target}")).is_ok_and(|url| {
            let written = &url[url::Position::BeforePath..url::Position::AfterQuery];
            written == target && url.fragment().is_none() && url.authority() == base.authority()
        })
}

fn method_stays(method: &str) -> bool {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].contains(&method)
}

/// The ordinary client writes names in title case, `Host` first, equal names together, and values without blanks around.
fn headers_stay(headers: &[(String, String)], body: usize) -> bool {
    let framing = ["transfer-encoding", "connection", "te", "expect", "upgrade"];
    let mut seen: Vec<String> = Vec::with_capacity(headers.len());
    for (at, (name, value)) in headers.iter().enumerate() {
        let lower = name.to_ascii_lowercase();
        let plain_value =
            value.trim() == value && http::HeaderValue::from_str(value).is_ok() && value.is_ascii();
        if http::HeaderName::from_bytes(name.as_bytes()).is_err()
            || *name != title(&lower)
            || !plain_value
            || framing.contains(&lower.as_str())
            || (lower == "content-length" && *value != body.to_string())
            || seen.contains(&lower)
            || (lower == "host") != (at == 0)
        {
            return false;
        }
        seen.push(lower);
    }
    headers.first().is_some_and(|(_, host)| ordinary_host(host))
}

/// A host as a URL would hold it.
fn ordinary_host(host: &str) -> bool {
    Url::parse(&format!("http://{host}/")).is_ok_and(|url| {
        let default_port = host.ends_with(":80");
        url.path() == "/" && url.username().is_empty() && !default_port && url.authority() == host
    })
}

/// `x-request-id` as `X-Request-Id`.
fn title(name: &str) -> String {
    let mut start = true;
    name.chars()
        .map(|c| {
            let written = if start { c.to_ascii_uppercase() } else { c };
            start = c == '-';
            written
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn wire(target: &str, headers: &[(&str, &str)]) -> Wire {
        let mut all = vec![("Host".to_owned(), "acme.localhost:8080".to_owned())];
        all.extend(headers.iter().map(|&(n, v)| (n.to_owned(), v.to_owned())));
        Wire {
            base: "http://127.0.0.1:8080".to_owned(),
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: all,
            body: Bytes::new(),
        }
    }

    fn stays(wire: &Wire) -> bool {
        unchanged(&Url::parse(&wire.base).unwrap(), wire)
    }

    #[test]
    fn ordinary_requests_are_left_to_the_ordinary_client() {
        for target in ["/", "/a/b?x=1&y=%20z", "/a%2Fb", "/a/?q=a+b", "/a//b"] {
            assert!(stays(&wire(target, &[("X-Tenant-Id", "a")])), "{target}");
        }
    }

    #[test]
    fn what_a_url_parser_tidies_is_not() {
        for target in [
            "/a/../b",
            "/a/./b",
            "/a/%2e%2e/b",
            "/a/%2E%2e/b",
            "/a\\b",
            "/a b",
            "/a#b",
            "*",
            "http://other/",
            "/a?x='",
            "//other/x/..",
            "/é",
        ] {
            assert!(!stays(&wire(target, &[])), "{target}");
        }
    }

    #[test]
    fn odd_headers_are_not() {
        for headers in [
            &[("x-tenant-id", "a")][..],
            &[("X-TENANT-ID", "a")],
            &[("X-Tenant", "a"), ("X-Tenant", "b")],
            &[("X-Tenant", " a")],
            &[("X-Tenant", "a\u{e9}")],
            &[("Host", "other")],
            &[("X Tenant", "a")],
            &[("Content-Length", "3")],
        ] {
            assert!(!stays(&wire("/", headers)), "{headers:?}");
        }
        for host in [
            "Acme.localhost",
            "acme.localhost.:80",
            "a@b",
            "acme/x",
            "",
            "acme.localhost:080",
        ] {
            let mut odd = wire("/", &[]);
            odd.headers[0].1 = host.to_owned();
            assert!(!stays(&odd), "{host}");
        }
    }
}
