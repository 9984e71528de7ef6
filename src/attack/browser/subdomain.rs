//! `browser.subdomain`: another tenant's address in the address bar.

use super::Cast;
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// A member of one tenant types another tenant's address.
pub struct Subdomain;

const DOC: &str = r"## What it does
Where each tenant has a host of its own: a member logs in at its tenant's, and opens every page at another's. Whatever the
browser sends along there, nothing of the other tenant may be shown.

## Why teams fall for it
One log-in is good for all subdomains, and a page takes the tenant from the host and the person from the session, without
comparing them (RL-46).

## A correct target
Compares the two, and sends the visitor home.

## Example
    GET /bookings      at bolt's address, logged in at acme's: bolt's bookings
";

impl Attack for Subdomain {
    fn id(&self) -> &'static str {
        "browser.subdomain"
    }

    fn title(&self) -> &'static str {
        "a member of one tenant types another tenant's address"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn scripts(&self, cast: &Cast<'_>) -> Vec<Script> {
        let at = crate::model::browsing::Address::Own;
        let script = Script {
            variant: "another tenant's address".to_owned(),
            victim: cast.second.tenant.key.clone(),
            actions: vec![
                Action::Device(1),
                Cast::log_in(cast.second, at),
                Action::Tour(None),
                Action::Device(0),
                Cast::log_in(cast.first, at),
                Action::Tour(None),
                Action::Tour(Some(cast.second.tenant.key.clone())),
            ],
        };
        if cast.own_hosts {
            vec![script]
        } else {
            Vec::new()
        }
    }
}
