//! `browser.next-person`: one device, first one person, then another.

use super::cast::{Cast, called};
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// A member of another tenant logs in at the device that somebody has just logged out of.
pub struct NextPerson;

impl Attack for NextPerson {
    fn id(&self) -> &'static str {
        "browser.next-person"
    }

    fn title(&self) -> &'static str {
        "a member of another tenant logs in at the device that somebody has just logged out of"
    }

    fn doc(&self) -> &'static str {
        "\
A member of one tenant logs in, looks at every page, keeps a draft and logs out; a member of another logs in at the same \
device and looks at every page. Nothing of the first tenant may be shown, nor may it be kept where the second person can \
read it: local and session storage, IndexedDB, cache storage, cookies.

Under a shared address both work in one origin; under addresses of their own it is cookies for the parent domain that \
cross.

Example: after log-out the service worker's cache still holds acme's bookings, and bolt's clerk opens the browser's \
storage."
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
