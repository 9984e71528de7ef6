//! `browser.next-person`: one device, first one person, then another.

use super::{Cast, called};
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// A member of another tenant logs in at the device that somebody has just logged out of.
pub struct NextPerson;

const DOC: &str = r"## What it does
A member of one tenant logs in, opens every page, keeps a draft and logs out; a member of another logs in at the same device and
opens every page. Nothing of the first tenant may be shown, nor be kept where the second can read it: local and session
storage, IndexedDB, cache storage, cookies. Under one shared address both work in one origin; where tenants have hosts, cookies
for the parent domain are what crosses.

## Why teams fall for it
Log-out ends the session and forgets what pages have kept beside it: drafts, a service worker's cache, the list of what was
seen last (RL-83).

## A correct target
Clears what it keeps at log-out, or says `Clear-Site-Data`.

## Example
    GET /dashboard     as bolt's clerk, at the device that acme's has left: the worker's cache holds acme's bookings
";

impl Attack for NextPerson {
    fn id(&self) -> &'static str {
        "browser.next-person"
    }

    fn title(&self) -> &'static str {
        "a member of another tenant logs in at the device that somebody has just logged out of"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn scripts(&self, cast: &Cast<'_>) -> Vec<Script> {
        let script = |at| Script {
            variant: called(at).to_owned(),
            victim: cast.first.tenant.key.clone(),
            actions: vec![
                Cast::log_in(cast.first, at),
                Action::Tour(None),
                Action::Draft,
                Action::LogOut,
                Cast::log_in(cast.second, at),
                Action::Tour(None),
            ],
        };
        let addresses = cast.addresses.iter().copied();
        addresses.filter(|_| cast.leaves).map(script).collect()
    }
}
