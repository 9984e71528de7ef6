//! `host.left-out`: no tenant header where one is declared.

use crate::attack::craft::with_header;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// No tenant header where one is declared.
pub(in crate::attack) struct LeftOut;

const DOC: &str = "\
## What it does
Where calls name their tenant in a header, leaves it out, sends it empty, and sends it as `null`: on the own call, and with
foreign ids.

## Why teams fall for it
With the header all is right: leave it out, and actions take the tenant from the payload (RL-35), or a missing value means no
filter at all (RL-08).

## A correct target
Refuses, or takes the tenant from the session.

## Example
    GET /services                 without X-Org
    Authorization: Bearer <own token>
";

impl Attack for LeftOut {
    fn id(&self) -> &'static str {
        "host.left-out"
    }

    fn title(&self) -> &'static str {
        "no tenant header where one is declared"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(header) = &ground.facts.tenant_in_header else {
            return Vec::new();
        };
        let empty = [
            ("missing", None),
            ("empty", Some("")),
            ("null", Some("null")),
        ];
        empty
            .into_iter()
            .take(ground.afford(empty.len()))
            .map(|(variant, value)| {
                ground.base().titled(variant).each(|mut call| {
                    call.tenant = None;
                    match value {
                        Some(value) => with_header(call, header, value),
                        None => call,
                    }
                })
            })
            .collect()
    }
}
