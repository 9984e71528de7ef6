//! What people do in a browser: actions in order, by actors' names and tenants' keys, so that they can be stored, shown and
//! done again.

use serde::{Deserialize, Serialize};

use super::tenant::{ActorId, TenantKey};

/// One thing that somebody does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Goes on at that device: a browser of its own, with its own storage.
    Device(usize),
    /// Goes on in that tab of the device.
    Tab(usize),
    /// Logs in, to work in a tenant.
    LogIn {
        /// Who.
        actor: ActorId,
        /// Where.
        tenant: TenantKey,
        /// Under which address.
        at: Address,
    },
    /// Logs out.
    LogOut,
    /// Switches to another of the person's tenants, as the page offers it.
    Switch(TenantKey),
    /// The same for a tenant that the page does not offer: what its form would send is changed in the page.
    SwitchForged(TenantKey),
    /// Opens a page; of a tenant's own address where one is named, else of the present one.
    Open {
        /// The page's number in the description.
        page: usize,
        /// Whose address.
        tenant: Option<TenantKey>,
    },
    /// Opens every page, and some of those that they link to.
    Tour(Option<TenantKey>),
    /// Types something of what the person sees into every form that keeps it in the browser alone.
    Draft,
    /// Opens the page of a form that stores something, and fills it in.
    Fill(usize),
    /// Sends what was filled in.
    Submit(usize),
    /// Goes back.
    Back,
    /// Goes forward.
    Forward,
    /// Loads the page again.
    Reload,
    /// Loses the network.
    Offline,
    /// Has it again.
    Online,
}

/// A form that somebody fills in. What is filled in may be a password: it has no `Debug` output.
#[derive(Clone, PartialEq, Eq)]
pub struct Form {
    /// Fields, by what people call them, with their values.
    pub fill: Vec<(String, String)>,
    /// The button or link that is pressed then.
    pub press: String,
}

/// Under which address somebody works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Address {
    /// The tenant's own.
    Own,
    /// The one that tenants share.
    Shared,
}

/// Actions in order, that an attack makes of the people at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Which variant of the attack, stable over seeds.
    pub variant: String,
    /// The tenant whose data may not cross.
    pub victim: TenantKey,
    /// What is done.
    pub actions: Vec<Action>,
}
