//! `browser.back`: back after log-out.

use super::cast::{Cast, called};
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// Somebody logs out, and whoever comes next goes back.
pub struct Back;

impl Attack for Back {
    fn id(&self) -> &'static str {
        "browser.back"
    }

    fn title(&self) -> &'static str {
        "somebody logs out, and whoever comes next goes back"
    }

    fn doc(&self) -> &'static str {
        "\
A member logs in, looks at every page and logs out; then the back button is pressed, several times. Nobody is logged in: \
no page of the tenant may show again, neither from the browser's cache of pages nor from its cache of answers.

Example: the booking list is sent without `no-store`, and the back button shows it to whoever uses the device next."
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn scripts(&self, cast: &Cast<'_>) -> Vec<Script> {
        /// So many pages back.
        const STEPS: usize = 3;
        let script = |at| {
            let mut actions = vec![
                Cast::log_in(cast.first, at),
                Action::Tour(None),
                Action::LogOut,
            ];
            actions.extend(vec![Action::Back; STEPS]);
            Script {
                variant: called(at).to_owned(),
                victim: cast.first.tenant.key.clone(),
                actions,
            }
        };
        let addresses = cast.addresses.iter().copied();
        addresses.filter(|_| cast.leaves).map(script).collect()
    }
}
