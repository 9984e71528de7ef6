//! `host.shape`: the victim's address in another spelling, with own credentials.

use super::addressed_exactly;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Call, HostShape, HostTampering};
use crate::model::tenant::{Tenant, TenantKey};

/// The victim's address in another spelling, with own credentials.
pub(in crate::attack) struct Shape;

/// The shapes of the victim's host, likeliest first; whether the own host in that shape is a control.
const SHAPES: &[(&str, HostShape, bool)] = &[
    ("upper case", HostShape::UpperCase, true),
    ("trailing dot", HostShape::TrailingDot, true),
    ("nested", HostShape::Nested, false),
    ("nested reverse", HostShape::NestedReverse, false),
    ("other port", HostShape::OtherPort, true),
];

/// The shapes of the own host.
const OWN_SHAPES: &[(&str, HostShape)] = &[
    ("own host, trailing dot", HostShape::TrailingDot),
    ("own host, upper case", HostShape::UpperCase),
];

const DOC: &str = "\
## What it does
Writes the victim's host with a trailing dot, in capitals, with another port, and nested with the own label on either side;
a path segment or declared header in capitals, by key where the slug is usual and the reverse. Also the *own* host with a
trailing dot and in capitals, for which a target may find no tenant at all. What changes data tries half of them.

## Why teams fall for it
The gate compares the host as text, and the resolver behind it takes it apart: one lower-cases, strips the port, or takes
the first label, the other does not. A tenant that is not found is no tenant, and no tenant means no filter (RL-08).

## A correct target
Normalises once, at the gate, and everything behind it uses the result.

## Example
    GET /services
    Host: VICTIM.example.com
    Authorization: Bearer <own token>
";

impl Attack for Shape {
    fn id(&self) -> &'static str {
        "host.shape"
    }

    fn title(&self) -> &'static str {
        "the victim's address in another spelling, with own credentials"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let facts = ground.facts;
        let mut all = Vec::new();
        if facts.tenant_in_host {
            all.extend(victim_hosts(ground));
            all.extend(own_hosts(ground));
        } else if facts.tenant_in_path.is_some() || facts.tenant_in_header.is_some() {
            all.extend(spelt(ground));
        }
        all
    }
}

fn with_host(mut call: Call, tenant: &TenantKey, shape: HostShape) -> Call {
    call.tampering.host = Some(HostTampering::Tenant {
        tenant: tenant.clone(),
        shape,
    });
    call
}

/// The call with the own tenant's address but for the host: what is nested is the own label.
fn at_home(ground: &Ground<'_>, mut call: Call) -> Call {
    call.tenant.clone_from(&ground.own_call.tenant);
    call.tampering.keep_home_credentials = false;
    call
}

fn victim_hosts(ground: &Ground<'_>) -> Vec<Attempt> {
    SHAPES
        .iter()
        .take(ground.afford(SHAPES.len()))
        .map(|(variant, shape, has_control)| {
            let attempt = ground
                .as_victim()
                .named(*variant)
                .each(|call| with_host(at_home(ground, call), &ground.victim.key, *shape));
            if *has_control {
                let control = with_host(ground.own_call.clone(), &ground.own.key, *shape);
                attempt.controlled(control)
            } else {
                attempt
            }
        })
        .collect()
}

fn own_hosts(ground: &Ground<'_>) -> Vec<Attempt> {
    OWN_SHAPES
        .iter()
        .take(ground.afford(OWN_SHAPES.len()))
        .map(|(variant, shape)| {
            ground
                .base()
                .named(*variant)
                .each(|call| with_host(call, &ground.own.key, *shape))
        })
        .collect()
}

/// A way to write the address of a tenant: from what addresses it, and the tenant itself.
type Spelling = fn(&str, &Tenant) -> String;

/// Spellings of a path segment or header.
const SPELLINGS: &[(&str, Spelling)] = &[
    ("upper case", |usual, _| usual.to_uppercase()),
    ("slug", |_, tenant| tenant.slug.clone()),
    ("key", |_, tenant| tenant.key.to_string()),
    ("trailing blank", |usual, _| format!("{usual} ")),
];

/// The path segment or header in other spellings than the usual one.
fn spelt(ground: &Ground<'_>) -> Vec<Attempt> {
    let slot = ground
        .slots
        .iter()
        .find(|s| s.is_address(ground.facts.tenant_in_path.as_ref()));
    let usual = |tenant: &Tenant| {
        let side = slot.map(|s| {
            if tenant == ground.own {
                &s.own
            } else {
                &s.foreign
            }
        });
        let value = side.and_then(|values| values.first());
        value.map_or_else(|| tenant.slug.clone(), |(value, _)| value.clone())
    };
    let (own, victim) = (usual(ground.own), usual(ground.victim));
    SPELLINGS
        .iter()
        .filter_map(|(variant, spell)| {
            let text = spell(&victim, ground.victim);
            let hostile = addressed_exactly(ground, &text)?;
            let control = addressed_exactly(ground, &spell(&own, ground.own))?;
            let attempt = ground.as_victim().named(*variant).each(&hostile);
            (text != victim).then(|| attempt.controlled(control(ground.own_call.clone())))
        })
        .take(ground.afford(SPELLINGS.len()))
        .collect()
}
