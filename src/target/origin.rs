//! Where a step's call connects to: the target by any of its names, or a companion by its port.

use super::address::Addressing;
use super::host::authority;
use super::placeholder::Values;
use super::render::Target;

/// Where a call to `origin` connects to; `None` where that is neither the target nor a companion.
pub(crate) fn of(target: &Target, origin: &str, values: &Values) -> Option<String> {
    let (host, port) = parts(origin)?;
    let companion = |(name, value): (&str, &str)| {
        let name = name
            .strip_prefix("service.")
            .and_then(|n| n.rsplit_once('.'));
        name.is_some_and(|(_, part)| part == "port") && value == port.to_string()
    };
    if values.iter().any(companion) {
        return Some(origin.to_owned());
    }
    let (_, listens) = parts(&target.base)?;
    let named = names(target).iter().any(|name| is_below(&host, name));
    (port == listens || named).then(|| target.base.clone())
}

/// The target's own host, and what its tenants' hosts have in common.
fn names(target: &Target) -> Vec<String> {
    let mut names: Vec<String> = parts(&target.base).map(|(h, _)| h).into_iter().collect();
    if let Addressing::Host { template } = &target.addressing {
        let (host, port) = match authority(template).rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority(template), None),
        };
        let labels = host.split('.').filter(|label| !label.contains('{'));
        let common = labels.collect::<Vec<_>>().join(".");
        // Behind a port of their own, names alone say nothing: everything is `localhost` there.
        names.extend((port.is_none() && !common.is_empty()).then_some(common));
    }
    // Many programs share the loopback: there the port decides.
    names.retain(|name| !(name == "localhost" || name.starts_with("127.") || name == "[::1]"));
    names
}

fn is_below(host: &str, name: &str) -> bool {
    host == name || host.strip_suffix(name).is_some_and(|h| h.ends_with('.'))
}

fn parts(url: &str) -> Option<(String, u16)> {
    let url = url::Url::parse(url).ok()?;
    Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::testing::{by_host, target};

    fn base(origin: &str) -> Option<String> {
        let target = target("", by_host());
        let values = target.values.clone().with("service.idp.port", "9001");
        of(&target, origin, &values)
    }

    #[test]
    fn a_call_goes_to_the_target_by_any_name_or_to_a_companion() {
        let own = Some("http://127.0.0.1:8080".to_owned());
        for origin in [
            "http://localhost:8080",
            "http://acme.localhost:8080",
            "http://app.test:8080",
        ] {
            assert_eq!(base(origin), own, "{origin}");
        }
        assert_eq!(
            base("http://127.0.0.1:9001").as_deref(),
            Some("http://127.0.0.1:9001")
        );
        for origin in [
            "http://127.0.0.1:9002",
            "https://idp.example.com",
            "http://localhost",
        ] {
            assert_eq!(base(origin), None, "{origin}");
        }
    }

    #[test]
    fn hosts_without_a_port_are_known_by_name() {
        let addressing = Addressing::Host {
            template: "http://{slug}.app.test".to_owned(),
        };
        let target = target("", addressing);
        let base = |origin| of(&target, origin, &target.values);
        assert!(base("http://app.test").is_some() && base("https://acme.app.test").is_some());
        assert!(base("http://notapp.test").is_none());
    }
}
