//! The lab: the running world, the target as described, and all that is known of them. Calls go through here: it keeps the
//! rows current, remembers what was said, and takes changes back.

mod aside;
mod flight;
mod silence;
mod state;
mod storm;
mod suspended;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

pub use self::aside::{Aside, Learnt};
pub use self::flight::Batch;
use self::silence::Silence;
use self::storm::Flights;
pub use self::storm::Storm;
use super::declared;
use super::error::RunError;
use super::sessions::{Sessions, Whose};
use super::sights::{Bound, Stored};
use crate::model::call::{Call, Wire};
use crate::model::canary::{Canaries, tokens};
use crate::model::event::{Event, Listener};
use crate::model::exchange::{Failure, Response};
use crate::model::facts::Facts;
use crate::model::knowledge::Knowledge;
use crate::model::ownership::Ownership;
use crate::model::route::{Route, RouteId};
use crate::model::rows::Rows;
use crate::model::schema::{Schema, TableId};
use crate::model::secret::Secrets;
use crate::model::tenant::{Actor, ActorId, Standing, TenantKey};
use crate::model::verdict::Provenance;
use crate::seed;
use crate::settings::Settings;
use crate::target::facts::facts;
use crate::target::render::Target;
use crate::target::session::Session;
use crate::world::World;

/// The running world, the target as described, and all that is known of them.
pub struct Lab<'a> {
    /// The settings of this run.
    pub settings: &'a Settings,
    /// Postgres, the target, the stream.
    pub world: World,
    /// The target as described.
    pub target: Target,
    /// Its routes.
    pub routes: Vec<Route>,
    /// What is known when judging.
    pub knowledge: Knowledge,
    /// What attacks need to know.
    pub facts: Facts,
    /// Calls made so far.
    pub calls: usize,
    /// How many of them were made before the sweep began.
    pub calls_before: usize,
    /// What the target logs of single calls is read, and waited for.
    pub reads_log: bool,
    /// Actors who could not log in, and why.
    pub locked_out: HashMap<ActorId, String>,
    /// Tables that the description names and that have not been seen yet.
    pub awaited: BTreeSet<String>,
    /// Who listens to the run.
    pub listener: &'a dyn Listener,
    /// Whether a row change came of a call: the target works on the database that is watched.
    pub witnessed: bool,
    /// Set when the user wants it to end.
    pub stop: CancellationToken,
    /// The target caches: changes are taken back by a new clone and a restart alone.
    pub only_fresh: bool,
    /// The target writes after its answers: each write is given time for that.
    pub writes_late: bool,
    /// Every call is given that time: what is to be confirmed must be the call's own doing.
    pub patient: bool,
    /// What the parameters of routes are bound to, as far as known.
    pub bound: Bound,
    /// What rows hold and held.
    pub(super) stored: Stored,
    sessions: Sessions,
    flights: Flights,
    silence: Silence,
    seeded: Seeded,
}

/// The state that `fresh` returns to.
struct Seeded {
    schema: Schema,
    ownership: Ownership,
    rows: Rows,
    canaries: Canaries,
}

impl<'a> Lab<'a> {
    /// A lab over a world that was just frozen: the rows as they stand are what `fresh` returns to.
    pub fn new(
        settings: &'a Settings,
        world: World,
        target: Target,
        routes: Vec<Route>,
        knowledge: Knowledge,
        listener: &'a dyn Listener,
        stop: CancellationToken,
    ) -> Self {
        let seeded = Seeded {
            schema: knowledge.schema.clone(),
            ownership: knowledge.ownership.clone(),
            rows: knowledge.rows.clone(),
            canaries: knowledge.canaries.clone(),
        };
        Self {
            awaited: declared::awaited(settings, &knowledge.schema),
            settings,
            world,
            target,
            routes,
            knowledge,
            facts: Facts::default(),
            calls: 0,
            calls_before: 0,
            reads_log: false,
            locked_out: HashMap::new(),
            listener,
            witnessed: false,
            stop,
            only_fresh: false,
            writes_late: false,
            patient: false,
            bound: Bound::new(),
            stored: Stored::default(),
            sessions: Sessions::default(),
            flights: Flights::default(),
            silence: Silence::default(),
            seeded,
        }
    }

