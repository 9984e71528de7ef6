//! Lays out the board: how each route is called by the members of each tenant, and what its answers bring that others take.

use std::collections::{BTreeMap, BTreeSet};

use super::board::{Board, Move, Opening};
use super::provide::{answers, by_column, by_name};
use super::sequence::Reach;
use crate::attack::ATTACKS;
use crate::engine::baseline::{Baseline, Working};
use crate::engine::bind::{Observed, Source};
use crate::engine::error::RunError;
use crate::engine::ground::grounds;
use crate::engine::lab::Lab;
use crate::engine::names::{is_key, stem};
use crate::engine::plan::Plan;
use crate::engine::subject::table_of;
use crate::engine::sweep::is_single;
use crate::engine::ways;
use crate::model::call::{Body, Call, SlotRef};
use crate::model::exchange::is_plain;
use crate::model::link::Origin;
use crate::model::route::{Place, Route, RouteId};
use crate::model::schema::{ColumnRef, TableId};
use crate::model::tenant::{Actor, Standing, TenantKey};
use crate::oracle::leaves::Leaf;

/// So many rows are tried for one actor.
const CHOICES: usize = 3;

/// So many actors of a tenant make a call: the strongest and one beside.
const ACTORS: usize = 2;

/// So many attacks on seeded rows are kept for a route.
const REACHING: usize = 24;

/// Lays out the board; what is called on the way is taken back.
pub async fn scout(lab: &mut Lab<'_>, baseline: &Baseline) -> Result<Board, RunError> {
    let routes: Vec<Route> = lab.routes.clone();
    let mut moves = Vec::new();
    let mut bound: Vec<Vec<(SlotRef, ColumnRef)>> = Vec::new();
    for route in routes
        .iter()
        .filter(|r| r.skipped.is_none() && is_wanted(lab, r))
    {
        let (made, slots) = match baseline.working.get(&route.id) {
            Some(working) => (
                working_move(lab, baseline, route, working),
                working.plan.bound(),
            ),
            None => open_move(lab, baseline, route),
        };
        if !made.calls.is_empty() {
            moves.push(made);
            bound.push(slots);
        }
    }
    let answers = answers(lab, baseline, &moves).await?;
    let routes: BTreeMap<&RouteId, &Route> = routes.iter().map(|r| (&r.id, r)).collect();
    for of in 0..moves.len() {
        let route = routes[&moves[of].route];
        if is_bound_by_accident(lab, baseline, route, &moves, &bound, &answers, of) {
            (moves[of], bound[of]) = open_move(lab, baseline, route);
        }
        let mut openings = std::mem::take(&mut moves[of].openings);
        for opening in &mut openings {
            let column = bound[of].iter().find(|(at, _)| *at == opening.slot);
            if let Some((_, column)) = column {
                opening.providers = by_column(lab, baseline, &moves, &bound, *column);
            }
            let named = by_name(route, opening, &moves, &answers);
            opening.providers.extend(named);
            opening.providers.retain(|p| p.of != of);
        }
        openings.retain(|o| o.needed || !o.providers.is_empty());
        moves[of].openings = openings;
    }
    Ok(Board::new(moves))
}

/// Whether a route's path is bound to a column only because a number fits any key: other routes bring what it is called for, and
/// make no rows of that table.
fn is_bound_by_accident(
    lab: &Lab<'_>,
    baseline: &Baseline,
    route: &Route,
    moves: &[Move],
    bound: &[Vec<(SlotRef, ColumnRef)>],
    answers: &[Vec<Leaf>],
    of: usize,
) -> bool {
    let in_path = bound[of].iter().filter(|(at, _)| at.place == Place::Path);
    let mut in_path = in_path.peekable();
    in_path.peek().is_some()
        && in_path.all(|(slot, column)| {
            let opening = opening(slot.clone(), false);
            let makes = by_column(lab, baseline, moves, bound, *column);
            let makes_rows = |of: usize| {
                let mut makes = makes.iter();
                makes.any(|p| p.of == of && matches!(p.origin, Origin::Row { .. }))
            };
            let named = by_name(route, &opening, moves, answers);
            !named.is_empty() && !named.iter().any(|p| makes_rows(p.of))
        })
}

/// Whether anything may be tried on a route.
fn is_wanted(lab: &Lab<'_>, route: &Route) -> bool {
    ATTACKS
        .iter()
        .any(|attack| lab.settings.selects(attack.id(), &route.id))
}

/// A route that works, as the baseline found it.
fn working_move(lab: &Lab<'_>, baseline: &Baseline, route: &Route, working: &Working) -> Move {
    let mut openings: Vec<Opening> = working
        .plan
        .bound()
        .into_iter()
        .map(|(slot, _)| opening(slot, false))
        .collect();
    openings.extend(
        body_keys(&working.plan)
            .into_iter()
            .map(|slot| opening(slot, false)),
    );
    let bound = working
        .plan
        .slots
        .iter()
        .filter_map(|(at, source)| match source {
            Source::Column(column) if at.place == Place::Path => Some(column.table),
            _ => None,
        });
    let tables: BTreeSet<TableId> = bound.chain(table_of(lab, route, working)).collect();
    let can = |actor: &Actor| working.actors.contains(&actor.id);
    Move {
        calls: calls(lab, baseline, route, &working.plan, &can),
        openings,
        reaching: reaching(lab, baseline, route),
        tables,
        ..bare(route)
    }
}

