//! A trial: a lab with its baseline, on which single calls and attacks are made by name. For who writes down what must hold.

mod error;
mod pages;

use std::collections::BTreeSet;
use std::path::Path;

use tokio_util::sync::CancellationToken;

pub use self::error::TrialError;
use self::error::unknown;
use super::baseline::Baseline;
use super::case;
use super::controls::Controls;
use super::error::RunError;
use super::ground::grounds;
use super::interference;
use super::judge::{Case, Outcome, judge, sentence};
use super::lab::Lab;
use super::open::open;
use super::parting;
use super::run::{Clock, known_good, secrets};
use super::shown::requests;
use super::sweep::{Later, apart, attempts};
use super::swept::Swept;
use crate::attack::{ATTACKS, Attack};
use crate::model::call::Call;
use crate::model::event::{Event, Listener};
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::knowledge::Knowledge;
use crate::model::pattern;
use crate::model::route::{Route, RouteId};
use crate::model::shown::Shown;
use crate::model::tenant::{Actor, ActorId, Tenant, TenantKey};
use crate::model::verdict::{Crossing, Evidence, Reason};
use crate::settings::Settings;

/// What a call is called that somebody has written down: no attack of the registry, and no legitimate call either.
const WRITTEN: &str = "written.call";

/// A lab with its baseline.
pub struct Trial {
    lab: Lab<'static>,
    baseline: Baseline,
    /// Whether something was done that the next trial must not see.
    used: bool,
}

/// What came of an attack.
#[derive(Debug, Default)]
pub struct Attacked {
    /// What came of each attempt.
    pub attempts: Vec<Attempted>,
    /// How many further ones held, made together with others.
    pub held: usize,
}

/// What came of one attempt of an attack.
#[derive(Debug)]
pub struct Attempted {
    /// The attack's id, and which variant of it.
    pub name: String,
    /// What came of the attack itself.
    pub exchange: Exchange,
    /// What crossed, in a few words each; nothing where it held or showed nothing.
    pub crossed: Vec<String>,
    /// Why it shows nothing, where it does not.
    pub reason: Option<Reason>,
    /// The requests that repeat it by hand.
    pub requests: Vec<Shown>,
}

impl Trial {
    /// Brings up the world, seeds it, and calls reads, and the routes that fit the patterns of `wanted`, as their rightful
    /// tenants. Settings are kept as long as the process lives.
    pub async fn open(
        settings: Settings,
        wanted: &[String],
        listener: &'static dyn Listener,
        stop: CancellationToken,
    ) -> Result<Self, TrialError> {
        let settings: &'static Settings = Box::leak(Box::new(settings));
        let mut clock = Clock::default();
        let opened = Box::pin(open(settings, listener, stop, &mut clock)).await?;
        let (mut lab, mut warnings) = (opened.lab, opened.warnings);
        let known = match narrowed(&mut lab, wanted) {
            Ok(()) => Box::pin(known_good(&mut lab, &mut warnings, &opened.generated))
                .await
                .map_err(|error| error.masked(&secrets(&lab)).into()),
            Err(unknown) => Err(unknown),
        };
        match known {
            Ok(baseline) => {
                lab.reads_log = settings.description.log.is_some();
                let mut trial = Self {
                    lab,
                    baseline,
                    used: true,
                };
                trial.begin().await?;
                Ok(trial)
            }
            Err(error) => {
                if let Err(second) = lab.world.close().await {
                    let said = format!("what was started could not be ended: {second}");
                    listener.on(&Event::Warning(said));
                }
                Err(error)
            }
        }
    }

    /// Ends everything that runs.
    pub async fn close(self) -> Result<(), RunError> {
        Ok(self.lab.world.close().await?)
    }

    /// Fresh state, where something has been done since the last.
    pub async fn begin(&mut self) -> Result<(), RunError> {
        if std::mem::take(&mut self.used) {
            self.lab.fresh().await?;
        }
        Ok(())
    }

    /// The description, as it was named.
    pub fn description(&self) -> &Path {
        &self.lab.settings.path
    }

    /// What is known of the rows, the tenants and their people.
    pub fn knowledge(&self) -> &Knowledge {
        &self.lab.knowledge
    }

