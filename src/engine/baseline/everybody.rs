//! For whom a route works, once a way to call it is known.

use std::collections::{BTreeMap, BTreeSet};

use super::{Baseline, CHOICES, Working, names_rows, own, refuses_all, shows_change, worked};
use crate::engine::cursor;
use crate::engine::error::RunError;
use crate::engine::lab::Lab;
use crate::engine::plan::{Concrete, Plan};
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
    let others: Vec<Actor> = lab
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
    // One by one: where answers fall to the wrong tenant when several call at once, what is learnt here would be wrong.
    for actor in others {
        for nth in 0..CHOICES {
            let call = working
                .plan
                .call(&lab.knowledge, route, &actor, actor.tenant.as_ref(), nth);
            let Some(Concrete { call, .. }) = call else {
                break;
            };
            let exchange = own(lab, &call).await?;
            if worked(&exchange) {
                note(lab, baseline, &mut working, &actor, &exchange);
                let changes = shows_change(lab, &exchange);
                if changes || !working.choices.contains_key(&actor.id) {
                    working.choices.insert(actor.id.clone(), nth);
                }
                if changes || !has_slots || !first_changes {
                    break;
                }
                continue;
            }
            if !has_slots || exchange.response().is_some_and(refuses_all) {
                break;
            }
        }
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
