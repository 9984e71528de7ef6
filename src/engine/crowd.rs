//! Legitimate calls at once: an actor's own, which may get in each other's way, and those of several tenants, where an answer
//! may fall to the wrong one (a tenant kept for the process, not for the request).

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::time::Instant;

use super::baseline::Baseline;
use super::case::visible_to;
use super::cause::PLAIN;
use super::error::RunError;
use super::judge::{Outcome, judge};
use super::lab::{Batch, Lab};
use super::sweep::ended;
use super::swept::{Swept, Violation};
use crate::attack::Scope;
use crate::model::call::Call;
use crate::model::exchange::{Exchange, History, Purpose, is_plain};
use crate::model::knowledge::Knowledge;
use crate::model::route::{Route, RouteId};
use crate::model::tenant::Actor;
use crate::model::verdict::{Crossing, Evidence};

/// How often each caller's call is in a batch.
const ROUNDS: usize = 4;

/// How many callers a batch has.
const CALLERS: usize = 4;

/// Lets each actor make a read that works several times at once: whose calls get in each other's way makes them one by one
/// from then on.
pub async fn try_each(lab: &mut Lab<'_>, baseline: &Baseline) -> Result<(), RunError> {
    let actors: Vec<Actor> = lab.knowledge.actors.clone();
    for actor in actors {
        let mut routes = baseline.working.iter();
        let call = routes.find_map(|(id, working)| {
            let route = lab.route(id).filter(|r| r.is_safe())?;
            let works = working.actors.contains(&actor.id);
            works.then(|| own_call(lab, baseline, route, &actor))?
        });
        if let Some(call) = call {
            lab.try_together(&call).await?;
        }
    }
    Ok(())
}

/// The legitimate call of an actor for whom a route works.
pub(super) fn own_call(
    lab: &Lab<'_>,
    baseline: &Baseline,
    route: &Route,
    actor: &Actor,
) -> Option<Call> {
    let working = baseline.working.get(&route.id)?;
    let concrete = working.call(&lab.knowledge, route, actor, actor.tenant.as_ref())?;
    Some(concrete.call)
}

/// Makes each read as members of several tenants at once. What the same calls showed when nobody else called was judged
/// already: only what crosses now is noted.
pub async fn sweep(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    deadline: Option<Instant>,
    swept: &mut Swept,
) -> Result<(), RunError> {
    let leaks = |v: &&Violation| v.evidence.oracle == "leak" && is_plain(v.attack);
    let leaking = swept.violations.iter().filter(leaks);
    let leaking: BTreeSet<RouteId> = leaking.map(|v| v.route.clone()).collect();
    let routes: Vec<Route> = baseline
        .working
        .keys()
        .filter(|id| lab.settings.selects(PLAIN, id) && !leaking.contains(*id))
        .filter_map(|id| lab.route(id).filter(|r| r.is_safe()).cloned())
        .collect();
    for route in routes {
        swept.cut_short = ended(lab, deadline);
        if swept.cut_short.is_some() {
            return Ok(());
        }
        let callers = callers(lab, baseline, &route);
        if callers.len() > 1 {
            at_once(lab, &route.id, &callers, swept).await?;
        }
    }
    Ok(())
}

/// The strongest member of each tenant that the route works for, with its own call.
fn callers(lab: &Lab<'_>, baseline: &Baseline, route: &Route) -> Vec<(Actor, Call)> {
    let tenants = lab.knowledge.tenants.iter().filter(|t| !t.control);
    let callers = tenants.filter_map(|tenant| {
        let actor = baseline.strongest(lab, &route.id, &tenant.key)?;
        let call = own_call(lab, baseline, route, actor)?;
        Some((actor.clone(), call))
    });
    callers.take(CALLERS).collect()
}

async fn at_once(
    lab: &mut Lab<'_>,
    route: &RouteId,
    callers: &[(Actor, Call)],
    swept: &mut Swept,
) -> Result<(), RunError> {
    let round = callers.iter().map(|(_, call)| call.clone());
    let calls: Vec<Call> = round.cycle().take(callers.len() * ROUNDS).collect();
    let Batch::Quiet(made) = lab.perform_together(&calls).await? else {
        swept.advisories.insert(format!(
            "{route}: rows changed while tenants called it at once, beyond what changes by itself: whether answers fall to \
             the wrong tenant then was not shown"
        ));
        return Ok(());
    };
    let calls: Arc<[Call]> = calls.into();
    for (actor, _) in callers {
        let theirs = made.iter().filter(|e| e.call.actor == actor.id);
        let found = theirs.cloned().find_map(|exchange| {
            let history = alone(lab, actor, exchange);
            Some((leak(&lab.knowledge, &history)?, history))
        });
        let Some((evidence, history)) = found else {
            continue;
        };
        let history = History {
            company: calls.clone(),
            ..history
        };
        let seen_after = lab.swept_calls();
        swept.cross_plainly(route, seen_after, Scope::Handler, evidence, history);
    }
    Ok(())
}

/// The history of one of the calls.
fn alone(lab: &Lab<'_>, actor: &Actor, exchange: Exchange) -> History {
    History {
        attacker_tenants: visible_to(lab, actor),
        exchanges: vec![(Purpose::Attack, exchange)],
        ..History::new(PLAIN, "as it is, while other tenants call", &actor.id)
    }
}

fn leak(knowledge: &Knowledge, history: &History) -> Option<Evidence> {
    let Outcome::Violated(all) = judge(knowledge, history.clone()).outcome else {
        return None;
    };
    all.into_iter()
        .find(|e| matches!(e.crossing, Crossing::Leaked { .. }))
}