    /// Says something, without credentials.
    pub fn tell(&self, event: &Event) {
        match event.masked(&self.known_secrets()) {
            Some(masked) => self.listener.on(&masked),
            None => self.listener.on(event),
        }
    }

    /// How many calls the sweep has made.
    pub fn swept_calls(&self) -> usize {
        self.calls.saturating_sub(self.calls_before)
    }

    /// The route of that id.
    pub fn route(&self, id: &RouteId) -> Option<&Route> {
        self.routes.iter().find(|r| r.id == *id)
    }

    /// The actor of that name, who is in the cast.
    pub fn actor(&self, id: &ActorId) -> Option<&Actor> {
        self.knowledge.actor(id)
    }

    /// Finds out what attacks need to know: by the session of a member, where one can log in.
    pub async fn learn_facts(&mut self) -> Result<(), RunError> {
        let member = self
            .knowledge
            .actors
            .iter()
            .find(|a| a.standing == Standing::Member);
        let who = member.map(|a| (a.id.clone(), a.tenant.clone()));
        let sample = match who {
            Some((actor, tenant)) => self.session(&actor, tenant).await?,
            None => None,
        };
        let Knowledge {
            schema, ownership, ..
        } = &self.knowledge;
        self.facts = facts(
            &self.target,
            schema,
            ownership,
            &self.routes,
            sample.as_deref(),
        );
        Ok(())
    }

    /// The database as it stands is what `fresh` returns to from now on.
    pub async fn rebase(&mut self) -> Result<(), RunError> {
        self.sessions.clear();
        let pool = self.world.pool();
        let Seeded {
            schema,
            ownership,
            rows,
            canaries,
        } = &mut self.seeded;
        seed::regrow(pool, &self.settings.description, schema, ownership, rows).await?;
        *rows = seed::read_rows(pool, schema).await?;
        let mut found = seed::canaries(schema, ownership, rows, &self.knowledge.tenants);
        found.bar_as(canaries);
        *canaries = found;
        self.recall();
        Ok(())
    }

    /// Makes sure that the session which a call carries stands.
    pub async fn log_in(&mut self, call: &Call) -> Result<(), RunError> {
        let (actor, tenant) = self.session_key(call);
        self.session(&actor, tenant).await?;
        Ok(())
    }

    /// Forgets the session of an actor, so that the next call logs in anew.
    pub fn forget_session(&mut self, actor: &ActorId) {
        self.sessions.forget(actor);
    }

    /// The session that a call of this actor carries: made on first use.
    pub async fn session(
        &mut self,
        actor: &ActorId,
        tenant: Option<TenantKey>,
    ) -> Result<Option<Arc<Session>>, RunError> {
        if actor.is_anonymous() || self.locked_out.contains_key(actor) {
            return Ok(None);
        }
        let key = (actor.clone(), tenant.clone());
        if let Some(session) = self.sessions.get(&key) {
            return Ok(Some(session));
        }
        match Box::pin(super::login::login(self, actor, tenant.as_deref())).await? {
            Ok(session) => {
                self.sight_log_in(actor, &session);
                Ok(Some(self.sessions.keep(key, session)))
            }
            Err(why) => {
                self.tell(&Event::Warning(format!("{actor} cannot log in: {why}")));
                // Where the target has ended, that is no fault of the actor's: it is tried again on the next one.
                if self.world.alive() {
                    self.locked_out.insert(actor.clone(), why);
                }
                Ok(None)
            }
        }
    }

    /// The session that a call carries, where it was made already.
    pub fn known_session(&self, call: &Call) -> Option<Arc<Session>> {
        self.sessions.get(&self.session_key(call))
    }

