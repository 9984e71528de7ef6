//! A desk: who sits at a device, where they work, and what they have seen and filled in there.

use std::collections::BTreeMap;

use crate::browser::Seen;
use crate::engine::lab::Lab;
use crate::model::browsing::{Action, Address};
use crate::model::tenant::{ActorId, TenantKey};

/// Who sits at a device, and where.
#[derive(Clone, Default)]
pub struct Desk {
    /// The person; nobody where absent.
    pub who: Option<ActorId>,
    /// The tenant that the person works in.
    pub active: Option<TenantKey>,
    /// Under which address.
    pub at: Option<Address>,
    /// A value that only the active tenant's rows hold, as the page showed it.
    pub noted: Option<String>,
    /// The tab in front.
    pub tab: usize,
    /// Which form stands filled in in which tab, and for which tenant.
    pub filled: BTreeMap<usize, (usize, TenantKey)>,
    /// Whether there is no network.
    pub offline: bool,
}

impl Desk {
    /// Whether an action makes no sense now: without a network nobody logs in, out, or switches; who is logged in does not log in
    /// again, and who is not has nothing to leave.
    pub fn cannot(&self, action: &Action) -> bool {
        match action {
            Action::LogIn { .. } => self.offline || self.who.is_some(),
            Action::LogOut
            | Action::Switch(_)
            | Action::SwitchForged(_)
            | Action::Draft
            | Action::Fill(_)
            | Action::Submit(_) => self.offline || self.who.is_none(),
            _ => false,
        }
    }
}

/// A value of the active tenant's rows that the page shows: text, no key.
pub fn noted(lab: &Lab<'_>, seen: &Seen, active: &TenantKey) -> Option<String> {
    let shown = seen.page["text"].as_str()?;
    let hits = lab.knowledge.canaries.scan(shown.as_bytes());
    let own = hits.iter().flat_map(|h| h.provenance).find(|p| {
        let table = lab.knowledge.schema.table(p.row.table);
        p.row.table != lab.knowledge.ownership.tenants
            && Some(p.row.table) != lab.knowledge.ownership.users
            && !table.is_key(p.column)
            && p.owners.includes(active)
            && p.owners.0.len() == 1
    });
    own.map(|p| p.value.clone())
}
