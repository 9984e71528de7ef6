//! `browser.switch`: somebody of two tenants switches.

use super::cast::Cast;
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// Somebody of two tenants looks at all pages, keeps a draft, and switches to the other tenant.
pub struct Switch;

impl Attack for Switch {
    fn id(&self) -> &'static str {
        "browser.switch"
    }

    fn title(&self) -> &'static str {
        "somebody of two tenants looks at all pages, keeps a draft, and switches to the other tenant"
    }

    fn doc(&self) -> &'static str {
        "\
A member of two tenants looks at every page of one, types something of what it shows into what the browser keeps (a draft, \
an offline note), switches, and looks at every page again. Nothing of the first tenant may be shown in the other: the \
person may see it, but a screen that says bolt and shows acme is how rows end up with the wrong tenant.

What is kept unseen, under a key of its tenant, is no crossing: the person belongs to both.

Example: the draft list under bolt shows the draft written under acme, since its key in local storage has no tenant."
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
