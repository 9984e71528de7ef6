//! `browser.switch-tampered`: the switcher, with a value that it does not offer.

use super::Cast;
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// Somebody of two tenants switches to a third, by changing what the page sends.
pub struct SwitchTampered;

const DOC: &str = r"## What it does
A member of two tenants uses the switcher with a third tenant in the place of those that it offers, and opens every page.
Nothing of the third may be shown.

## Why teams fall for it
The list offers only one's own, so what comes back is taken to be one of them (RL-45).

## A correct target
Asks for the membership when the switch is made.

## Example
    POST /switch       with coda's slug, which the form does not offer; the dashboard is coda's then
";

impl Attack for SwitchTampered {
    fn id(&self) -> &'static str {
        "browser.switch-tampered"
    }

    fn title(&self) -> &'static str {
        "somebody of two tenants switches to a third, by changing what the page sends"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn scripts(&self, cast: &Cast<'_>) -> Vec<Script> {
        let mut scripts = Vec::new();
        if let Some(several) = &cast.several
            && let Some(elsewhere) = several.elsewhere
        {
            scripts.push(Script {
                variant: "a third tenant".to_owned(),
                victim: elsewhere.key.clone(),
                actions: vec![
                    Cast::log_in(several.at_home(), cast.meeting_place()),
                    Action::Tour(None),
                    Action::SwitchForged(elsewhere.key.clone()),
                    Action::Tour(None),
                ],
            });
        }
        scripts
    }
}
