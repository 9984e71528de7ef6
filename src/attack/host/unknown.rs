//! `host.unknown`: the address of a tenant that nobody is.

use super::addressed_exactly;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Call, HostTampering};

/// The address of a tenant that nobody is.
pub(in crate::attack) struct Unknown;

/// A tenant that nobody is.
const NOBODY: &str = "no-such-tenant";

const DOC: &str = "\
## What it does
Addresses a tenant that does not exist, by host, path segment or declared header, with own ids or with foreign ones.

## Why teams fall for it
The look-up finds nothing, and the error path goes on without a tenant, or with the first or the default one: no tenant, null
or zero means all (RL-08, RL-26).

## A correct target
Refuses, or serves the token's tenant.

## Example
    GET /services
    Host: no-such-tenant.example.com
    Authorization: Bearer <own token>
";

impl Attack for Unknown {
    fn id(&self) -> &'static str {
        "host.unknown"
    }

    fn title(&self) -> &'static str {
        "the address of a tenant that nobody is"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if ground.facts.tenant_in_host {
            let unknown = |mut call: Call| {
                call.tampering.host = Some(HostTampering::Unknown);
                call
            };
            return vec![ground.base().titled("unknown").each(unknown)];
        }
        let nobody = ground
            .slots
            .iter()
            .find(|slot| slot.is_tenant)
            .and_then(|slot| slot.missing.first())
            .map_or(NOBODY, String::as_str);
        let Some(unknown) = addressed_exactly(ground, nobody) else {
            return Vec::new();
        };
        vec![ground.base().titled("unknown").each(unknown)]
    }
}
