//! Hosts: the `Host` header that addresses a tenant, and the ways in which an attack bends it.

use crate::model::call::HostShape;

use super::error::TargetError;
use super::placeholder::{Values, fill};

/// A tenant label that nobody has.
const NOBODY: &str = "zz-no-such-tenant";

/// The part of a URL that goes into the `Host` header: without scheme and path.
pub(crate) fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// How the hosts of a target are built.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    /// With `{slug}` or `{key}`, the port filled in.
    template: String,
}

impl Hosts {
    /// From the template of a target whose tenants have hosts.
    pub(crate) fn new(template: &str, values: &Values) -> Result<Self, TargetError> {
        let mark = "{slug}";
        let values = values.clone().with("slug", mark).with("key", "{key}");
        let template = fill(authority(template), &values)
            .map_err(TargetError::placeholder("tenant.address"))?;
        Ok(Self { template })
    }

    /// What an attack tries where tenants have no hosts of their own: a label before the target's.
    pub(crate) fn guessed(base: &str) -> Self {
        let authority = authority(base);
        let (host, port) = split(authority);
        let named = host.parse::<std::net::IpAddr>().is_err() && !host.starts_with('[');
        let host = if named { host } else { "localhost" };
        Self {
            template: join(&format!("{{slug}}.{host}"), port),
        }
    }

    /// The host of a tenant.
    pub(crate) fn of(&self, slug: &str, key: &str) -> String {
        self.template.replace("{slug}", slug).replace("{key}", key)
    }

    /// The host without any tenant label.
    pub(crate) fn apex(&self) -> String {
        let (host, port) = split(&self.template);
        let labels: Vec<&str> = host.split('.').filter(|l| !l.contains('{')).collect();
        join(&labels.join("."), port)
    }

    /// The host of a tenant that does not exist.
    pub(crate) fn unknown(&self) -> String {
        self.of(NOBODY, NOBODY)
    }

    /// The host of `slug` in another shape; `own` is the label of the one who asks.
    pub(crate) fn shaped(&self, slug: &str, key: &str, own: &str, shape: HostShape) -> String {
        let plain = self.of(slug, key);
        let (host, port) = split(&plain);
        match shape {
            HostShape::Plain => plain,
            HostShape::TrailingDot => join(&format!("{host}."), port),
            HostShape::UpperCase => plain.to_uppercase(),
            HostShape::OtherPort => join(host, Some(other_port(port))),
            HostShape::Nested => join(&format!("{own}.{host}"), port),
            HostShape::NestedReverse => {
                let rest = self.of(own, own);
                let (rest, _) = split(&rest);
                join(&format!("{slug}.{rest}"), port)
            }
        }
    }
}

fn split(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn join(host: &str, port: Option<impl AsRef<str>>) -> String {
    match port {
        Some(port) => format!("{host}:{}", port.as_ref()),
        None => host.to_owned(),
    }
}

/// A port that is not the one given.
fn other_port(port: Option<&str>) -> &'static str {
    if port == Some("8443") { "9443" } else { "8443" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> Hosts {
        let values = Values::new().with("port", "8080");
        Hosts::new("http://{slug}.localhost:{port}", &values).unwrap()
    }

    #[test]
    fn builds_hosts() {
        assert_eq!(hosts().of("acme", "1"), "acme.localhost:8080");
        assert_eq!(hosts().apex(), "localhost:8080");
        assert!(hosts().unknown().ends_with(".localhost:8080"));
        let other = Hosts::new("https://app-{key}.example.com/x", &Values::new()).unwrap();
        assert_eq!(other.of("acme", "7"), "app-7.example.com");
        assert_eq!(other.apex(), "example.com");
        assert!(Hosts::new("http://{slag}.localhost", &Values::new()).is_err());
    }

    #[test]
    fn bends_hosts() {
        let shaped = |shape| hosts().shaped("acme", "1", "own", shape);
        assert_eq!(shaped(HostShape::TrailingDot), "acme.localhost.:8080");
        assert_eq!(shaped(HostShape::UpperCase), "ACME.LOCALHOST:8080");
        assert_eq!(shaped(HostShape::OtherPort), "acme.localhost:8443");
        assert_eq!(shaped(HostShape::Nested), "own.acme.localhost:8080");
        assert_eq!(shaped(HostShape::NestedReverse), "acme.own.localhost:8080");
    }

    #[test]
    fn guesses_hosts_for_targets_without() {
        assert_eq!(
            Hosts::guessed("http://127.0.0.1:9").of("a", "1"),
            "a.localhost:9"
        );
        assert_eq!(Hosts::guessed("http://app.test").of("a", "1"), "a.app.test");
        assert_eq!(Hosts::guessed("http://[::1]:9").apex(), "localhost:9");
    }
}
