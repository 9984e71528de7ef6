//! Snapshots: each tenant's answer of each aggregate route, where it is shown to be that tenant's own.

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

use super::check::told;
use super::learn;
use super::recognise::{Aggregate, aggregates};
use super::redacted::{differs, redacted, text};
use super::without::{alone, answers};
use crate::engine::baseline::Baseline;
use crate::engine::error::{RunError, ended};
use crate::engine::lab::Lab;
use crate::engine::masked::Masked;
use crate::engine::open::open;
use crate::engine::run::{Clock, known_good, secrets, stage};
use crate::model::call::Call;
use crate::model::event::Listener;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::route::{Route, RouteId};
use crate::model::snapshot::{Shot, Snapshots, Taken};
use crate::model::tenant::{Actor, TenantKey};
use crate::model::verdict::{Crossing, Evidence};
use crate::oracle::Oracle;
use crate::oracle::conservation::Conservation;
use crate::oracle::noninterference::Noninterference;
use crate::settings::Settings;

/// How often what moved must move again.
const ROUNDS: usize = 2;

/// Brings the target up, seeds it, and asks every aggregate route as every tenant.
pub async fn snapshot(settings: Settings, listener: &dyn Listener) -> Result<Snapshots, RunError> {
    let listener = &Masked::new(listener, &settings);
    let (stop, mut clock) = (CancellationToken::new(), Clock::default());
    let mut opened = Box::pin(open(&settings, listener, stop, &mut clock)).await?;
    // Nothing is written: what a snapshot shows is the seed.
    opened.lab.routes.retain(Route::is_safe);
    let (lab, generated) = (&mut opened.lab, &opened.generated);
    let mut warnings = opened.warnings;
    let found = Box::pin(async {
        let baseline = known_good(lab, &mut warnings, generated).await?;
        shots(lab, &baseline).await
    });
    let found = found
        .await
        .map_err(|error| error.masked(&secrets(&opened.lab)));
    let found = found.map(|found| Snapshots {
        target: settings.target_name(),
        shots: found.shots,
        unreached: found.unreached,
        warnings,
        partial: !settings.only.is_empty() || !settings.skip.is_empty(),
        secrets: secrets(&opened.lab),
    });
    ended(found, opened.lab.world.close().await, listener)
}

/// What was found, without the world around it.
#[derive(Default)]
struct Found {
    shots: Vec<Shot>,
    unreached: Vec<(RouteId, String)>,
}

/// One tenant's call of an aggregate route, and what was answered to it.
struct Asked {
    route: RouteId,
    declared: bool,
    actor: Actor,
    tenant: TenantKey,
    history: History,
}

async fn shots(lab: &mut Lab<'_>, baseline: &Baseline) -> Result<Found, RunError> {
    stage(
        lab.listener,
        "snapshot",
        "asking aggregates as every tenant, with others' rows and without",
    );
    lab.fresh().await?;
    lab.knowledge.figures = learn(lab).await?;
    let mut found = Found::default();
    let wanted = aggregates(lab, baseline).await?;
    let (mut asked, calls) = questions(lab, baseline, wanted, &mut found);
    for _ in 0..2 {
        let made = answers(lab, &calls).await?;
        note(&mut asked, made, Purpose::Still);
    }
    let by_sql = told_by_sql(lab, &asked);
    without_others(lab, &mut asked).await?;
    lab.knowledge.figures.clear();
    found.shots = asked
        .iter()
        .enumerate()
        .map(|(at, one)| shot(lab, one, by_sql.get(&at)))
        .collect();
    Ok(found)
}

/// Adds an answer to each.
fn note(asked: &mut [Asked], made: Vec<Exchange>, purpose: Purpose) {
    for (one, exchange) in asked.iter_mut().zip(made) {
        one.history.exchanges.push((purpose, exchange));
    }
}

/// The calls of every tenant to every aggregate route; declared routes that do not work are told.
fn questions(
    lab: &Lab<'_>,
    baseline: &Baseline,
    aggregates: Vec<Aggregate>,
    found: &mut Found,
) -> (Vec<Asked>, Vec<Call>) {
    let (mut asked, mut calls) = (Vec::new(), Vec::new());
    for aggregate in aggregates {
        let route = aggregate.route.id;
        if aggregate.asking.is_empty() {
            let row = baseline.table.iter().find(|r| r.route == route);
            let why = row.and_then(|r| r.reason.clone());
            let why = why.unwrap_or_else(|| "it worked for nobody".to_owned());
            found.unreached.push((route, why));
            continue;
        }
        for (actor, call) in aggregate.asking {
            let Some(tenant) = actor.tenant.clone() else {
                continue;
            };
            asked.push(Asked {
                route: route.clone(),
                declared: aggregate.declared,
                tenant,
                history: told(lab, &actor, Vec::new()),
                actor,
            });
            calls.push(call);
        }
    }
    (asked, calls)
}

