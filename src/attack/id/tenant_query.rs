//! `id.tenant-query`: the victim named as tenant in the query.

use crate::attack::names::{fields, holds};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// The victim named as tenant in the query.
pub(in crate::attack) struct TenantQuery;

/// Names tried alone.
const NAMES: usize = 3;
/// Names tried together.
const TOGETHER: usize = 40;

const DOC: &str = "\
## What it does
Adds the victim's key or slug to the query of the own call, under each of the first three names that this target may use for a
tenant, declared or not, and under all of its names at once; on rows together with the victim's id.

## Why teams fall for it
The parameter was made for operators or for the front end, and replaces the context's tenant for whoever sends it: the client
names the tenant (RL-45), without a header the payload's counts (RL-35), `orgId` is an argument like any other (talawa-api
2009). It stands in no document, so no client sends it.

## A correct target
Ignores it, or refuses what is not the caller's own.

## Example
    GET /users?tenantId=<victim>
    Authorization: Bearer <own token>
";

impl Attack for TenantQuery {
    fn id(&self) -> &'static str {
        "id.tenant-query"
    }

    fn title(&self) -> &'static str {
        "the victim named as tenant in the query"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let names = fields(&ground.facts.tenant_names);
        let base = ground.base();
        let with = |variant: &str, pairs: &[(&str, &str)]| {
            base.clone().titled(variant).each(|mut call| {
                for (name, value) in pairs {
                    call.query.retain(|(n, _)| n != name);
                    call.query.push(((*name).to_owned(), (*value).to_owned()));
                }
                call
            })
        };
        let mut all = Vec::new();
        for name in names.iter().take(ground.afford(NAMES)) {
            for held in holds(name) {
                let variant = format!("{name} {}", held.label());
                all.push(with(&variant, &[(name, held.of(ground.victim))]));
            }
        }
        if names.len() > 1 {
            let value = |name: &str| match holds(name).first() {
                Some(held) => held.of(ground.victim),
                None => &*ground.victim.key,
            };
            let pairs: Vec<_> = names
                .iter()
                .take(TOGETHER)
                .map(|n| (*n, value(n)))
                .collect();
            all.push(with("every name", &pairs));
        }
        all
    }
}