    /// Credentials that seeding used must not be printed either.
    pub fn note_secrets(&mut self, credentials: &Secrets) {
        self.sessions.note(credentials);
    }

    /// The credentials of all sessions that there were, and all else that must not be printed.
    pub fn known_secrets(&self) -> Secrets {
        let mut secrets = self.settings.known_secrets();
        secrets.extend(self.sessions.credentials().iter());
        secrets.extend(self.world.values().secrets());
        secrets
    }

    /// Whether a value is, or is part of, a credential of a session that there was.
    pub fn is_credential(&self, value: &str) -> bool {
        let mut credentials = self.sessions.credentials().iter();
        credentials.any(|credential| credential.contains(value))
    }

    async fn prepare(&mut self, call: &Call) -> Result<Result<Wire, Failure>, RunError> {
        let (actor, tenant) = self.session_key(call);
        let session = self.session(&actor, tenant).await?;
        let session = self.with_anothers_cookie(call, session).await?;
        if session.is_none() && !actor.is_anonymous() && !call.tampering.without_credentials {
            return Ok(Err(Failure::NotSent(format!("{actor} has no session"))));
        }
        Ok(self
            .target
            .render(call, session.as_deref())
            .map_err(|e| Failure::NotSent(e.to_string())))
    }

    /// The session with another actor's cookie in the place of its own, where the call says so.
    async fn with_anothers_cookie(
        &mut self,
        call: &Call,
        session: Option<Arc<Session>>,
    ) -> Result<Option<Arc<Session>>, RunError> {
        let cookie = call.tampering.cookie.as_ref();
        let (Some((name, other)), Some(own)) = (
            cookie.and_then(|c| Some((&c.name, c.of.as_ref()?))),
            &session,
        ) else {
            return Ok(session);
        };
        let home = self.actor(other).and_then(|a| a.tenant.clone());
        let theirs = self.session(other, home).await?;
        let value = theirs.as_deref().and_then(|s| s.jar.value(name));
        Ok(value.map(|value| {
            let mut session = (**own).clone();
            session.jar = session.jar.with_value(name, value);
            Arc::new(session)
        }))
    }

    /// Whose session a call carries: the one at the addressed tenant where the actor belongs to it, else the one at home.
    fn session_key(&self, call: &Call) -> Whose {
        let actor = self.actor(&call.actor);
        let at = actor.and_then(|a| match &call.tenant {
            Some(tenant) if a.belongs_to(tenant) => Some(tenant.clone()),
            _ => a.tenant.clone(),
        });
        (call.actor.clone(), at)
    }

    fn remember_sent(&mut self, call: &Call) {
        let Some(actor) = self.knowledge.actor(&call.actor) else {
            return;
        };
        let tenants = actor.memberships.clone();
        self.knowledge.learn_sent(&tenants, call);
    }

    /// What the control tenant is answered says nothing of anybody's rows: its words are no canaries from now on. Generated
    /// values and keys of rows stay: those are never there by chance, and in such an answer they are a leak.
    pub fn bar_answer(&mut self, response: &Response) {
        let text = response.text();
        let schema = &self.knowledge.schema;
        let keys = |p: &Provenance| schema.table(p.row.table).primary_key.contains(&p.column);
        let said: Vec<&str> = tokens(&text)
            .filter(|t| !self.knowledge.canaries.get(t).iter().any(keys))
            .collect();
        for word in said {
            self.knowledge.canaries.bar_word(word);
            self.seeded.canaries.bar_word(word);
        }
    }

    /// The tables whose strong canaries stand in a response.
    pub fn tables_shown(&self, response: &Response) -> Vec<TableId> {
        let hits = self.knowledge.canaries.scan(&response.body);
        let mut tables: Vec<TableId> = hits
            .iter()
            .flat_map(|h| h.provenance.iter().map(|p| p.row.table))
            .collect();
        tables.sort_unstable();
        tables.dedup();
        tables
    }
}
