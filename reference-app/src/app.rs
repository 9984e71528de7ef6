//! The state that all requests share.
use std::sync::Arc;

use sqlx::PgPool;

use crate::{
    faults::{Fault, FaultSet},
    http::{cache::Cache, kept::Kept, last::Last, limit::Limiter},
    pages::state::LastState,
    quirks::{Quirk, QuirkSet},
    routes::{
        batches::Batch, bin::Binned, exports::Exports, imports::Import, links::Link, rollup::Rollup,
    },
    store::Shelf,
    tenancy::{issued::Issued, keys::KeyPair},
};

/// What every handler can reach.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) pool: PgPool,
    pub(crate) faults: FaultSet,
    pub(crate) quirks: QuirkSet,
    pub(crate) jwt_secret: String,
    pub(crate) cookie_secret: String,
    /// Signs and verifies tokens in the secret's place.
    pub(crate) key_pair: Option<KeyPair>,
    pub(crate) base_domain: String,
    pub(crate) port: u16,
    /// The header that names the tenant's slug, in place of the host.
    pub(crate) tenant_header: Option<String>,
    pub(crate) cache: Cache,
    pub(crate) kept: Option<Kept>,
    pub(crate) last: Last,
    pub(crate) last_state: LastState,
    pub(crate) limiter: Limiter,
    pub(crate) issued: Issued,
    pub(crate) exports: Exports,
    pub(crate) imports: Shelf<Import>,
    pub(crate) batches: Shelf<Batch>,
    pub(crate) links: Shelf<Link>,
    pub(crate) bin: Shelf<Binned>,
    pub(crate) rollup: Rollup,
    /// The moment that statistics take for now.
    pub(crate) now: Option<String>,
    pub(crate) openapi: String,
}

/// How handlers hold the state.
pub(crate) type Shared = Arc<App>;

impl App {
    /// Whether a fault is switched on.
    pub(crate) fn fault(&self, fault: Fault) -> bool {
        self.faults.on(fault)
    }

    /// Whether a quirk is switched on.
    pub(crate) fn quirk(&self, quirk: Quirk) -> bool {
        self.quirks.on(quirk)
    }
}
