//! For whom a route works, once a way to call it is known.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Baseline, CHOICES, Working, names_rows, own, refuses_all, shows_change, taken_back, worked,
};
use crate::engine::cursor;
use crate::engine::error::RunError;
use crate::engine::lab::Lab;
use crate::engine::plan::Plan;
use crate::model::call::Call;
use crate::model::exchange::Exchange;
use crate::model::route::Route;
use crate::model::tenant::{Actor, ActorId, Standing};
use crate::oracle::controls::shows;

/// Calls a route as every other actor of the cast, and tells for whom it worked.
pub(super) async fn everybody(
    lab: &mut Lab<'_>,
    baseline: &mut Baseline,
    route: &Route,
    plan: Plan,
    first: &Actor,
    exchange: &Exchange,
    focused: bool,
) -> Result<Working, RunError> {
    let mut working = Working {
        plan,
        actors: BTreeSet::new(),
        shown_to: BTreeSet::new(),
        choices: BTreeMap::new(),
        shows: BTreeSet::new(),
        writes: BTreeSet::new(),
        cursors: BTreeMap::new(),
    };
    note(lab, baseline, &mut working, first, exchange);
    let ordinary = |a: &&Actor| {
        matches!(
            a.standing,
            Standing::Member | Standing::Double | Standing::Privileged
        )
    };
    let mut left: Vec<Actor> = lab
        .knowledge
        .actors
        .iter()
        .filter(ordinary)
        // A read that is only looked at after writes is tried by the like of whom it worked for.
        .filter(|a| focused || a.role == first.role)
        .filter(|a| a.id != first.id)
        .cloned()
        .collect();
    let has_slots = names_rows(&working.plan);
    let first_changes = shows_change(lab, exchange);
    for nth in 0..CHOICES {
        let mut again = Vec::new();
        for (actor, exchange) in a_round(lab, route, &working.plan, left, nth).await? {
            if worked(&exchange) {
                note(lab, baseline, &mut working, &actor, &exchange);
                let changes = shows_change(lab, &exchange);
                if changes || !working.choices.contains_key(&actor.id) {
                    working.choices.insert(actor.id.clone(), nth);
                }
                if !changes && has_slots && first_changes {
                    again.push(actor);
                }
            } else if has_slots && !exchange.response().is_some_and(refuses_all) {
                again.push(actor);
            }
        }
        left = again;
    }
    if focused {
        cursor::learn(lab, route, &mut working).await?;
        let mut nobody = exchange.call.clone();
        nobody.actor = ActorId::anonymous();
        if worked(&own(lab, &nobody).await?) {
            lab.knowledge.open_routes.insert(route.id.clone());
        }
    }
    Ok(working)
}

/// Calls a route as each of these actors on one choice of rows, where they have that many: reads many in flight, writes one
/// by one.
async fn a_round(
    lab: &mut Lab<'_>,
    route: &Route,
    plan: &Plan,
    actors: Vec<Actor>,
    nth: usize,
) -> Result<Vec<(Actor, Exchange)>, RunError> {
    let call = |actor: Actor| {
        let concrete = plan.call(&lab.knowledge, route, &actor, actor.tenant.as_ref(), nth)?;
        Some((actor, concrete.call))
    };
    let (actors, calls): (Vec<Actor>, Vec<Call>) = actors.into_iter().filter_map(call).unzip();
    let mut made = Vec::with_capacity(calls.len());
    if route.is_safe() {
        made = lab.perform_own_together(&calls).await?;
        for exchange in &made {
            taken_back(lab, exchange).await?;
        }
    } else {
        for call in &calls {
            made.push(own(lab, call).await?);
        }
    }
    Ok(actors.into_iter().zip(made).collect())
}

fn note(
    lab: &Lab<'_>,
    baseline: &mut Baseline,
    working: &mut Working,
    actor: &Actor,
    exchange: &Exchange,
) {
    if working.actors.insert(actor.id.clone()) {
        *baseline.strength.entry(actor.id.clone()).or_default() += 1;
    }
    working
        .writes
        .extend(exchange.changes.iter().map(|c| c.table));
    if shows(exchange, &lab.knowledge, &actor.memberships).is_some() {
        working.shown_to.insert(actor.id.clone());
    }
    if let Some(response) = exchange.response() {
        let shown = lab.tables_shown(response);
        if !shown.is_empty() {
            baseline.carried = true;
            if !lab.witnessed && exchange.call.is_safe() {
                baseline.pair.telling.push(exchange.call.clone());
            }
        }
        working.shows.extend(shown);
    }
}
