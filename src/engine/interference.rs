//! Calls with and without the rows of other tenants: all routes in one go, since taking the rows away serves them all.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::case::{self, is_safe};
use super::confirm::condition;
use super::error::RunError;
use super::lab::Lab;
use super::sweep::{Later, Swept, ended, record};
use crate::attack::Attempt;
use crate::model::call::Call;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::knowledge::Knowledge;
use crate::model::rows::{Change, RowRef};
use crate::model::schema::TableId;
use crate::model::tenant::TenantKey;
use crate::model::verdict::{Crossing, Evidence};
use crate::oracle::Oracle;
use crate::oracle::noninterference::Noninterference;

/// How many reads share one look at the row changes.
const BATCH: usize = 32;

/// How many rows one statement takes away.
const TAKEN: usize = 200;

/// Of how many single rows of a table is tried whether one is enough.
const ROWS: usize = 3;

/// Makes the calls that were kept for this, for each set of tenants that attackers belong to, as long as there is time.
pub async fn sweep(
    lab: &mut Lab<'_>,
    later: Vec<Later>,
    deadline: Option<Instant>,
    swept: &mut Swept,
) -> Result<(), RunError> {
    if !lab.world.is_cloned() && !later.is_empty() {
        // Rows that are away stand nowhere else while the target works on somebody's own database.
        let said =
            "whether counts and sums tell of other tenants was not tried: the database is no clone";
        swept.advisories.insert(said.to_owned());
        return Ok(());
    }
    // Where foreign values stand in the answer, what moves with them is the same defect.
    let leaking: BTreeSet<_> = swept
        .violations
        .iter()
        .filter(|v| v.evidence.oracle == "leak" && v.attack.starts_with("plain."))
        .map(|v| v.route.clone())
        .collect();
    let mut groups: BTreeMap<Vec<TenantKey>, Vec<Later>> = BTreeMap::new();
    for one in later {
        if !leaking.contains(&one.ground.route.id) {
            let tenants = case::start(lab, &one.ground, one.attack, &one.attempt).attacker_tenants;
            groups.entry(tenants).or_default().push(one);
        }
    }
    for (tenants, group) in groups {
        let away = others_rows(&lab.knowledge, &tenants);
        if tenants.is_empty() || away.is_empty() {
            continue;
        }
        let (reads, creates): (Vec<Later>, Vec<Later>) = group
            .into_iter()
            .partition(|one| one.attempt.first.is_empty());
        let histories = reads.iter().map(|one| {
            let mut history = case::start(lab, &one.ground, one.attack, &one.attempt);
            history.away.clone_from(&away);
            history
        });
        let histories: Vec<History> = histories.collect();
        let calls: Vec<Call> = reads.iter().map(|one| one.attempt.call.clone()).collect();
        let Some(histories) = around(lab, histories, &calls, &away, deadline).await? else {
            swept.cut_short = ended(lab, deadline);
            return Ok(());
        };
        for (one, history) in reads.iter().zip(histories) {
            let case = case::judge(&lab.knowledge, history);
            record(swept, &one.ground, one.attack, one.rank, case);
        }
        for one in &creates {
            if let Some(why) = ended(lab, deadline) {
                swept.cut_short = Some(why);
                return Ok(());
            }
            let history = case::start(lab, &one.ground, one.attack, &one.attempt);
            let history = after_another(lab, history, &one.attempt).await?;
            let case = case::judge(&lab.knowledge, history);
            record(swept, &one.ground, one.attack, one.rank, case);
        }
    }
    Ok(())
}

/// The rows that other tenants own and that nobody of `tenants` may see in any part; the tenants themselves stay.
pub fn others_rows(knowledge: &Knowledge, tenants: &[TenantKey]) -> Vec<RowRef> {
    let tables = knowledge.schema.tables.iter();
    let tables = tables.filter(|t| t.id != knowledge.ownership.tenants);
    let mut rows = Vec::new();
    for table in tables {
        let foreign = knowledge.rows.of(table.id).filter(|(at, row)| {
            let owners = knowledge.owners(table.id, row);
            let seen = |column| knowledge.may_see(tenants, at, column, &owners);
            owners.foreign_to(tenants)
                && owners.0.iter().all(|o| knowledge.tenant(o).is_some())
                && !(0..table.columns.len()).any(seen)
        });
        rows.extend(foreign.map(|(at, _)| at.clone()));
    }
    rows
}

/// A create as it is, just after another tenant made its own, and as it is again.
async fn after_another(
    lab: &mut Lab<'_>,
    mut history: History,
    attempt: &Attempt,
) -> Result<History, RunError> {
    let still = || (Purpose::Still, attempt.call.clone());
    let first = attempt.first.iter().cloned();
    let mut calls = vec![still(), still()];
    calls.extend(first.map(|call| (Purpose::Setup, call)));
    calls.extend([(Purpose::Attack, attempt.call.clone()), still()]);
    each_again(lab, &mut history, &calls).await?;
    Ok(history)
}

/// Makes the calls of a history again.
pub async fn again(lab: &mut Lab<'_>, history: &History) -> Result<History, RunError> {
    let calls = history.exchanges.iter();
    let calls: Vec<(Purpose, Call)> = calls.map(|(p, e)| (*p, e.call.clone())).collect();
    let mut again = History {
        exchanges: Vec::new(),
        ..history.clone()
    };
    each_again(lab, &mut again, &calls).await?;
    Ok(again)
}

