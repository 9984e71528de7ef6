//! A desk: who sits at a device, where they work, and what they have seen and filled in there.

use std::collections::BTreeMap;

use crate::browser::Seen;
use crate::engine::lab::Lab;
use crate::model::browsing::{Action, Address};
use crate::model::knowledge::Knowledge;
use crate::model::tenant::{ActorId, TenantKey};
use crate::model::verdict::Provenance;

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
    let mut found = hits.iter().flat_map(|h| h.provenance);
    let own = found.find(|p| is_data_of(&lab.knowledge, p, active));
    own.map(|p| p.value.clone())
}

/// Whether a value is data of this tenant alone: no key, no name of a person or a tenant, which a page may show to whoever
/// failed to log in.
pub fn is_data_of(knowledge: &Knowledge, value: &Provenance, tenant: &TenantKey) -> bool {
    let table = knowledge.schema.table(value.row.table);
    value.row.table != knowledge.ownership.tenants
        && Some(value.row.table) != knowledge.ownership.users
        && !table.is_key(value.column)
        && value.owners.includes(tenant)
        && value.owners.0.len() == 1
}
