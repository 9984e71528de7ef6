//! `browser.offline`: pages without a network, after a switch.

use super::Cast;
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// Somebody of two tenants switches, loses the network, and opens the pages.
pub struct Offline;

const DOC: &str = r"## What it does
A member of two tenants opens every page of one, switches, opens one page of the other, and loses the network. Then every page is
opened: what a service worker answers from its cache may be what was kept under the tenant that is active now, and nothing of
the one before.

## Why teams fall for it
The worker's cache is keyed by the path, which is the same in every tenant (RL-82).

## A correct target
Keeps a cache a tenant, or drops it on a switch.

## Example
    GET /bookings      without a network, under bolt: the worker answers with acme's
";

impl Attack for Offline {
    fn id(&self) -> &'static str {
        "browser.offline"
    }

    fn title(&self) -> &'static str {
        "somebody of two tenants switches, loses the network, and opens the pages"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn scripts(&self, cast: &Cast<'_>) -> Vec<Script> {
        let several = cast.several.iter();
        let script = several.map(|several| {
            let page = |page| Action::Open { page, tenant: None };
            let mut actions = vec![
                Cast::log_in(several.at_home(), cast.meeting_place()),
                Action::Tour(None),
                Action::Switch(several.there.key.clone()),
                page(0),
                Action::Offline,
            ];
            actions.extend((0..cast.pages).map(page));
            actions.push(Action::Online);
            Script {
                variant: "after a switch".to_owned(),
                victim: several.here.key.clone(),
                actions,
            }
        });
        script.collect()
    }
}
