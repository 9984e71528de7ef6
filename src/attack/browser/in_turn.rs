//! `browser.in-turn`: two people at two devices, one after the other.

use super::{Cast, called};
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// Members of two tenants look at all pages, one after the other, each at a device of their own.
pub struct InTurn;

const DOC: &str = r"## What it does
A member of one tenant logs in and opens every page; then a member of another does, at a device of their own. Nothing of the
first may stand in what the second is shown, in the answers behind the page, or in what that device keeps. Tried under each address that the description names.

## Why teams fall for it
A store at the module's level is written while a page is rendered, and read while the next one is: right for one visitor, and
for tests, which are one visitor (RL-86). Or a page is cached without its tenant.

## A correct target
Renders each page from the request alone.

## Example
    GET /dashboard     as bolt's admin, a second after acme's: the initial state holds acme's newest booking
";

impl Attack for InTurn {
    fn id(&self) -> &'static str {
        "browser.in-turn"
    }

    fn title(&self) -> &'static str {
        "members of two tenants look at all pages, one after the other, each at a device of their own"
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
                Action::Device(0),
                Cast::log_in(cast.first, at),
                Action::Tour(None),
                Action::Device(1),
                Cast::log_in(cast.second, at),
                Action::Tour(None),
            ],
        };
        cast.addresses.iter().copied().map(script).collect()
    }
}
