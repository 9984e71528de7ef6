//! `browser.in-turn`: two people at two devices, one after the other.

use super::cast::{Cast, called};
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// Members of two tenants look at all pages, one after the other, each at a device of their own.
pub struct InTurn;

impl Attack for InTurn {
    fn id(&self) -> &'static str {
        "browser.in-turn"
    }

    fn title(&self) -> &'static str {
        "members of two tenants look at all pages, one after the other, each at a device of their own"
    }

    fn doc(&self) -> &'static str {
        "\
A member of one tenant logs in and looks at every page; then a member of another does, at another device. Nothing of the \
first may stand in what the second is shown or in what that device keeps.

Finds what the server itself hands to the next visitor: a module-level store that is written while a page is rendered, a \
page cached without its tenant.

Example: the dashboard of bolt's admin embeds, as the page's initial state, the newest booking of acme, whose admin \
looked a second before."
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
