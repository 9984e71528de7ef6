//! Which rows of others it is that an answer moves with: those of one table, then one row.

use std::collections::BTreeSet;

use super::error::RunError;
use super::interference::again;
use super::lab::Lab;
use crate::model::exchange::{History, Purpose};
use crate::model::rows::RowRef;
use crate::model::schema::TableId;
use crate::model::verdict::{Crossing, Evidence};
use crate::oracle::Oracle;
use crate::oracle::noninterference::Noninterference;

/// Of how many single rows of a table is tried whether one is enough.
const ROWS: usize = 3;

/// Fewer rows that show the same: those of one table, then one row; with the evidence and a sentence. `None` where the
/// answer did not move again.
pub async fn narrowed(
    lab: &mut Lab<'_>,
    history: &History,
) -> Result<Option<(String, Evidence, History)>, RunError> {
    if history.of(Purpose::Setup).next().is_some() {
        let again = moves(lab, history, Vec::new()).await?;
        let proof =
            "on fresh state it moved again after another tenant's call, and stood still without it";
        return Ok(again.map(|(evidence, history)| (proof.to_owned(), evidence, history)));
    }
    let tables: BTreeSet<TableId> = history.away.iter().map(|r| r.table).collect();
    let mut best = None;
    for table in tables {
        let mut fewer = history.away.clone();
        fewer.retain(|r| r.table == table);
        if let Some(found) = moves(lab, history, fewer).await? {
            best = Some(found);
            break;
        }
    }
    let Some((evidence, history)) = best else {
        let all = moves(lab, history, history.away.clone()).await?;
        let proof =
            "on fresh state it moved with the rows of several tables away, and back with them";
        return Ok(all.map(|(evidence, history)| (proof.to_owned(), evidence, history)));
    };
    for row in history.away.iter().take(ROWS) {
        if let Some((evidence, history)) = moves(lab, &history, vec![row.clone()]).await? {
            let proof = "on fresh state that one row was taken away and put back: the answer moved, and moved back";
            return Ok(Some((proof.to_owned(), evidence, history)));
        }
    }
    let proof = "on fresh state the rows of that table were taken away and put back: the answer moved, and moved back";
    Ok(Some((proof.to_owned(), evidence, history)))
}

/// The same calls with these rows away, where the answer moves.
async fn moves(
    lab: &mut Lab<'_>,
    history: &History,
    away: Vec<RowRef>,
) -> Result<Option<(Evidence, History)>, RunError> {
    let history = History {
        away,
        ..history.clone()
    };
    let history = again(lab, &history).await?;
    let found = Noninterference.judge(&history, &lab.knowledge);
    let found = found.unwrap_or_default().into_iter();
    let moved = found.filter(|e| matches!(e.crossing, Crossing::Moved { .. }));
    Ok(moved.map(|e| (e, history.clone())).next())
}