/// Makes calls one by one. Where others' calls come first, the attack is made on what those made, and those rows are noted;
/// else while the noted rows are away. Everything is as before afterwards.
async fn each_again(
    lab: &mut Lab<'_>,
    history: &mut History,
    calls: &[(Purpose, Call)],
) -> Result<(), RunError> {
    let mut made: Vec<Change> = Vec::new();
    let steps = calls.iter().any(|(purpose, _)| *purpose == Purpose::Setup);
    for (purpose, call) in calls {
        let mut exchange = match purpose {
            Purpose::Setup => lab.perform_own(call).await?,
            Purpose::Attack if !steps => while_away(lab, &history.away, call).await?,
            _ => lab.perform(call).await?,
        };
        made.append(&mut exchange.changes);
        if *purpose == Purpose::Setup {
            let foreign = made
                .iter()
                .filter(|c| c.owners_after.foreign_to(&history.attacker_tenants));
            history.away = foreign
                .filter_map(|c| c.row(&lab.knowledge.schema))
                .collect();
        } else {
            lab.undo(&std::mem::take(&mut made)).await?;
        }
        history.exchanges.push((*purpose, exchange));
    }
    Ok(())
}

/// Each call twice, once while rows are away, and once more, by history. `None` where time was up meanwhile: one answer less
/// shows nothing.
async fn around(
    lab: &mut Lab<'_>,
    mut histories: Vec<History>,
    calls: &[Call],
    away: &[RowRef],
    deadline: Option<Instant>,
) -> Result<Option<Vec<History>>, RunError> {
    for (purpose, rows) in [
        (Purpose::Still, None),
        (Purpose::Still, None),
        (Purpose::Attack, Some(away)),
        (Purpose::Still, None),
    ] {
        let removed = match rows {
            Some(rows) => take_away(lab, rows).await?,
            None => Vec::new(),
        };
        let made = each(lab, calls, deadline).await?;
        lab.restore(&removed.iter().collect::<Vec<_>>()).await?;
        let Some(made) = made else {
            return Ok(None);
        };
        for (history, exchange) in histories.iter_mut().zip(made) {
            history.exchanges.push((purpose, exchange));
        }
    }
    Ok(Some(histories))
}

/// Makes calls, reads many at once, and takes back at once what they change. `None` where time was up meanwhile.
async fn each(
    lab: &mut Lab<'_>,
    calls: &[Call],
    deadline: Option<Instant>,
) -> Result<Option<Vec<Exchange>>, RunError> {
    let mut made = Vec::with_capacity(calls.len());
    for batch in calls.chunk_by(|a, b| is_safe(a) && is_safe(b)) {
        for batch in batch.chunks(BATCH) {
            if ended(lab, deadline).is_some() {
                return Ok(None);
            }
            let exchanges = if batch.iter().all(is_safe) {
                lab.perform_reads(batch).await?
            } else {
                let mut alone = Vec::new();
                for call in batch {
                    alone.push(lab.perform(call).await?);
                }
                alone
            };
            for mut exchange in exchanges {
                let changes = std::mem::take(&mut exchange.changes);
                lab.undo(&changes).await?;
                made.push(exchange);
            }
        }
    }
    Ok(Some(made))
}

/// Makes a call while rows are away; they are back afterwards.
async fn while_away(lab: &mut Lab<'_>, away: &[RowRef], call: &Call) -> Result<Exchange, RunError> {
    let removed = take_away(lab, away).await?;
    let mut exchange = lab.perform(call).await?;
    lab.undo(&std::mem::take(&mut exchange.changes)).await?;
    lab.restore(&removed.iter().collect::<Vec<_>>()).await?;
    Ok(exchange)
}

/// Takes rows away, past triggers and foreign keys.
async fn take_away(lab: &mut Lab<'_>, rows: &[RowRef]) -> Result<Vec<Change>, RunError> {
    let mut sql = String::new();
    for of_table in rows.chunk_by(|a, b| a.table == b.table) {
        let table = lab.knowledge.schema.table(of_table[0].table).sql();
        for some in of_table.chunks(TAKEN) {
            let each: Vec<String> = some
                .iter()
                .map(|row| format!("({})", condition(lab, row)))
                .collect();
            sql.extend(["DELETE FROM ", &table, " WHERE ", &each.join(" OR "), ";\n"]);
        }
    }
    lab.world.execute_as_replica(&sql).await?;
    lab.settle().await
}

/// Fewer rows that show the same: those of one table, then one row; with the evidence and a sentence. `None` where the
/// answer did not move again.
pub async fn narrowed(
    lab: &mut Lab<'_>,
    history: &History,
) -> Result<Option<(String, Evidence, History)>, RunError> {
    if history.of(Purpose::Setup).next().is_some() {
        let again = moves(lab, history, Vec::new()).await?;
        let proof =
            "on a new clone it moved again after another tenant's call, and stood still without it";
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
            "on a new clone it moved with the rows of several tables away, and back with them";
        return Ok(all.map(|(evidence, history)| (proof.to_owned(), evidence, history)));
    };
    for row in history.away.iter().take(ROWS) {
        if let Some((evidence, history)) = moves(lab, &history, vec![row.clone()]).await? {
            let proof = "on a new clone that one row was taken away and put back: the answer moved, and moved back";
            return Ok(Some((proof.to_owned(), evidence, history)));
        }
    }
    let proof = "on a new clone the rows of that table were taken away and put back: the answer moved, and moved back";
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
