//! `browser.back`: back after log-out.

use super::{Cast, called};
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// Somebody logs out, and whoever comes next goes back.
pub struct Back;

const DOC: &str = r"## What it does
A member logs in, opens every page and logs out; then the back button is pressed, several times. Nobody is logged in: no page
of the tenant may show again, from the browser's cache of pages or of answers.

## Why teams fall for it
Pages are sent without `no-store`, and nobody tries the back button after log-out
(no entry among the real leaks: a known hazard).

## A correct target
Sends pages with `Cache-Control: no-store`, and loads them anew where the browser shows a kept one.

## Example
    GET /bookings      from the browser's cache, by the back button, after log-out
";

impl Attack for Back {
    fn id(&self) -> &'static str {
        "browser.back"
    }

    fn title(&self) -> &'static str {
        "somebody logs out, and whoever comes next goes back"
    }

    fn doc(&self) -> &'static str {
        DOC
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
