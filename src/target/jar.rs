//! A cookie jar that sends what a browser behind HTTPS would: `Secure` cookies on plain loopback, too.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::cookie_date::parse_date;

/// A browser keeps no cookie longer than this.
const LONGEST: Duration = Duration::from_hours(400 * 24);

/// The cookies of one session. Its `Debug` output holds names alone.
#[derive(Clone, Default)]
pub struct Jar {
    cookies: Vec<Cookie>,
}

/// One stored cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value, as sent.
    pub value: String,
    /// The host that it goes back to, lower case, without a leading dot.
    pub domain: String,
    /// Only to that host; without this, to its subdomains too.
    pub host_only: bool,
    /// The path that it goes to, and all below it.
    pub path: String,
    /// When it ends; `None`: with the session.
    pub expires: Option<SystemTime>,
    /// Hidden from scripts.
    pub http_only: bool,
}

impl Jar {
    /// Takes a `Set-Cookie` header of an answer to a request for `path` on `host` (a port is left out of account).
    /// Refused ones change nothing: a foreign domain, a `__Host-` name with a domain.
    pub fn store(&mut self, set_cookie: &str, host: &str, path: &str, now: SystemTime) {
        let Some(cookie) = Cookie::parse(set_cookie, host, path, now) else {
            return;
        };
        let ended = cookie.expires.is_some_and(|e| e <= now);
        let same = |c: &Cookie| {
            c.name == cookie.name && c.domain == cookie.domain && c.path == cookie.path
        };
        match self.cookies.iter().position(same) {
            Some(at) if ended => {
                self.cookies.remove(at);
            }
            // The place is kept: browsers sort by the time of first creation.
            Some(at) => self.cookies[at] = cookie,
            None if ended => {}
            None => self.cookies.push(cookie),
        }
    }

    /// Puts a cookie of our own making in, for one host.
    pub fn put(&mut self, name: &str, value: &str, host: &str) {
        self.cookies.retain(|c| c.name != name);
        self.cookies.push(Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: bare_host(host),
            host_only: true,
            path: "/".to_owned(),
            expires: None,
            http_only: true,
        });
    }

    /// The cookies that go to `path` on `host`, in the order that a browser sends them: longer paths first, then older.
    pub fn matching(&self, host: &str, path: &str, now: SystemTime) -> Vec<&Cookie> {
        let host = bare_host(host);
        let path = path.split(['?', '#']).next().unwrap_or("/");
        let mut fitting: Vec<&Cookie> = self
            .cookies
            .iter()
            .filter(|c| c.goes_to(&host, path) && c.expires.is_none_or(|e| e > now))
            .collect();
        fitting.sort_by_key(|c| std::cmp::Reverse(c.path.len()));
        fitting
    }

    /// The value of the `Cookie` header, where any cookie goes there.
    pub fn header(&self, host: &str, path: &str, now: SystemTime) -> Option<String> {
        let pairs: Vec<String> = self
            .matching(host, path, now)
            .into_iter()
            .map(|c| format!("{}={}", c.name, c.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// The value of the cookie of that name, wherever it goes; the newest where several have the name.
    pub fn value(&self, name: &str) -> Option<&str> {
        let named = |c: &&Cookie| c.name == name;
        self.cookies.iter().rfind(named).map(|c| c.value.as_str())
    }

    /// Every cookie, oldest first.
    pub fn cookies(&self) -> &[Cookie] {
        &self.cookies
    }

    /// The names, for messages.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.cookies.iter().map(|c| c.name.as_str())
    }

    /// The same jar with a second cookie of that name and another value, just before the first or just after it.
    #[must_use]
    pub fn with_twin(mut self, name: &str, value: &str, before: bool) -> Self {
        if let Some(at) = self.cookies.iter().position(|c| c.name == name) {
            let twin = Cookie {
                value: value.to_owned(),
                ..self.cookies[at].clone()
            };
            self.cookies.insert(if before { at } else { at + 1 }, twin);
        }
        self
    }

    /// The same jar with that cookie alone.
    #[must_use]
    pub fn alone(mut self, name: &str) -> Self {
        self.cookies.retain(|c| c.name == name);
        self
    }

    /// The same jar with another value for every cookie of that name.
    #[must_use]
    pub fn with_value(mut self, name: &str, value: &str) -> Self {
        for cookie in self.cookies.iter_mut().filter(|c| c.name == name) {
            value.clone_into(&mut cookie.value);
        }
        self
    }
}

impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookie")
            .field("name", &self.name)
            .field("domain", &self.domain)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Cookie {
    /// Reads a `Set-Cookie` value by the rules of RFC 6265, section 5.2 and 5.3.
    fn parse(set_cookie: &str, host: &str, path: &str, now: SystemTime) -> Option<Self> {
        let host = bare_host(host);
        let mut parts = set_cookie.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let mut cookie = Self {
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
            domain: host.clone(),
            host_only: true,
            path: default_path(path).to_owned(),
            expires: None,
            http_only: false,
        };
        let (mut secure, mut explicit_path, mut by_age) = (false, false, false);
        for attribute in parts {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "domain" if !value.is_empty() => {
                    cookie.domain = value.trim_start_matches('.').to_ascii_lowercase();
                    cookie.host_only = false;
                }
                "path" if value.starts_with('/') => {
                    value.clone_into(&mut cookie.path);
                    explicit_path = true;
                }
                "max-age" => {
                    if let Ok(seconds) = value.parse::<i64>() {
                        cookie.expires = Some(after(now, seconds));
                        by_age = true;
                    }
                }
                "expires" if !by_age => cookie.expires = parse_date(value).or(cookie.expires),
                "secure" => secure = true,
                "httponly" => cookie.http_only = true,
                _ => {}
            }
        }
        let foreign = !cookie.host_only && !domain_matches(&host, &cookie.domain);
        let prefixed = cookie.name.to_ascii_lowercase();
        let broken_prefix = (prefixed.starts_with("__secure-") && !secure)
            || (prefixed.starts_with("__host-")
                && !(secure && cookie.host_only && explicit_path && cookie.path == "/"));
        (!cookie.name.is_empty() && !foreign && !broken_prefix).then_some(cookie)
    }

    fn goes_to(&self, host: &str, path: &str) -> bool {
        let by_host = if self.host_only {
            host == self.domain
        } else {
            domain_matches(host, &self.domain)
        };
        by_host && path_matches(path, &self.path)
    }
}

