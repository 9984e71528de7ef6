//! Whom partywall may call: loopback, and hosts that the description allows. Nothing else, ever.

use std::net::IpAddr;

/// Whether a host may be called: named in `allow_hosts`, or every address of it is loopback.
pub async fn allowed(host: &str, allow_hosts: &[String]) -> bool {
    if listed(host, allow_hosts) || is_local_name(host) {
        return true;
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return address.is_loopback();
    }
    match tokio::net::lookup_host((bare, 0)).await {
        Ok(addresses) => {
            let all: Vec<_> = addresses.collect();
            !all.is_empty() && all.iter().all(|a| a.ip().is_loopback())
        }
        Err(_) => false,
    }
}

/// Whether the description names it.
pub fn listed(host: &str, allow_hosts: &[String]) -> bool {
    allow_hosts.iter().any(|h| h.eq_ignore_ascii_case(host))
}

/// `localhost` and names below it are loopback by RFC 6761, whatever a resolver says.
pub fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_loopback_and_named_hosts_pass() {
        let named = ["staging.example.com".to_owned()];
        for host in [
            "127.0.0.1",
            "127.8.9.1",
            "::1",
            "[::1]",
            "localhost",
            "acme.localhost",
            "Staging.example.com",
        ] {
            assert!(allowed(host, &named).await, "{host}");
        }
        for host in [
            "192.0.2.1",
            "10.0.0.1",
            "0.0.0.0",
            "169.254.169.254",
            "localhost.example.invalid",
            "no-such-host.invalid",
        ] {
            assert!(!allowed(host, &named).await, "{host}");
        }
    }
}
