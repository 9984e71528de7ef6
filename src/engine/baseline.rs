//! The baseline: every actor calls every route legitimately. It learns which routes work and how, which answers carry own
//! canaries, what happens by itself.

mod alive;
mod everybody;
mod known;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use self::everybody::everybody;
pub use self::known::{Baseline, Working};
use super::background::learn_background;
use super::bind::{Observed, Source};
use super::error::RunError;
use super::lab::{Batch, Lab};
use super::observe::observe;
use super::parting;
use super::plan::Plan;
use super::table::{Refusal, reached, unreached, untried};
use super::ways::{WAYS_TRIED, plans};
use crate::attack::ATTACKS;
use crate::model::call::{Call, SlotRef};
use crate::model::event::{Event, RouteBaseline};
use crate::model::exchange::{Exchange, Response};
use crate::model::route::{Place, Route, RouteId};
use crate::model::rows::Change;
use crate::model::tenant::{Actor, Standing};

/// How many rows are tried for one way of binding parameters.
const ROWS_TRIED: usize = 12;
/// How many rows are tried for every further actor, and further ones after a write that changed nothing.
const CHOICES: usize = 4;

/// Establishes the baseline on the running world; rows are as before afterwards.
pub async fn establish(lab: &mut Lab<'_>) -> Result<Baseline, RunError> {
    let mut baseline = Baseline::default();
    learn_background(lab).await?;
    let mut observed = Observed::default();
    let routes = ordered(&lab.routes);
    let total = routes.len();
    let mut rows: BTreeMap<RouteId, RouteBaseline> = BTreeMap::new();
    for (done, route) in routes.iter().enumerate() {
        lab.tell(&Event::Progress { done, total });
        if lab.stop.is_cancelled() {
            return Err(RunError::Stopped);
        }
        if let Some(why) = lab.begin_route().await {
            show_output(lab);
            return Err(RunError::Baseline(why));
        }
        let focused = ATTACKS
            .iter()
            .any(|a| lab.settings.selects(a.id(), &route.id));
        if !focused && !route.is_safe() && !parting::may_part(&lab.knowledge, route) {
            continue;
        }
        if !route.is_safe() && !lab.witnessed {
            baseline.pair.prove(lab).await?;
            baseline.pair.may_destroy(lab, route)?;
        }
        let row = match &route.skipped {
            Some(why) => RouteBaseline {
                left_out: true,
                ..unreached(route, None, format!("left out: {why}"))
            },
            None => one_route(lab, &mut baseline, &mut observed, route, focused).await?,
        };
        if focused {
            rows.insert(route.id.clone(), row);
        }
    }
    baseline.pair.prove(lab).await?;
    alive::learn(lab, &mut baseline).await?;
    if baseline.working.len() * 2 < rows.len() {
        show_output(lab);
    }
    baseline.table = lab
        .routes
        .iter()
        .filter_map(|r| rows.remove(&r.id))
        .collect();
    Ok(baseline)
}

/// How many lines of the target's output are shown where most of it does not work.
const LINES: usize = 12;

