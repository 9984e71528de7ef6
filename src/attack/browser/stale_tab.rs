//! `browser.stale-tab`: a form filled in before a switch in another tab.

use super::Cast;
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// Somebody fills in a form, switches in another tab, and sends the form.
pub struct StaleTab;

const DOC: &str = r"## What it does
A member of two tenants fills in a form of one, switches in another tab of the same browser, and sends the form, which still
shows the first tenant. What it stores may not land in the other: judged by the rows that change.

## Why teams fall for it
The session says where a write goes, the page says where it seems to go, and only one of them has changed (RL-84, RL-85).

## A correct target
Sends along which tenant the form was made for, and refuses it in another.

## Example
    POST /tasks        from a page of acme's, after a switch in another tab: the task stands in bolt's list
";

impl Attack for StaleTab {
    fn id(&self) -> &'static str {
        "browser.stale-tab"
    }

    fn title(&self) -> &'static str {
        "somebody fills in a form, switches in another tab, and sends the form"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn scripts(&self, cast: &Cast<'_>) -> Vec<Script> {
        let mut scripts = Vec::new();
        if let Some(several) = &cast.several {
            scripts.extend((0..cast.writes).map(|form| Script {
                variant: format!("form {}", form + 1),
                victim: several.there.key.clone(),
                actions: vec![
                    Cast::log_in(several.at_home(), cast.meeting_place()),
                    Action::Tour(None),
                    // What shows that it stores something at all.
                    Action::Fill(form),
                    Action::Submit(form),
                    Action::Fill(form),
                    Action::Tab(1),
                    Action::Open {
                        page: 0,
                        tenant: None,
                    },
                    Action::Switch(several.there.key.clone()),
                    Action::Tour(None),
                    Action::Tab(0),
                    Action::Submit(form),
                ],
            }));
        }
        scripts
    }
}