fn after(now: SystemTime, seconds: i64) -> SystemTime {
    match u64::try_from(seconds) {
        Ok(0) | Err(_) => SystemTime::UNIX_EPOCH,
        Ok(seconds) => now + Duration::from_secs(seconds).min(LONGEST),
    }
}

/// The host of an authority: lower case, without port and trailing dot.
pub(crate) fn bare_host(authority: &str) -> String {
    let host = if authority.starts_with('[') {
        authority.split_once(']').map_or(authority, |(h, _)| h)
    } else {
        authority.split(':').next().unwrap_or(authority)
    };
    host.trim_end_matches('.').to_ascii_lowercase()
}

fn domain_matches(host: &str, domain: &str) -> bool {
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    host == domain
        || (!is_address
            && host
                .strip_suffix(domain)
                .is_some_and(|rest| rest.ends_with('.')))
}

fn path_matches(path: &str, cookie: &str) -> bool {
    path == cookie
        || path
            .strip_prefix(cookie)
            .is_some_and(|rest| cookie.ends_with('/') || rest.starts_with('/'))
}

/// The folder of the request's path (RFC 6265, section 5.1.4).
fn default_path(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or("/");
    match path.rfind('/') {
        Some(at) if at > 0 && path.starts_with('/') => &path[..at],
        _ => "/",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "acme.localhost:8080";

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000)
    }

    fn jar(cookies: &[&str]) -> Jar {
        let mut jar = Jar::default();
        for cookie in cookies {
            jar.store(cookie, HOST, "/api/auth/login", now());
        }
        jar
    }

    #[test]
    fn secure_cookies_go_to_plain_loopback() {
        let jar = jar(&[
            "sid=1; Secure; HttpOnly; Path=/",
            "__Host-x=2; Secure; Path=/",
        ]);
        assert_eq!(
            jar.header(HOST, "/x", now()).as_deref(),
            Some("sid=1; __Host-x=2")
        );
    }

    #[test]
    fn host_only_cookies_stay_and_domain_cookies_go_to_siblings() {
        let jar = jar(&["own=1; Path=/", "all=2; Path=/; Domain=.localhost"]);
        assert_eq!(
            jar.header("other.localhost", "/", now()).as_deref(),
            Some("all=2")
        );
        assert_eq!(
            jar.header("ACME.localhost.:1", "/", now()).as_deref(),
            Some("own=1; all=2")
        );
        assert_eq!(
            jar.header("localhost", "/", now()).as_deref(),
            Some("all=2")
        );
        assert_eq!(jar.header("acme.localhost.evil", "/", now()), None);
    }

    #[test]
    fn refuses_foreign_domains_and_broken_prefixes() {
        let jar = jar(&[
            "a=1; Domain=other.localhost",
            "b=1; Domain=ocalhost",
            "__Host-c=1; Secure; Path=/; Domain=localhost",
            "__Host-d=1; Path=/",
            "__Secure-e=1",
            "=f",
            "nothing",
        ]);
        assert_eq!(jar.names().count(), 0, "{jar:?}");
    }

    #[test]
    fn paths_bound_and_order() {
        let jar = jar(&["root=1; Path=/", "deep=2", "exact=3; Path=/api/auth/login"]);
        assert_eq!(
            jar.header(HOST, "/api/auth/login?x=/", now()).as_deref(),
            Some("exact=3; deep=2; root=1")
        );
        assert_eq!(
            jar.header(HOST, "/api/authority", now()).as_deref(),
            Some("root=1")
        );
    }

    #[test]
    fn expiry_removes_and_age_wins() {
        let mut jar = jar(&[
            "a=1; Path=/; Max-Age=60",
            "b=1; Path=/",
            "c=1; Path=/; Expires=Wed, 21 Oct 2015 07:28:00 GMT",
        ]);
        assert_eq!(jar.header(HOST, "/", now()).as_deref(), Some("a=1; b=1"));
        let later = now() + Duration::from_secs(61);
        assert_eq!(jar.header(HOST, "/", later).as_deref(), Some("b=1"));
        jar.store("b=; Path=/; Max-Age=0", HOST, "/", now());
        assert_eq!(jar.header(HOST, "/", later), None);
        jar.store(
            "d=1; Path=/; Max-Age=60; Expires=Wed, 21 Oct 2015 07:28:00 GMT",
            HOST,
            "/",
            now(),
        );
        assert_eq!(jar.header(HOST, "/", now()).as_deref(), Some("a=1; d=1"));
    }

    #[test]
    fn a_renewed_cookie_keeps_its_place() {
        let jar = jar(&["a=1; Path=/", "b=2; Path=/", "a=3; Path=/"]);
        assert_eq!(jar.header(HOST, "/", now()).as_deref(), Some("a=3; b=2"));
        assert_eq!(jar.value("a"), Some("3"));
        assert!(!format!("{jar:?}").contains('3'));
    }
}
