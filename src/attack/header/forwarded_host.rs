//! `header.forwarded-host`: the victim's host in a forwarding header.

use super::with_all;
use crate::attack::Facts;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::tenant::Tenant;

/// The victim's host in a forwarding header.
pub(in crate::attack) struct ForwardedHost;

/// The headers, likeliest first.
const NAMES: &[&str] = &[
    "X-Forwarded-Host",
    "Forwarded",
    "X-Host",
    "X-Original-Host",
    "X-Forwarded-Server",
];

const DOC: &str = "\
## What it does
Leaves `Host` the attacker's own and names the victim's host in `X-Forwarded-Host`, `Forwarded`, `X-Host`, `X-Original-Host`,
`X-Forwarded-Server`; in `X-Forwarded-Host` also behind and before the own one; and in all of them at once. The control names
the own host.

## Why teams fall for it
Behind a proxy the real host is in the header, so the resolver prefers it; the gate that compares host and token reads `Host`
(RL-46). In front of the proxy anybody may set it. Caches key by the one and serve the other (RL-53).

## A correct target
Believes forwarding headers from its own proxy alone.

## Example
    GET /services
    Host: own.example.com
    X-Forwarded-Host: victim.example.com
    Authorization: Bearer <own token>
";

impl Attack for ForwardedHost {
    fn id(&self) -> &'static str {
        "header.forwarded-host"
    }

    fn title(&self) -> &'static str {
        "the victim's host in a forwarding header"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let facts = ground.facts;
        if !facts.tenant_in_host && facts.host_template.is_none() {
            return Vec::new();
        }
        let own = host(facts, ground.own);
        let victim = host(facts, ground.victim);
        let base = ground.base();
        let attempt = |variant: &str, hostile: Headers, control: Headers| {
            base.clone()
                .titled(variant)
                .each(|call| with_all(call, &hostile))
                .controlled(with_all(ground.own_call.clone(), &control))
        };
        let mut all: Vec<_> = NAMES
            .iter()
            .take(ground.afford(NAMES.len()))
            .map(|name| {
                let variant = name.to_ascii_lowercase();
                attempt(
                    &variant,
                    vec![naming(name, &victim)],
                    vec![naming(name, &own)],
                )
            })
            .collect();
        for (variant, list) in [
            (
                "x-forwarded-host own then victim",
                format!("{own}, {victim}"),
            ),
            (
                "x-forwarded-host victim then own",
                format!("{victim}, {own}"),
            ),
        ] {
            let control = format!("{own}, {own}");
            let with = |list: &str| vec![naming("X-Forwarded-Host", list)];
            all.push(attempt(variant, with(&list), with(&control)));
        }
        let every = |host: &str| NAMES.iter().map(|name| naming(name, host)).collect();
        all.push(attempt("every name", every(&victim), every(&own)));
        all
    }
}

type Headers = Vec<(String, String)>;

/// The header with that host in its own form.
fn naming(name: &str, host: &str) -> (String, String) {
    let value = if name == "Forwarded" {
        format!("for=127.0.0.1;host={host};proto=http")
    } else {
        host.to_owned()
    };
    (name.to_owned(), value)
}

/// A tenant's host without port; below `localhost` where nothing better is known.
fn host(facts: &Facts, tenant: &Tenant) -> String {
    facts
        .host_template
        .as_deref()
        .unwrap_or("{slug}.localhost")
        .replace("{slug}", &tenant.slug)
        .replace("{key}", &tenant.key)
}
