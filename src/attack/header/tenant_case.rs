//! `header.tenant-case`: a spoofed tenant header in odd case.

use super::spoofed;
use crate::attack::craft::with_header;
use crate::attack::names::tenant_headers;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// A spoofed tenant header in odd case.
pub(in crate::attack) struct TenantCase;

const DOC: &str = "\
## What it does
Sends the tenant header in lower case, in capitals and in mixed case, with the victim's value.

## Why teams fall for it
Names of headers have no case, but a map in a middleware has: what strips or refuses `X-Tenant-Id` by an exact comparison
lets `x-tEnAnT-iD` through to a handler that looks it up properly (RL-45).

## A correct target
Treats every case alike.

## Example
    GET /services
    Authorization: Bearer <own token>
    x-tEnAnT-iD: <victim>
";

impl Attack for TenantCase {
    fn id(&self) -> &'static str {
        "header.tenant-case"
    }

    fn title(&self) -> &'static str {
        "a spoofed tenant header in odd case"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some((name, held)) = tenant_headers(ground.facts).into_iter().next() else {
            return Vec::new();
        };
        let base = ground.base();
        let mixed: String = name
            .chars()
            .enumerate()
            .map(|(index, c)| {
                if index % 2 == 0 {
                    c.to_ascii_lowercase()
                } else {
                    c.to_ascii_uppercase()
                }
            })
            .collect();
        [
            ("lower case", name.to_ascii_lowercase()),
            ("upper case", name.to_ascii_uppercase()),
            ("mixed case", mixed),
        ]
        .into_iter()
        .map(|(variant, odd)| {
            // One control for all: how the own header is spelt makes no difference to the own call.
            let control = with_header(ground.own_call.clone(), &name, held.of(ground.own));
            spoofed(ground, &base, &[(odd, held)])
                .titled(variant)
                .controlled(control)
        })
        .collect()
    }
}