/// Where most routes fail, the target has most likely said why.
fn show_output(lab: &Lab<'_>) {
    let output = lab.world.log_tail();
    let lines: Vec<&str> = output.lines().filter(|l| !l.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    if !last.is_empty() {
        let said = format!("the target printed last:\n{}", last.join("\n"));
        lab.tell(&Event::Warning(said));
    }
}

/// Reads first, from the shortest; then what creates, changes, acts and, last, what deletes.
fn ordered(routes: &[Route]) -> Vec<Route> {
    let rank = |r: &Route| {
        let verb = match r.method.as_str() {
            "GET" | "HEAD" | "OPTIONS" => 0,
            "POST" => 1,
            "PATCH" | "PUT" => 2,
            _ => 3,
        };
        (
            parting::ends_session(r),
            verb,
            r.parameters_in(Place::Path).count(),
            r.template.len(),
        )
    };
    let mut routes = routes.to_vec();
    routes.sort_by_key(rank);
    routes
}

async fn one_route(
    lab: &mut Lab<'_>,
    baseline: &mut Baseline,
    observed: &mut Observed,
    route: &Route,
    focused: bool,
) -> Result<RouteBaseline, RunError> {
    let mut refusal: Option<Refusal> = None;
    for actor in tried_actors(lab, baseline) {
        let plans = plans(lab, observed, route, &actor);
        for plan in plans.into_iter().take(WAYS_TRIED) {
            if lab.gives_up_route() {
                break;
            }
            let tried = try_plan(lab, baseline, route, &plan, &actor, &mut refusal).await?;
            if let Some((plan, exchange)) = tried {
                observe(lab, observed, route, &exchange);
                lab.bound.insert(route.id.clone(), plan.bound());
                let working =
                    everybody(lab, baseline, route, plan, &actor, &exchange, focused).await?;
                let row = reached(lab, route, &working);
                baseline.working.insert(route.id.clone(), working);
                return Ok(row);
            }
        }
    }
    let why = refusal.as_ref().map(ToString::to_string);
    let why = why.unwrap_or_else(|| untried(lab));
    Ok(unreached(route, refusal.and_then(|r| r.status), why))
}

/// Members of the first tenants, the strongest so far first, each role once; then those without a tenant.
fn tried_actors(lab: &Lab<'_>, baseline: &Baseline) -> Vec<Actor> {
    let mut members: Vec<&Actor> = lab
        .knowledge
        .actors
        .iter()
        .filter(|a| a.standing == Standing::Member)
        .filter(|a| !is_control(lab, a))
        .collect();
    members.sort_by_key(|a| std::cmp::Reverse(baseline.strength.get(&a.id).copied().unwrap_or(0)));
    let mut roles = BTreeSet::new();
    members.retain(|a| !lab.locked_out.contains_key(&a.id) && roles.insert(a.role.clone()));
    let others = lab
        .knowledge
        .actors
        .iter()
        .filter(|a| a.standing == Standing::Privileged);
    members.into_iter().chain(others).cloned().collect()
}

fn is_control(lab: &Lab<'_>, actor: &Actor) -> bool {
    actor
        .tenant
        .as_deref()
        .and_then(|t| lab.knowledge.tenant(t))
        .is_some_and(|t| t.control)
}

/// Tries a plan on a few rows; the plan that worked starts with the row that worked, a write's with one that it changed where
/// there is one: what changes nothing on an own row cannot show that it changed a foreign one.
async fn try_plan(
    lab: &mut Lab<'_>,
    baseline: &mut Baseline,
    route: &Route,
    plan: &Plan,
    actor: &Actor,
    refusal: &mut Option<Refusal>,
) -> Result<Option<(Plan, Exchange)>, RunError> {
    let mut rows = if names_rows(plan) { ROWS_TRIED } else { 1 };
    let mut idle: Option<(Plan, Exchange)> = None;
    let mut nth = 0;
    let mut skipped = false;
    while nth < rows {
        let Some(concrete) = plan.call(&lab.knowledge, route, actor, actor.tenant.as_ref(), nth)
        else {
            break;
        };
        let exchange = own(lab, &concrete.call).await?;
        nth += 1;
        if worked(&exchange) {
            // What broke off may have broken off before anything was written.
            if !route.is_safe() && exchange.response().is_some_and(|r| !r.truncated) {
                baseline.pair.wrote(lab, route)?;
            }
            let changes = shows_change(lab, &exchange);
            let plan = Plan {
                first: nth - 1,
                ..plan.clone()
            };
            if changes {
                return Ok(Some((plan, exchange)));
            }
            rows = rows.min(nth + CHOICES);
            idle.get_or_insert((plan, exchange));
            continue;
        }
        if route.is_safe() && super::probation::is_broken(&exchange) {
            baseline.broken_reads.push(exchange.call.clone());
        }
        Refusal::keep(refusal, &exchange);
        if exchange.response().is_some_and(refuses_all) || lab.gives_up_route() {
            break;
        }
        if is_not_found(&exchange) && !std::mem::replace(&mut skipped, true) {
            nth = first_found(lab, route, plan, actor, nth..rows).await?;
        }
    }
    Ok(idle)
}

/// The first of these rows that is not answered "not found"; the end where none is. A wrong binding, the most frequent cause,
/// is answered so for each row: they are asked for in flight, and only what is answered otherwise is worth a call of its own.
async fn first_found(
    lab: &mut Lab<'_>,
    route: &Route,
    plan: &Plan,
    actor: &Actor,
    rows: Range<usize>,
) -> Result<usize, RunError> {
    let tenant = actor.tenant.as_ref();
    let calls: Vec<Call> = rows
        .clone()
        .map_while(|nth| plan.call(&lab.knowledge, route, actor, tenant, nth))
        .map(|concrete| concrete.call)
        .collect();
    let (Batch::Quiet(made) | Batch::Changed(made)) = lab.perform_together(&calls).await?;
    let found = made.iter().position(|e| !is_not_found(e));
    Ok(found.map_or(rows.end, |at| rows.start + at))
}

fn is_not_found(exchange: &Exchange) -> bool {
    exchange.response().is_some_and(|r| r.status == 404)
}

/// Whether a legitimate call changed rows, or promises to change none.
fn shows_change(lab: &Lab<'_>, exchange: &Exchange) -> bool {
    let own = |c: &Change| !lab.knowledge.background.covers(c);
    exchange.call.is_safe() || exchange.changes.iter().any(own)
}

fn names_rows(plan: &Plan) -> bool {
    let is_row = |(_, s): &(SlotRef, Source)| matches!(s, Source::Column(_));
    plan.slots.iter().any(is_row)
}

/// Whether a refusal is about the call's shape: other rows would not change it.
fn refuses_all(response: &Response) -> bool {
    matches!(response.status, 400 | 415 | 422)
}

/// Performs a legitimate call and takes its effects back; what a read writes is background.
async fn own(lab: &mut Lab<'_>, call: &Call) -> Result<Exchange, RunError> {
    let exchange = lab.perform_own(call).await?;
    if call.is_safe() {
        exchange
            .changes
            .iter()
            .for_each(|c| lab.knowledge.background.learn(c));
    }
    lab.undo(&exchange.changes).await?;
    let actor = lab.actor(&call.actor);
    if actor.is_some_and(|a| is_control(lab, a) && a.memberships.len() < 2)
        && let Some(response) = exchange.response()
    {
        lab.bar_answer(response);
    }
    Ok(exchange)
}

/// Whether a call did what it is for: success, or a redirect behind a write that shows.
pub fn worked(exchange: &Exchange) -> bool {
    let redirected = exchange
        .response()
        .is_some_and(|r| (300..400).contains(&r.status));
    exchange.succeeded()
        || (redirected && exchange.changes.iter().any(|c| !c.owners_after.is_global()))
}

/// A number from a text, the same in every run.
pub fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    })
}
