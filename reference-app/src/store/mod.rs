//! The data-access layer: one set of statements for every resource, each with a tenant predicate from the context.
pub(crate) mod bulk;
pub(crate) mod closed;
pub(crate) mod read;
pub(crate) mod references;
pub(crate) mod resource;
pub(crate) mod scope;
pub(crate) mod shelf;
pub(crate) mod sql;
pub(crate) mod write;

pub(crate) use resource::{Op, Reference, Resource};
pub(crate) use scope::Scope;
pub(crate) use shelf::{Kept, Shelf};
pub(crate) use sql::Sql;
