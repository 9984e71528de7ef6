//! `header.tenant`: a spoofed tenant header.

use super::spoofed;
use crate::attack::names::tenant_headers;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// A spoofed tenant header.
pub(in crate::attack) struct TenantHeader;

const DOC: &str = "\
## What it does
Adds a header that names the victim as tenant, by the target's own noun: `X-Tenant-Id` with the key, `X-Tenant-Slug` with the
slug, and both. On lists and creates on top of the own call, on rows together with the victim's id. The control is the same
header with the own tenant.

## Why teams fall for it
A gateway or middleware sets the header after checking, and the handler trusts it; the first request that reaches the handler
another way brings its own (RL-45). The front end always sends the right one.

## A correct target
Strips or refuses such headers from outside, and takes the tenant from host and session.

## Example
    GET /services
    Host: own.example.com
    Authorization: Bearer <own token>
    X-Tenant-Id: <victim>
";

impl Attack for TenantHeader {
    fn id(&self) -> &'static str {
        "header.tenant"
    }

    fn title(&self) -> &'static str {
        "a spoofed tenant header"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let names = tenant_headers(ground.facts);
        let mut sets: Vec<_> = names
            .iter()
            .map(|header| (header.0.to_ascii_lowercase(), vec![header.clone()]))
            .collect();
        if names.len() > 1 {
            sets.push(("both".to_owned(), names));
        }
        let mut all = Vec::new();
        for base in ground.bases() {
            for (variant, headers) in &sets {
                all.push(spoofed(ground, &base, headers).titled(variant));
            }
        }
        all
    }
}
