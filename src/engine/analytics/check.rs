//! Declared figures: every tenant asks, and what they are told is compared with what SQL says of the same rows.

use std::collections::BTreeSet;

use tokio::time::Instant;

use super::learn;
use super::without::answers;
use crate::attack::Scope;
use crate::engine::baseline::Baseline;
use crate::engine::case::visible_to;
use crate::engine::cause::PLAIN;
use crate::engine::crowd::own_call;
use crate::engine::error::RunError;
use crate::engine::lab::Lab;
use crate::engine::sweep::ended;
use crate::engine::swept::Swept;
use crate::model::call::Call;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::route::{Route, RouteId};
use crate::model::tenant::Actor;
use crate::model::verdict::Evidence;
use crate::oracle::Oracle;
use crate::oracle::conservation::Conservation;

/// Asks for every declared figure, on the state as it is: before anything was attacked, what the target has summed up when it
/// started is what SQL says still.
pub async fn sweep(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    deadline: Option<Instant>,
    swept: &mut Swept,
) -> Result<(), RunError> {
    if lab.settings.description.analytics.check.is_empty() {
        return Ok(());
    }
    lab.calls_before = lab.calls;
    lab.knowledge.figures = learn(lab).await?;
    let figures = lab.knowledge.figures.iter();
    let routes: BTreeSet<RouteId> = figures.map(|f| f.route.clone()).collect();
    for id in routes {
        if !lab.settings.selects(PLAIN, &id) {
            continue;
        }
        swept.cut_short = ended(lab, deadline);
        if swept.cut_short.is_some() {
            break;
        }
        let route = lab.route(&id).filter(|r| r.is_safe()).cloned();
        let asking = route.map(|route| callers(lab, baseline, &route));
        let asking = asking.unwrap_or_default();
        if asking.is_empty() {
            swept.advisories.insert(format!(
                "{id}: what `[[analytics.check]]` says of it was not looked at, for no read of it worked"
            ));
            continue;
        }
        one_route(lab, &id, &asking, swept).await?;
    }
    lab.knowledge.figures.clear();
    Ok(())
}

/// The strongest member of each tenant that a route works for, with its own call; the tenant without rows, too.
pub(super) fn callers(lab: &Lab<'_>, baseline: &Baseline, route: &Route) -> Vec<(Actor, Call)> {
    let tenants = lab.knowledge.tenants.iter();
    let callers = tenants.filter_map(|tenant| {
        let actor = baseline.strongest(lab, &route.id, &tenant.key)?;
        Some((actor.clone(), own_call(lab, baseline, route, actor)?))
    });
    callers.collect()
}

async fn one_route(
    lab: &mut Lab<'_>,
    route: &RouteId,
    asking: &[(Actor, Call)],
    swept: &mut Swept,
) -> Result<(), RunError> {
    let calls: Vec<Call> = asking.iter().map(|(_, call)| call.clone()).collect();
    let made = answers(lab, &calls).await?;
    let actors = asking.iter().map(|(actor, _)| actor);
    let each = actors.zip(&made);
    let each = each.map(|(actor, exchange)| told(lab, actor, vec![exchange.clone()]));
    let mut histories: Vec<History> = each.collect();
    histories.extend(
        asking
            .first()
            .map(|(actor, _)| told(lab, actor, made.clone())),
    );
    let mut found: Vec<(Evidence, History)> = Vec::new();
    for history in histories {
        // What one tenant is told wrongly shows in the sum again.
        let sum = history.exchanges.len() > 1;
        if sum && !found.is_empty() {
            break;
        }
        match Conservation.judge(&history, &lab.knowledge) {
            Ok(all) => found.extend(all.into_iter().map(|e| (e, history.clone()))),
            Err(reason) => {
                swept.advisories.insert(format!(
                    "{route}: what `[[analytics.check]]` says of it was not shown for everybody: {reason}"
                ));
            }
        }
    }
    for (evidence, history) in found {
        let seen_after = lab.swept_calls();
        swept.cross_plainly(route, seen_after, Scope::Handler, evidence, history);
    }
    Ok(())
}

/// The history of what tenants were told, as its first caller sees it.
pub(super) fn told(lab: &Lab<'_>, actor: &Actor, made: Vec<Exchange>) -> History {
    let variant = if made.len() > 1 {
        "as it is, for every tenant"
    } else {
        "as it is, beside SQL"
    };
    History {
        attacker_tenants: visible_to(lab, actor),
        exchanges: made.into_iter().map(|e| (Purpose::Attack, e)).collect(),
        ..History::new(PLAIN, variant, &actor.id)
    }
}
