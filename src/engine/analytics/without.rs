//! Calls of one tenant while the rows of all others are away and the target has been started anew: what it has kept or summed
//! up of others is gone, too.

use crate::engine::error::RunError;
use crate::engine::interference::{others_rows, take_away};
use crate::engine::lab::Lab;
use crate::model::call::Call;
use crate::model::exchange::Exchange;
use crate::model::rows::RowRef;
use crate::model::tenant::TenantKey;

/// The answers, with the rows that were away; `None` where they cannot be taken away.
pub async fn alone(
    lab: &mut Lab<'_>,
    calls: &[Call],
    tenants: &[TenantKey],
) -> Result<Option<(Vec<Exchange>, Vec<RowRef>)>, RunError> {
    if !lab.world.is_cloned() {
        return Ok(None);
    }
    let away = others_rows(&lab.knowledge, tenants);
    let Some(removed) = take_away(lab, &away, tenants).await? else {
        return Ok(None);
    };
    lab.world.start_target().await?;
    let made = answers(lab, calls).await;
    lab.restore(&removed).await?;
    Ok(Some((made?, away)))
}

/// The answers to calls, whose changes are taken back.
pub async fn answers(lab: &mut Lab<'_>, calls: &[Call]) -> Result<Vec<Exchange>, RunError> {
    let mut all = Vec::with_capacity(calls.len());
    for batch in calls.chunks(32) {
        for mut exchange in lab.perform_own_reads(batch).await? {
            let changes = std::mem::take(&mut exchange.changes);
            lab.undo(&changes).await?;
            all.push(exchange);
        }
    }
    Ok(all)
}
