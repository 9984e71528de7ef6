//! `browser.switch`: somebody of two tenants switches.

use super::Cast;
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// Somebody of two tenants looks at all pages, keeps a draft, and switches to the other tenant.
pub struct Switch;

const DOC: &str = r"## What it does
A member of two tenants opens every page of one, types something of what it shows into what the browser keeps (`draft`),
switches, and opens every page again. Nothing of the first tenant may be shown in the other. What is kept unseen under a key of
its own tenant is no crossing: the person belongs to both.

## Why teams fall for it
Keys of local storage, of a query cache, of a store lack the tenant, and nothing is cleared on a switch: the server filters
rightly, and the screen shows the old one's (RL-82, RL-83, RL-85).

## A correct target
Puts the tenant into every key, or clears on a switch.

## Example
    GET /drafts        under bolt, after a switch: the list shows the draft that was written under acme
";

impl Attack for Switch {
    fn id(&self) -> &'static str {
        "browser.switch"
    }

    fn title(&self) -> &'static str {
        "somebody of two tenants looks at all pages, keeps a draft, and switches to the other tenant"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn scripts(&self, cast: &Cast<'_>) -> Vec<Script> {
        let several = cast.several.iter();
        let script = several.map(|several| Script {
            variant: "there".to_owned(),
            victim: several.here.key.clone(),
            actions: vec![
                Cast::log_in(several.at_home(), cast.meeting_place()),
                Action::Tour(None),
                Action::Draft,
                Action::Switch(several.there.key.clone()),
                Action::Tour(None),
            ],
        });
        script.collect()
    }
}
