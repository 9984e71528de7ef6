//! Scopes: the rows that a statement may touch. They are made here and nowhere else.
use super::{Op, Resource, Sql};
use crate::tenancy::TenantContext;

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
}

impl Scope {
    /// Writes the predicate.
    pub(crate) fn restrict(&self, sql: &mut Sql) {
        match self {
            Self::Tenant(id) => sql.add("\"tenantId\" = ").arg(id.as_str()),
            Self::Everything => sql.add("TRUE"),
        };
    }
}
