//! Tenants and the actors who belong to them, or to none.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The value that tenant columns hold, in Postgres' text form.
pub type TenantKey = Arc<str>;

/// An isolated customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// The value in tenant columns.
    pub key: TenantKey,
    /// Its name in addresses: subdomain or path segment. The key again, where the target has no slugs.
    pub slug: String,
    /// What it is called in its row and on pages; the slug, where it was made under no other name.
    pub name: String,
    /// What people call it in reports, and the names of its actors begin with: the slug where it has one.
    pub label: String,
    /// The control tenant has users but no rows.
    pub control: bool,
}

/// An actor's name, e.g. `acme.admin`; `anonymous` for nobody.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActorId(pub Arc<str>);

impl ActorId {
    /// The caller without credentials.
    pub fn anonymous() -> Self {
        Self("anonymous".into())
    }

    /// Whether this is the caller without credentials.
    pub fn is_anonymous(&self) -> bool {
        &*self.0 == "anonymous"
    }
}

impl From<&str> for ActorId {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an actor is in the cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// A member of its tenant, in an ordinary role.
    Member,
    /// A member whose role is declared to see more than its tenant (an operator): never an attacker.
    Privileged,
    /// Belongs to two tenants; attacks only third ones.
    Double,
    /// Belonged to a tenant and does no longer.
    Ended,
    /// A user without any tenant.
    Homeless,
    /// Nobody: no credentials.
    Anonymous,
}

/// A user, or nobody. Its `Debug` output leaves the fields' values out.
#[derive(Clone, Serialize, Deserialize)]
pub struct Actor {
    /// Its name.
    pub id: ActorId,
    /// What it is in the cast.
    pub standing: Standing,
    /// The tenant that its calls address unless they say otherwise; for `Ended`, the one that it has left.
    pub tenant: Option<TenantKey>,
    /// Its role there, as the database spells it.
    pub role: Option<String>,
    /// Every tenant that it belongs to now.
    pub memberships: Vec<TenantKey>,
    /// What placeholders such as `{user.email}` stand for: `id`, `email`, `password`, every column of the user's row.
    /// Kept out of all output.
    pub fields: BTreeMap<String, String>,
}

impl Actor {
    /// The caller without credentials, addressing `tenant`.
    pub fn anonymous(tenant: Option<TenantKey>) -> Self {
        Self {
            id: ActorId::anonymous(),
            standing: Standing::Anonymous,
            tenant,
            role: None,
            memberships: Vec::new(),
            fields: BTreeMap::new(),
        }
    }

    /// Whether it belongs to that tenant now.
    pub fn belongs_to(&self, tenant: &str) -> bool {
        self.memberships.iter().any(|m| &**m == tenant)
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Actor")
            .field("id", &self.id)
            .field("standing", &self.standing)
            .field("tenant", &self.tenant)
            .field("role", &self.role)
            .field("memberships", &self.memberships)
            .field("fields", &self.fields.keys())
            .finish()
    }
}