    /// The tenant of that slug.
    pub fn tenant(&self, slug: &str) -> Result<&Tenant, TrialError> {
        let all = &self.lab.knowledge.tenants;
        all.iter()
            .find(|t| t.slug == slug)
            .ok_or_else(|| unknown("tenant", slug, all.iter().map(|t| t.slug.as_str())))
    }

    /// The actor of that name.
    pub fn actor(&self, name: &str) -> Result<&Actor, TrialError> {
        let all = &self.lab.knowledge.actors;
        let names = all.iter().map(|a| &*a.id.0);
        self.lab
            .actor(&ActorId::from(name))
            .ok_or_else(|| unknown("actor", name, names))
    }

    /// The routes that fit a pattern; at least one.
    fn routes(&self, wanted: &str) -> Result<Vec<Route>, TrialError> {
        Ok(fitting(&self.lab, wanted)?.into_iter().cloned().collect())
    }

    /// The call of an actor to a route, on rows of its own, or with those of another tenant in their place.
    pub fn call(&self, actor: &str, route: &str, of: Option<&str>) -> Result<Call, TrialError> {
        let actor = self.actor(actor)?;
        let route = self.routes(route)?.swap_remove(0);
        let working = self.baseline.working.get(&route.id).ok_or_else(|| {
            let row = self.baseline.table.iter().find(|r| r.route == route.id);
            TrialError::Unreached {
                why: row.and_then(|r| r.reason.clone()).unwrap_or_default(),
                route: route.id.clone(),
            }
        })?;
        let knowledge = &self.lab.knowledge;
        let on = |tenant: Option<&TenantKey>| {
            let call = working.call(knowledge, &route, actor, tenant);
            call.ok_or_else(|| TrialError::NoRows {
                tenant: tenant
                    .and_then(|key| knowledge.tenant(key))
                    .map_or_else(String::new, |t| t.slug.clone()),
                route: route.id.clone(),
            })
        };
        let mut call = on(actor.tenant.as_ref())?.call;
        if let Some(slug) = of {
            let theirs = on(Some(&self.tenant(slug)?.key))?.call;
            for (at, _) in working.plan.bound() {
                if let Some(value) = theirs.slot(&at) {
                    call = call.with_slot(&at, &value);
                }
            }
        }
        Ok(call)
    }

    /// Makes a call.
    pub async fn perform(&mut self, call: &Call) -> Result<Exchange, TrialError> {
        self.lab.log_in(call).await?;
        let made = self.lab.perform(call).await?;
        self.used |= !made.changes.is_empty() || !call.is_safe();
        Ok(made)
    }

    /// What crossed from or to a tenant in an exchange, as every oracle says, in a few words each.
    pub fn crossed(&self, exchange: &Exchange, victim: &TenantKey) -> Vec<String> {
        if let Err(failure) = &exchange.outcome {
            return vec![format!(
                "nobody knows what crossed, for there is no answer: {failure}"
            )];
        }
        let case = judge(&self.lab.knowledge, self.history(exchange, Some(victim)));
        let theirs = |e: &&Evidence| {
            let promise = matches!(e.crossing, Crossing::Broke { .. });
            !promise && e.victim.as_ref().is_none_or(|v| v == victim)
        };
        match &case.outcome {
            Outcome::Violated(found) => found.iter().filter(theirs).map(sentence).collect(),
            Outcome::Held | Outcome::Inconclusive(_) => Vec::new(),
        }
    }

    /// A text without any credential.
    pub fn scrubbed(&self, text: String) -> String {
        secrets(&self.lab).scrub(text)
    }

    /// The requests that repeat an exchange by hand.
    pub fn shown(&self, exchange: &Exchange) -> Vec<Shown> {
        requests(
            &self.lab,
            &self.history(exchange, None),
            (Purpose::Attack, 0),
        )
    }

    fn history(&self, exchange: &Exchange, victim: Option<&TenantKey>) -> History {
        let attacker = self.lab.actor(&exchange.call.actor);
        History {
            attacker_tenants: attacker.map_or_else(Vec::new, |a| case::visible_to(&self.lab, a)),
            victim: victim.cloned(),
            exchanges: vec![(Purpose::Attack, exchange.clone())],
            ..History::new(WRITTEN, "", &exchange.call.actor)
        }
    }

