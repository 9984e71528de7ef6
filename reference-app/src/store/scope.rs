//! Scopes: the rows that a statement may touch. They are made here and nowhere else.
use super::{Op, Resource, Sql};
use crate::{faults::Fault, tenancy::TenantContext};

/// The rows that a statement may touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those of one tenant.
    Tenant(String),
    /// All of them. Only faults make it.
    Everything,
}

impl TenantContext {
    /// The scope of an operation on a resource: the context's tenant.
    pub(crate) fn scope(&self, resource: &Resource, op: Op) -> Scope {
        if self.unfiltered
            || resource
                .slips
                .iter()
                .any(|(slip, fault)| *slip == op && self.fault(*fault))
        {
            return Scope::Everything;
        }
        Scope::Tenant(self.tenant.id.clone())
    }

    /// The scope of a step that touches what the process keeps: the context's tenant, unless the team of that step slipped.
    pub(crate) fn scope_unless(&self, slips: &[Fault]) -> Scope {
        if self.unfiltered || slips.iter().any(|slip| self.fault(*slip)) {
            return Scope::Everything;
        }
        Scope::Tenant(self.tenant.id.clone())
    }
}

impl Scope {
    /// Writes the predicate.
    pub(crate) fn restrict(&self, sql: &mut Sql) {
        match self {
            Self::Tenant(id) => sql.add("\"tenantId\" = ").arg(id.as_str()),
            Self::Everything => sql.add("TRUE"),
        };
    }

    /// Whether it holds what is a tenant's.
    pub(crate) fn holds(&self, tenant: &str) -> bool {
        match self {
            Self::Tenant(id) => id == tenant,
            Self::Everything => true,
        }
    }
}
