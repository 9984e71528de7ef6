//! `browser.stale-tab`: a form filled in before a switch in another tab.

use super::cast::Cast;
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// Somebody fills in a form, switches in another tab, and sends the form.
pub struct StaleTab;

impl Attack for StaleTab {
    fn id(&self) -> &'static str {
        "browser.stale-tab"
    }

    fn title(&self) -> &'static str {
        "somebody fills in a form, switches in another tab, and sends the form"
    }

    fn doc(&self) -> &'static str {
        "\
A member of two tenants fills in a form under one of them, switches in another tab of the same browser, and sends the \
form, which still shows the first tenant. What it stores may not land in the other.

Judged by the rows that change, as the database reports them.

Example: the task that was written under acme stands in bolt's list."
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
