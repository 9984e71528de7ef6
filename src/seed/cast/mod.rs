//! The cast: tenants, users of every role, and those who belong to two tenants, to none, or no longer.

mod again;
mod calls;
mod found;
mod people;
mod plan;
mod write;

use std::collections::BTreeMap;

use crate::model::rows::Row;
use crate::model::tenant::{Actor, ActorId, Standing, Tenant, TenantKey};

pub use calls::{Caller, make_by_calls, run_calls};
pub use found::{existing, finish};
pub use plan::plan;
pub use write::write;

/// A tenant that is to be, or is.
#[derive(Debug, Clone)]
pub struct CastTenant {
    /// What actors' ids call it, and its slug where it has one.
    pub slug: String,
    /// Its readable name.
    pub name: String,
    /// Its key, once it stands in the database.
    pub key: Option<TenantKey>,
    /// It gets no rows.
    pub control: bool,
}

/// An actor that is to be, or is.
#[derive(Debug, Clone)]
pub struct CastActor {
    /// Its id.
    pub id: ActorId,
    /// What it is in the cast.
    pub standing: Standing,
    /// The tenant that it addresses, by its place.
    pub home: Option<usize>,
    /// The tenants that it shall belong to.
    pub memberships: Vec<usize>,
    /// Its role, as a person would say it.
    pub role: Option<String>,
    /// What placeholders stand for: made up before its row is there, then the row's columns.
    pub fields: BTreeMap<String, String>,
    /// Its row, once it stands in the database.
    pub row: Option<Row>,
    /// A row and no actor: nobody logs in as it, and no generated row refers to it, so that it can be deleted.
    pub bystander: bool,
}

/// Tenants and actors.
#[derive(Debug, Clone, Default)]
pub struct Cast {
    /// The tenants, the control tenant last.
    pub tenants: Vec<CastTenant>,
    /// The users.
    pub actors: Vec<CastActor>,
}

impl Cast {
    /// The tenants that stand, as the rest of partywall knows them: with the slug that stands in their row.
    pub fn tenants(&self, has_slugs: bool) -> Vec<Tenant> {
        let stands = |t: &CastTenant| {
            let key = t.key.clone()?;
            let slug = if has_slugs {
                t.slug.clone()
            } else {
                key.to_string()
            };
            Some(Tenant {
                key,
                slug,
                name: t.name.clone(),
                label: t.slug.clone(),
                control: t.control,
            })
        };
        self.tenants.iter().filter_map(stands).collect()
    }

    /// The first user of a tenant: its strongest member.
    pub fn first_of(&self, tenant: usize) -> Option<usize> {
        self.actors
            .iter()
            .position(|a| a.standing == Standing::Member && a.home == Some(tenant))
    }
}

impl CastActor {
    /// The actor as the rest of partywall knows it.
    pub fn actor(&self, tenants: &[CastTenant]) -> Actor {
        let key = |index: &usize| tenants.get(*index).and_then(|t| t.key.clone());
        Actor {
            id: self.id.clone(),
            standing: self.standing,
            tenant: self.home.as_ref().and_then(key),
            role: self.role.clone(),
            memberships: self.memberships.iter().filter_map(key).collect(),
            fields: self.fields.clone(),
        }
    }
}