/// A route that never worked, with whatever its path asks for left open: what it wants may have to be made first. And what
/// else of it is bound to columns.
fn open_move(
    lab: &Lab<'_>,
    baseline: &Baseline,
    route: &Route,
) -> (Move, Vec<(SlotRef, ColumnRef)>) {
    let address = lab.facts.tenant_in_path.as_deref();
    let open: Vec<SlotRef> = route
        .parameters_in(Place::Path)
        .filter(|p| Some(p.name.as_str()) != address)
        .map(|p| SlotRef {
            place: Place::Path,
            name: p.name.clone(),
        })
        .collect();
    let member = lab.knowledge.actors.iter().find(|a| is_member(a));
    let way = member.filter(|_| !open.is_empty()).and_then(|member| {
        ways::plans(lab, &Observed::default(), route, member)
            .into_iter()
            .next()
    });
    let Some(mut plan) = way else {
        return (bare(route), Vec::new());
    };
    for (at, source) in &mut plan.slots {
        if open.contains(at) {
            *source = Source::Fixed("0".to_owned());
        }
    }
    let bound = plan.bound();
    let beside = bound.iter().map(|(slot, _)| slot.clone());
    let beside: Vec<SlotRef> = beside.chain(body_keys(&plan)).collect();
    let needed = open.into_iter().map(|slot| opening(slot, true));
    let openings = needed.chain(beside.into_iter().map(|slot| opening(slot, false)));
    let made = Move {
        calls: calls(lab, baseline, route, &plan, &|_| true),
        openings: openings.collect(),
        ..bare(route)
    };
    (made, bound)
}

fn bare(route: &Route) -> Move {
    Move {
        route: route.id.clone(),
        safe: route.is_safe(),
        calls: BTreeMap::new(),
        openings: Vec::new(),
        reaching: BTreeMap::new(),
        tables: BTreeSet::new(),
    }
}

fn opening(slot: SlotRef, needed: bool) -> Opening {
    Opening {
        slot,
        needed,
        providers: Vec::new(),
    }
}

/// Fields of a body that are called like a key and bound to no column.
fn body_keys(plan: &Plan) -> Vec<SlotRef> {
    let Some(Body::Json(serde_json::Value::Object(fields))) = &plan.body else {
        return Vec::new();
    };
    let keys = fields.iter().filter(|(name, value)| {
        is_key(name) && !stem(name).is_empty() && (value.is_string() || value.is_number())
    });
    let slots = keys.map(|(name, _)| SlotRef {
        place: Place::Body,
        name: format!("/{name}"),
    });
    slots
        .filter(|slot| plan.slots.iter().all(|(at, _)| at != slot))
        .collect()
}

fn is_member(actor: &Actor) -> bool {
    actor.standing == Standing::Member
}

/// The legitimate calls of a route, by tenant: the strongest members', on several rows.
fn calls(
    lab: &Lab<'_>,
    baseline: &Baseline,
    route: &Route,
    plan: &Plan,
    can: &dyn Fn(&Actor) -> bool,
) -> BTreeMap<TenantKey, Vec<Call>> {
    let mut all = BTreeMap::new();
    for tenant in lab.knowledge.tenants.iter().filter(|t| !t.control) {
        let mut actors: Vec<&Actor> = lab
            .knowledge
            .actors
            .iter()
            .filter(|a| is_member(a) && a.tenant.as_ref() == Some(&tenant.key))
            .filter(|a| can(a) && !lab.locked_out.contains_key(&a.id))
            .collect();
        actors.sort_by_key(|a| std::cmp::Reverse(baseline.strength.get(&a.id)));
        let mut made: Vec<Call> = Vec::new();
        for actor in actors.into_iter().take(ACTORS) {
            let first = baseline
                .working
                .get(&route.id)
                .map_or(0, |w| w.choice(&actor.id));
            for nth in first..first + CHOICES {
                let call = plan.call(&lab.knowledge, route, actor, Some(&tenant.key), nth);
                let call = call.map(|concrete| concrete.call);
                made.extend(call.filter(|call| !made.contains(call)));
            }
        }
        if !made.is_empty() {
            all.insert(tenant.key.clone(), made);
        }
    }
    all
}

/// Attacks on seeded rows, few of each, by the attacker's tenant.
fn reaching(
    lab: &Lab<'_>,
    baseline: &Baseline,
    route: &Route,
) -> BTreeMap<TenantKey, Vec<(Call, Reach)>> {
    let mut all: BTreeMap<TenantKey, Vec<(Call, Reach)>> = BTreeMap::new();
    let ground = grounds(lab, baseline, route).into_iter().next();
    let Some(ground) = ground.filter(|g| is_member(&g.attacker)) else {
        return all;
    };
    let mut made = Vec::new();
    for (rank, attack) in ATTACKS.iter().enumerate() {
        let wanted = !is_plain(attack.id()) && lab.settings.selects(attack.id(), &route.id);
        if !wanted {
            continue;
        }
        let simple =
            |a: &crate::attack::Attempt| is_single(a) && !a.without_others && !a.promise_only;
        let attempt = ground.attempts(*attack).into_iter().find(simple);
        made.extend(attempt.map(|attempt| {
            let reach = Reach {
                rank,
                attack: attack.id(),
                variant: attempt.variant,
                victim: ground.victim.key.clone(),
                slots: attempt.slots,
                reaches: attempt.reaches,
            };
            (attempt.call, reach)
        }));
    }
    made.truncate(REACHING);
    all.insert(ground.own.key.clone(), made);
    all
}
