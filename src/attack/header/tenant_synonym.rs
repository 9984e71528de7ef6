//! `header.tenant-synonym`: a spoofed tenant header under other names.

use super::spoofed;
use crate::attack::Facts;
use crate::attack::names::{
    Holds, distinct, header_case, holds, is_declared, noun, tenant_headers, words,
};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// A spoofed tenant header under other names.
pub(in crate::attack) struct TenantSynonym;

/// Names tried alone.
const SINGLES: usize = 8;
/// Other nouns than the target's own.
const NOUNS: usize = 4;
/// Names tried together.
const TOGETHER: usize = 56;

const DOC: &str = "\
## What it does
Names the victim in headers that `header.tenant` leaves out: `X-Tenant`, `Tenant-Id`, `tenant_id`, the other nouns that this
target may use (`X-Org-Id`, at most four), and all of them in one call.

## Why teams fall for it
The gate knows one name and the handler reads another: an old client's, a gateway's, one with underscores that the server
folds into the same variable (RL-45). A list of forbidden names is never complete.

## A correct target
Reads no tenant from any header that a client can set.

## Example
    GET /services
    Authorization: Bearer <own token>
    X-Org-Id: <victim>
";

impl Attack for TenantSynonym {
    fn id(&self) -> &'static str {
        "header.tenant-synonym"
    }

    fn title(&self) -> &'static str {
        "a spoofed tenant header under other names"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let singles = singles(ground.facts);
        let mut sets: Vec<_> = singles
            .iter()
            .take(ground.afford(SINGLES))
            .map(|header| {
                let variant = format!("{} {}", header.0.to_ascii_lowercase(), header.1.label());
                (variant, vec![header.clone()])
            })
            .collect();
        let everything = everything(ground.facts);
        if everything.len() > 1 {
            sets.push(("every name".to_owned(), everything));
        }
        let base = ground.base();
        sets.iter()
            .map(|(variant, headers)| spoofed(ground, &base, headers).titled(variant))
            .collect()
    }
}

/// The own noun in other forms, then other nouns.
fn singles(facts: &Facts) -> Vec<(String, Holds)> {
    let Some(own) = facts.tenant_names.first().and_then(|name| noun(name)) else {
        return Vec::new();
    };
    let header = header_case(&own);
    let mut all = vec![
        (format!("X-{header}"), Holds::Key),
        (format!("X-{header}"), Holds::Slug),
        (format!("{header}-Id"), Holds::Key),
        (format!("{}_id", words(&own).join("_")), Holds::Key),
    ];
    let mut nouns = vec![own];
    for name in distinct(&facts.tenant_names) {
        let Some(noun) = noun(name).filter(|noun| !nouns.contains(noun)) else {
            continue;
        };
        if nouns.len() <= NOUNS {
            all.push((format!("X-{}-Id", header_case(&noun)), Holds::Key));
        }
        nouns.push(noun);
    }
    all.retain(|(name, _)| !is_declared(facts, name));
    all
}

/// Every name with and without `X-`, each with what it holds.
fn everything(facts: &Facts) -> Vec<(String, Holds)> {
    let mut all = tenant_headers(facts);
    for name in distinct(&facts.tenant_names) {
        let held = holds(name).first().copied().unwrap_or(Holds::Key);
        let header = header_case(name);
        for name in [format!("X-{header}"), header] {
            if all.iter().all(|(n, _)| *n != name) {
                all.push((name, held));
            }
        }
    }
    all.retain(|(name, _)| !is_declared(facts, name));
    all.truncate(TOGETHER);
    all
}
