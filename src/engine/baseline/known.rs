//! What the baseline learnt: which routes work, for whom and how.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::lab::Lab;
use crate::engine::pair::Pair;
use crate::engine::plan::{Concrete, Plan};
use crate::model::call::Call;
use crate::model::event::RouteBaseline;
use crate::model::knowledge::Knowledge;
use crate::model::route::{Route, RouteId};
use crate::model::schema::TableId;
use crate::model::tenant::{Actor, ActorId, Standing, TenantKey};

/// What the baseline learnt.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    /// Routes that work, and how.
    pub working: BTreeMap<RouteId, Working>,
    /// The table for the report, in the order of the routes.
    pub table: Vec<RouteBaseline>,
    /// Ordinary members, strongest first: by how many routes worked for them.
    pub strength: BTreeMap<ActorId, usize>,
    /// Whether an answer held a value of the watched database.
    pub carried: bool,
    /// What speaks for target and database belonging together.
    pub pair: Pair,
    /// A call that worked for those who belong to no tenant (any more): it shows that their session lives.
    pub alive: BTreeMap<ActorId, Call>,
    /// Reads that their rightful caller was answered by an error of the server's.
    pub broken_reads: Vec<Call>,
}

/// How a route works.
#[derive(Debug, Clone)]
pub struct Working {
    /// How it is called.
    pub plan: Plan,
    /// For whom it worked.
    pub actors: BTreeSet<ActorId>,
    /// To whom its answer showed a row of their tenants, or whose row it changed.
    pub shown_to: BTreeSet<ActorId>,
    /// Which choice of rows worked for them: see [`Plan::call`].
    pub choices: BTreeMap<ActorId, usize>,
    /// Tables whose strong canaries its answers carried.
    pub shows: BTreeSet<TableId>,
    /// Tables that it changed.
    pub writes: BTreeSet<TableId>,
    /// Cursors that its answers gave, by tenant.
    pub cursors: BTreeMap<TenantKey, String>,
}

impl Working {
    /// The call of an actor at a tenant, with the rows that worked for it.
    pub fn call(
        &self,
        knowledge: &Knowledge,
        route: &Route,
        actor: &Actor,
        tenant: Option<&TenantKey>,
    ) -> Option<Concrete> {
        let choice = self.choice(&actor.id);
        self.plan.call(knowledge, route, actor, tenant, choice)
    }

    /// The choice of rows that worked for an actor; the first where nobody knows.
    pub fn choice(&self, actor: &ActorId) -> usize {
        self.choices.get(actor).copied().unwrap_or(0)
    }
}

impl Baseline {
    /// Actors of that tenant for whom the route worked, the strongest ordinary member first.
    pub fn strongest<'l>(
        &self,
        lab: &'l Lab<'_>,
        route: &RouteId,
        tenant: &str,
    ) -> Option<&'l Actor> {
        let working = self.working.get(route)?;
        let mut fit: Vec<&Actor> = lab
            .knowledge
            .actors
            .iter()
            .filter(|a| a.standing == Standing::Member && a.tenant.as_deref() == Some(tenant))
            .filter(|a| working.actors.contains(&a.id))
            .collect();
        fit.sort_by_key(|a| std::cmp::Reverse(self.strength.get(&a.id)));
        fit.first().copied()
    }
}
