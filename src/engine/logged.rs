//! The log: each read that works is made once more by itself, and what the target logged of it is judged.

use std::time::Duration;

use tokio::time::Instant;

use super::baseline::Baseline;
use super::crowd::own_call;
use super::error::RunError;
use super::judge::{Outcome, judge};
use super::lab::Lab;
use super::sweep::ended;
use super::swept::Swept;
use crate::attack::Scope;
use crate::engine::cause::PLAIN;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::logged::Logged;
use crate::model::route::Route;
use crate::oracle::Oracle;
use crate::oracle::log::Log;

/// How long a line may be in coming after its answer.
const LATE: Duration = Duration::from_secs(1);

/// Makes the reads again, where the description says what is logged of them.
pub async fn sweep(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    deadline: Option<Instant>,
    swept: &mut Swept,
) -> Result<(), RunError> {
    if lab.knowledge.log.is_none() {
        return Ok(());
    }
    let reads = baseline.working.keys().filter_map(|id| lab.route(id));
    let reads = reads.filter(|r| r.is_safe() && !r.public && lab.settings.selects(PLAIN, &r.id));
    let reads: Vec<Route> = reads.cloned().collect();
    for route in reads {
        swept.cut_short = ended(lab, deadline);
        if swept.cut_short.is_some() {
            return Ok(());
        }
        let mut tenants = lab.knowledge.tenants.iter().filter(|t| !t.control);
        let caller = tenants.find_map(|t| baseline.strongest(lab, &route.id, &t.key).cloned());
        let call = caller.and_then(|actor| own_call(lab, baseline, &route, &actor));
        let Some(call) = call else {
            continue;
        };
        lab.reads_log = true;
        let exchange = lab.perform(&call).await;
        lab.reads_log = false;
        let exchange = exchange?;
        let history = alone(&exchange);
        let Outcome::Violated(all) = judge(&lab.knowledge, history.clone()).outcome else {
            continue;
        };
        for evidence in all.into_iter().filter(|e| e.oracle == Log.id()) {
            // Lines are written before all handlers, or behind them all.
            let scope = Scope::Middleware;
            swept.cross_plainly(
                &route.id,
                lab.swept_calls(),
                scope,
                evidence,
                history.clone(),
            );
        }
    }
    Ok(())
}

fn alone(exchange: &Exchange) -> History {
    History {
        attacker_tenants: exchange.call.tenant.iter().cloned().collect(),
        exchanges: vec![(Purpose::Attack, exchange.clone())],
        ..History::new(PLAIN, "as it is, with its log line", &exchange.call.actor)
    }
}

impl Lab<'_> {
    /// What the target logged of an exchange, where the description says what it must; waits for it, bounded.
    pub(super) async fn logged(&mut self, exchange: &Exchange) -> Option<Logged> {
        let promise = self.knowledge.log.as_ref()?;
        let header = promise.header.to_ascii_lowercase();
        let Some(id) = exchange.response()?.header(&header) else {
            return Some(Logged::default());
        };
        let lines = self.world.printed(id, LATE).await?;
        Some(Logged { lines })
    }
}
