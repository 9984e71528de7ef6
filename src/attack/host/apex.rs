//! `host.apex`: no tenant in the host.

use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::HostTampering;

/// No tenant in the host.
pub(in crate::attack) struct Apex;

const DOC: &str = "\
## What it does
Sends the own call, and the one with foreign ids, to the domain without a tenant's label and to the bare address.

## Why teams fall for it
Without a label there is no tenant, and no tenant means no filter (RL-08): an undefined value falls out of the WHERE. The apex
serves the marketing pages and the operators' console, whose middleware asks for less.

## A correct target
Serves no tenant's data there, or that of the token's tenant.

## Example
    GET /services
    Host: example.com
    Authorization: Bearer <own token>
";

impl Attack for Apex {
    fn id(&self) -> &'static str {
        "host.apex"
    }

    fn title(&self) -> &'static str {
        "no tenant in the host"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !ground.facts.tenant_in_host {
            return Vec::new();
        }
        let hosts = [
            ("apex", HostTampering::Apex),
            ("bare address", HostTampering::Exact("127.0.0.1".to_owned())),
        ];
        hosts
            .into_iter()
            .map(|(variant, host)| {
                ground.base().titled(variant).each(|mut call| {
                    call.tampering.host = Some(host.clone());
                    call
                })
            })
            .collect()
    }
}