/// What the declared queries say otherwise, by place among the asked; one route's tenants are compared together, too.
fn told_by_sql(lab: &Lab<'_>, asked: &[Asked]) -> BTreeMap<usize, Vec<Evidence>> {
    let mut wrong: BTreeMap<usize, Vec<Evidence>> = BTreeMap::new();
    let first = |one: &Asked| one.history.first(Purpose::Still).cloned();
    let judged = |actor: &Actor, made: Vec<Exchange>| {
        let found = Conservation.judge(&told(lab, actor, made), &lab.knowledge);
        found.ok()
    };
    for (at, one) in asked.iter().enumerate() {
        let Some(exchange) = first(one) else { continue };
        if let Some(found) = judged(&one.actor, vec![exchange]) {
            wrong.insert(at, found);
        }
    }
    for route in asked.chunk_by(|a, b| a.route == b.route) {
        let from = asked
            .iter()
            .position(|a| a.route == route[0].route)
            .unwrap_or(0);
        let all: Vec<usize> = (from..from + route.len()).collect();
        if all
            .iter()
            .any(|at| wrong.get(at).is_some_and(|found| !found.is_empty()))
        {
            continue;
        }
        let made = route.iter().filter_map(first).collect();
        // Where the sum is wrong nobody knows whose part is: none of them may be kept.
        for evidence in judged(&route[0].actor, made).unwrap_or_default() {
            for at in &all {
                wrong.entry(*at).or_default().push(evidence.clone());
            }
        }
    }
    wrong
}

/// Adds the answers while others' rows are away, and once more with all rows there; what moves is asked again.
async fn without_others(lab: &mut Lab<'_>, asked: &mut [Asked]) -> Result<(), RunError> {
    let mut tenants: Vec<TenantKey> = asked.iter().map(|a| a.tenant.clone()).collect();
    tenants.sort();
    tenants.dedup();
    for round in 0..=ROUNDS {
        for tenant in &tenants {
            let mut own: Vec<&mut Asked> =
                asked.iter_mut().filter(|a| a.tenant == *tenant).collect();
            own.retain(|one| round == 0 || moved(lab, &one.history).is_some());
            apart(lab, &mut own).await?;
        }
        lab.world.start_target().await?;
        for one in asked.iter_mut() {
            if round > 0 && moved(lab, &one.history).is_none() {
                continue;
            }
            let call = one.history.exchanges[0].1.call.clone();
            let made = answers(lab, &[call]).await?;
            note(std::slice::from_mut(one), made, Purpose::Still);
        }
    }
    Ok(())
}

/// Adds the answers of calls of one tenant while others' rows are away.
async fn apart(lab: &mut Lab<'_>, own: &mut [&mut Asked]) -> Result<(), RunError> {
    let Some(first) = own.first() else {
        return Ok(());
    };
    let sees = first.history.attacker_tenants.clone();
    let calls: Vec<Call> = own
        .iter()
        .map(|a| a.history.exchanges[0].1.call.clone())
        .collect();
    let Some((made, away)) = alone(lab, &calls, &sees).await? else {
        return Ok(());
    };
    for (one, exchange) in own.iter_mut().zip(made) {
        one.history.away.clone_from(&away);
        one.history.exchanges.push((Purpose::Attack, exchange));
    }
    Ok(())
}

/// Where an answer moves with rows of others.
fn moved(lab: &Lab<'_>, history: &History) -> Option<Crossing> {
    let found = Noninterference.judge(history, &lab.knowledge).ok()?;
    Some(found.into_iter().next()?.crossing)
}

/// What came of one tenant's aggregate.
fn shot(lab: &Lab<'_>, one: &Asked, by_sql: Option<&Vec<Evidence>>) -> Shot {
    let slug = lab.knowledge.tenant(&one.tenant);
    Shot {
        route: one.route.clone(),
        tenant: slug.map_or_else(|| one.tenant.to_string(), |t| t.slug.clone()),
        actor: one.actor.id.to_string(),
        declared: one.declared,
        taken: taken(lab, one, by_sql),
    }
}

fn taken(lab: &Lab<'_>, one: &Asked, by_sql: Option<&Vec<Evidence>>) -> Taken {
    let wrong = by_sql.into_iter().flatten().next();
    if let Some(Crossing::Broke { promise, instead }) = wrong.map(|e| e.crossing.clone()) {
        return Taken::Wrong { promise, instead };
    }
    let paths = &lab.settings.description.analytics.redact;
    let kept = |exchange: &Exchange| {
        let response = exchange
            .response()
            .filter(|r| r.is_success() && !r.truncated)?;
        Some(redacted(response, paths))
    };
    let mut all = one
        .history
        .exchanges
        .iter()
        .map(|(_, exchange)| kept(exchange));
    let Some(Some(first)) = all.next() else {
        return Taken::Unverified("it was not answered".to_owned());
    };
    if let Some(Crossing::Moved {
        at, with, without, ..
    }) = moved(lab, &one.history)
    {
        return Taken::Moved { at, with, without };
    }
    if one.history.first(Purpose::Attack).is_none() {
        return Taken::Unverified("rows of others could not be taken away".to_owned());
    }
    for answer in all {
        let Some(answer) = answer else {
            return Taken::Unverified("it was not answered each time".to_owned());
        };
        if let Some(at) = differs(&first, &answer) {
            let said = format!(
                "{at} differs from one answer to the next: leave it out with `analytics.redact`"
            );
            return Taken::Unverified(said);
        }
    }
    Taken::Verified {
        text: text(&first),
        by_sql: by_sql.is_some(),
    }
}
