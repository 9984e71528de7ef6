//! Attacks: named ways to turn legitimate calls into calls that reach for another tenant. One file an attack (or one
//! family of variants), one registry.
//!
//! How many calls a sweep makes is bounded here, not by the engine: lists of names, values and spellings are cut (each
//! file says where), most likely first, and what changes data tries fewer spellings than what reads. A route gets some
//! 80 to 225 attempts over all families; a test holds the ceiling ([`MOST_ATTEMPTS`]).

mod absent;
mod assign;
mod body;
mod browser;
mod bulk;
mod cookie;
mod craft;
mod export;
mod filter;
mod header;
mod host;
mod id;
mod leaks;
mod names;
mod path;
mod plain;
mod registry;
mod schema;
mod session;
mod shape;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod token;

pub use browser::{Cast, Person, Several};
pub use leaks::{REAL_LEAKS, RealLeak};
pub use plain::{page_size, with_query};
pub use registry::{ATTACKS, find};

pub use crate::model::facts::{Absent, Facts, Slot};

use crate::model::browsing::Script;
use crate::model::call::{Call, SlotRef};
use crate::model::route::{Place, Route};
use crate::model::rows::RowRef;
use crate::model::tenant::{Actor, Tenant};

/// The most attempts that all attacks together make on one route, for one attacker and one victim.
pub const MOST_ATTEMPTS: usize = 225;

/// Where a crossing points to when it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The route's own handler: one finding a route.
    Handler,
    /// What stands before all handlers: one finding where it shows on many routes.
    Middleware,
}

/// A named way to reach for another tenant.
pub trait Attack: Sync {
    /// Its id, `family.name`.
    fn id(&self) -> &'static str;

    /// What it does, in one line.
    fn title(&self) -> &'static str;

    /// Its page for `partywall explain`.
    fn doc(&self) -> &'static str;

    /// Where a crossing points to.
    fn scope(&self) -> Scope;

    /// The attempts that it makes on this ground; none where it does not apply. Deterministic.
    fn attempts(&self, _ground: &Ground<'_>) -> Vec<Attempt> {
        Vec::new()
    }

    /// What these people do in a browser, for attacks that need one; none where it does not apply. Deterministic.
    fn scripts(&self, _cast: &Cast<'_>) -> Vec<Script> {
        Vec::new()
    }
}

/// What an attack may build on: one route, one attacker, one victim.
#[derive(Debug)]
pub struct Ground<'a> {
    /// The route.
    pub route: &'a Route,
    /// The attacker: the strongest ordinary role on this route, or the caller without credentials.
    pub attacker: &'a Actor,
    /// The attacker's tenant: whose ids its own call carries.
    pub own: &'a Tenant,
    /// The tenant that is attacked.
    pub victim: &'a Tenant,
    /// The attacker's own call, which works.
    pub own_call: &'a Call,
    /// The victim's own call on the same route, which works; carries the victim's ids.
    pub victim_call: &'a Call,
    /// Values in the call that name rows.
    pub slots: &'a [Slot],
    /// Who makes the victim's call, for attacks that name a user of the victim.
    pub victim_actor: Option<&'a Actor>,
    /// The key of the table that this route is about, as a slot of the body (`/id`) that the call need not have.
    pub key: Option<&'a Slot>,
    /// The foreign keys of that table, as slots of the body (`/clientId`) that the call need not have; named as the body's
    /// fields are.
    pub references: &'a [Slot],
    /// Calls of the attacker that end its session: log-out, tenant switch.
    pub leaving: &'a [Call],
    /// A colleague's call that ends the attacker's membership in its tenant, where the target has one.
    pub ending: Option<&'a Call>,
    /// The victim's call that deletes a row which this route shows or changes, where the target has one.
    pub deleting: Option<&'a Call>,
    /// Facts about the target, named as the target names them.
    pub facts: &'a Facts,
}

/// One attempt of an attack.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Which variant, stable over seeds: `x-tenant-id`, `path id`.
    pub variant: String,
    /// The hostile call.
    pub call: Call,
    /// The attacker's same call with its own part in place of the foreign one: must succeed for *held*. `own_call` where
    /// absent.
    pub control: Option<Call>,
    /// The slots whose value was exchanged.
    pub slots: Vec<SlotRef>,
    /// The foreign rows that it names.
    pub reaches: Vec<RowRef>,
    /// The same call with values that no row has, for `existence`; two where possible.
    pub missing: Vec<Call>,
    /// Legitimate calls that come first, with the sessions as they were before them: the victim's own, which warms what may
    /// be cached, or deletes; the attacker's log-out; a colleague's that ends its membership.
    pub first: Vec<Call>,
    /// Those end the attacker's membership in its tenant: what it is shown of that tenant afterwards is foreign to it.
    pub ends_membership: bool,
    /// What the victim does after the attack, as it could before: a call of its own that the attack may have made impossible.
    pub victim_then: Option<Call>,
    /// Made with and without rows of other tenants, and judged by what moves in the answer: while they are away; or, where
    /// calls come first, with what those make.
    pub without_others: bool,
    /// Only declared promises judge it: no attacker could have got what it sends (a genuine token of another tenant), so
    /// data in the answer is no proof.
    pub promise_only: bool,
}

impl Attempt {
    /// An attempt without slots: the foreign part is elsewhere (header, host, token).
    pub fn plain(variant: impl Into<String>, call: Call) -> Self {
        Self {
            variant: variant.into(),
            call,
            control: None,
            slots: Vec::new(),
            reaches: Vec::new(),
            missing: Vec::new(),
            first: Vec::new(),
            ends_membership: false,
            victim_then: None,
            without_others: false,
            promise_only: false,
        }
    }
}

impl<'a> Ground<'a> {
    /// The slots of one place, that of the address left out.
    pub fn slots_in(&self, place: Place) -> impl Iterator<Item = &'a Slot> + use<'a> {
        let address = self.facts.tenant_in_path.as_ref();
        self.slots
            .iter()
            .filter(move |slot| slot.at.place == place && !slot.is_address(address))
    }
}