    /// Tries every attack that fits a word (`header`, `id.path`, `token.*`) on every route that fits a pattern.
    pub async fn attack(&mut self, word: &str, route: &str) -> Result<Attacked, TrialError> {
        let fits = |attack: &&'static dyn Attack| {
            let family = attack.id().split('.').next();
            family == Some(word) || pattern::glob(word, attack.id())
        };
        let wanted: Vec<(usize, &'static dyn Attack)> = ATTACKS
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, attack)| fits(attack))
            .collect();
        if wanted.is_empty() {
            return Err(unknown("attack", word, ATTACKS.iter().map(|a| a.id())));
        }
        let mut all = Attacked::default();
        let mut later = Vec::new();
        for route in self.routes(route)? {
            for ground in grounds(&self.lab, &self.baseline, &route) {
                let mut controls = Controls::default();
                for (_, attack, attempt) in attempts(&self.lab, &ground, &wanted) {
                    let (lab, baseline) = (&mut self.lab, &self.baseline);
                    let run = case::run(lab, baseline, &ground, &mut controls, attack, &attempt);
                    let case = Box::pin(run).await?;
                    all.attempts.extend(self.attempted(case));
                }
                later.extend(apart(ground, &wanted));
            }
        }
        self.used = true;
        if !later.is_empty() {
            self.without_others(later, &mut all).await?;
        }
        if all.attempts.is_empty() && all.held == 0 {
            return Err(TrialError::NotApplicable {
                attack: word.to_owned(),
                route: route.to_owned(),
            });
        }
        Ok(all)
    }

    /// Calls that are made while the rows of all other tenants are away.
    async fn without_others(
        &mut self,
        later: Vec<Later>,
        all: &mut Attacked,
    ) -> Result<(), TrialError> {
        let mut swept = Swept::default();
        Box::pin(interference::sweep(&mut self.lab, later, None, &mut swept)).await?;
        all.held += swept
            .tallies
            .values()
            .map(|tally| tally.held)
            .sum::<usize>();
        for violation in swept.violations {
            let case = Case {
                history: violation.history,
                outcome: Outcome::Violated(vec![violation.evidence]),
                advisories: Vec::new(),
                company: std::sync::Arc::default(),
            };
            all.attempts.extend(self.attempted(case));
        }
        Ok(())
    }

    fn attempted(&self, case: Case) -> Option<Attempted> {
        let exchange = case.history.first(Purpose::Attack)?.clone();
        let (crossed, reason) = match case.outcome {
            Outcome::Violated(found) => (found, None),
            Outcome::Held => (Vec::<Evidence>::new(), None),
            Outcome::Inconclusive(reason) => (Vec::new(), Some(reason)),
        };
        let shown_by = crossed.first().map_or((Purpose::Attack, 0), |e| e.shown_by);
        let crossed = crossed.iter().map(sentence).collect();
        Some(Attempted {
            name: format!("{} ({})", case.history.attack, case.history.variant),
            requests: requests(&self.lab, &case.history, shown_by),
            exchange,
            crossed,
            reason,
        })
    }
}

/// The routes that fit a pattern; at least one.
fn fitting<'l>(lab: &'l Lab<'_>, wanted: &str) -> Result<Vec<&'l Route>, TrialError> {
    let all = &lab.routes;
    let fit = all.iter().filter(|r| pattern::matches(wanted, &r.id));
    let fit: Vec<&Route> = fit.collect();
    if fit.is_empty() {
        return Err(unknown(
            "route",
            wanted,
            all.iter().map(|r| r.id.0.as_str()),
        ));
    }
    Ok(fit)
}

/// Leaves out the routes that nobody wants, reads aside: those show what writes have done.
fn narrowed(lab: &mut Lab<'_>, wanted: &[String]) -> Result<(), TrialError> {
    let mut kept: BTreeSet<RouteId> = BTreeSet::new();
    for pattern in wanted {
        kept.extend(fitting(lab, pattern)?.into_iter().map(|r| r.id.clone()));
    }
    let knowledge = &lab.knowledge;
    lab.routes
        .retain(|r| r.is_safe() || kept.contains(&r.id) || parting::may_part(knowledge, r));
    Ok(())
}
