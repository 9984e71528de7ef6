//! A lab beside another: the same knowledge, another target on a clone of its own.

use std::collections::{BTreeSet, HashMap};

use tokio_util::sync::CancellationToken;

use super::Lab;
use super::storm::Flights;
use crate::engine::error::RunError;
use crate::engine::lanes::Done;
use crate::engine::sights::Bound;
use crate::engine::swept::Share;
use crate::model::event::Listener;
use crate::model::knowledge::Knowledge;
use crate::model::observed::Observed;
use crate::model::route::Route;
use crate::model::secret::Secrets;
use crate::model::tenant::ActorId;
use crate::settings::Settings;
use crate::target::render::Target;
use crate::world::Twin;

/// What a lab beside another is made from; it may be taken to another thread.
pub struct Aside {
    twin: Twin,
    target: Target,
    routes: Vec<Route>,
    knowledge: Knowledge,
    locked_out: HashMap<ActorId, String>,
    awaited: BTreeSet<String>,
    only_fresh: bool,
    writes_late: bool,
    bound: Bound,
    flights: Flights,
}

/// What a lab beside another learnt that outlives it.
pub struct Learnt {
    calls: usize,
    locked_out: HashMap<ActorId, String>,
    awaited: BTreeSet<String>,
    observed: Observed,
    flights: Flights,
    credentials: Secrets,
    notes: Vec<String>,
}

impl Aside {
    /// Brings up its world. Nobody is logged in there yet.
    pub async fn open<'a>(
        self,
        settings: &'a Settings,
        listener: &'a dyn Listener,
        stop: CancellationToken,
    ) -> Result<Lab<'a>, RunError> {
        let world = self.twin.up().await?;
        let target = Target::new(
            self.target.description,
            world.base(),
            world.port(),
            self.target.addressing,
            self.target.tenants,
            world.values().clone(),
        );
        let (routes, knowledge) = (self.routes, self.knowledge);
        let lab = Lab::new(settings, world, target, routes, knowledge, listener, stop);
        Ok(Lab {
            locked_out: self.locked_out,
            awaited: self.awaited,
            only_fresh: self.only_fresh,
            writes_late: self.writes_late,
            bound: self.bound,
            flights: self.flights,
            ..lab
        })
    }
}

impl Lab<'_> {
    /// What a lab beside this one, whose state is fresh, is made from; or why there can be none.
    pub fn aside(&self) -> Result<Aside, &'static str> {
        Ok(Aside {
            twin: self.world.twin()?,
            target: self.target.clone(),
            routes: self.routes.clone(),
            knowledge: self.knowledge.clone(),
            locked_out: self.locked_out.clone(),
            awaited: self.awaited.clone(),
            only_fresh: self.only_fresh,
            writes_late: self.writes_late,
            bound: self.bound.clone(),
            flights: self.flights.clone(),
        })
    }

    /// What this lab learnt that outlives it.
    pub fn learnt(&mut self) -> Learnt {
        Learnt {
            calls: self.calls,
            locked_out: std::mem::take(&mut self.locked_out),
            awaited: std::mem::take(&mut self.awaited),
            observed: std::mem::take(&mut self.knowledge.observed),
            flights: std::mem::take(&mut self.flights),
            credentials: self.sessions.credentials().clone(),
            notes: self.world.take_notes(),
        }
    }

    /// Takes in what a lab beside this one learnt; what it saw is handed back.
    pub fn taking_in(&mut self, done: Done) -> Share {
        let learnt = done.learnt;
        self.calls += learnt.calls;
        self.locked_out.extend(learnt.locked_out);
        self.awaited.retain(|name| learnt.awaited.contains(name));
        self.knowledge.observed.take_in(learnt.observed);
        self.flights.take_in(learnt.flights);
        self.sessions.note(&learnt.credentials);
        self.world.add_notes(learnt.notes);
        done.share
    }
}
