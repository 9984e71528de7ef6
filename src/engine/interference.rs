//! Calls with and without the rows of other tenants: all routes in one go, since taking the rows away serves them all.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::case;
use super::error::RunError;
use super::judge::judge;
use super::lab::Lab;
pub use super::narrow::narrowed;
use super::sweep::{Later, ended};
use super::swept::{Swept, record};
use crate::attack::Attempt;
use crate::model::call::Call;
use crate::model::exchange::{Exchange, History, Purpose, is_plain};
use crate::model::knowledge::Knowledge;
use crate::model::rows::{Change, RowRef};
use crate::model::tenant::TenantKey;
use crate::oracle::Oracle;
use crate::oracle::noninterference::Noninterference;
use crate::seed::{self, SeedError};
use crate::world::WorldError;

/// How often what moved must move again: a field with two values alike likely passes for one that tells of others in one
/// try of eight, and once in 2,000 after this many rounds.
const ROUNDS: usize = 4;

/// How many reads share one look at the row changes.
const BATCH: usize = 32;

/// How many rows one statement takes away.
const TAKEN: usize = 200;

/// Why the calls of a group were not made.
const HELD_FAST: &str = "whether counts and sums tell of other tenants was not tried for everybody: without superuser, rows cannot be \
     taken away past what points to them";

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
        .filter(|v| v.evidence.oracle == "leak" && is_plain(v.attack))
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
        around_reads(lab, &reads, &tenants, &away, deadline, swept).await?;
        if swept.cut_short.is_none() {
            after_others(lab, &creates, deadline, swept).await?;
        }
        if swept.cut_short.is_some() {
            return Ok(());
        }
    }
    Ok(())
}

/// Makes reads of these tenants while the rows of all others are away, and with them back.
async fn around_reads(
    lab: &mut Lab<'_>,
    reads: &[Later],
    tenants: &[TenantKey],
    away: &[RowRef],
    deadline: Option<Instant>,
    swept: &mut Swept,
) -> Result<(), RunError> {
    let history = |one: &Later| History {
        away: away.to_vec(),
        ..case::start(lab, &one.ground, one.attack, &one.attempt)
    };
    let histories: Vec<History> = reads.iter().map(history).collect();
    let calls: Vec<Call> = reads.iter().map(|one| one.attempt.call.clone()).collect();
    let Some(mut histories) = around(lab, histories, &calls, away, deadline).await? else {
        swept.cut_short = ended(lab, deadline);
        if swept.cut_short.is_none() {
            swept.advisories.insert(HELD_FAST.to_owned());
        }
        return Ok(());
    };
    rounds(lab, &mut histories, away, tenants, deadline).await?;
    for (one, history) in reads.iter().zip(histories) {
        judged(lab, one, history, swept);
    }
    Ok(())
}

/// Makes creates just after another tenant's.
async fn after_others(
    lab: &mut Lab<'_>,
    creates: &[Later],
    deadline: Option<Instant>,
    swept: &mut Swept,
) -> Result<(), RunError> {
    for one in creates {
        swept.cut_short = ended(lab, deadline);
        if swept.cut_short.is_some() {
            return Ok(());
        }
        let history = case::start(lab, &one.ground, one.attack, &one.attempt);
        let mut history = after_another(lab, history, &one.attempt).await?;
        let round = after(&one.attempt);
        for _ in 0..ROUNDS {
            if moves_still(&lab.knowledge, &history) {
                each_again(lab, &mut history, &round).await?;
            }
        }
        judged(lab, one, history, swept);
    }
    Ok(())
}

/// Judges what was made, and notes it.
fn judged(lab: &Lab<'_>, one: &Later, history: History, swept: &mut Swept) {
    let case = judge(&lab.knowledge, history);
    let seen_after = lab.swept_calls();
    record(swept, &one.ground, one.attack, one.rank, case, seen_after);
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
    let mut calls = vec![(Purpose::Still, attempt.call.clone()); 2];
    calls.extend(after(attempt));
    each_again(lab, &mut history, &calls).await?;
    Ok(history)
}

/// Another tenant's create, the own one after it, and the own one with everything as it was.
fn after(attempt: &Attempt) -> Vec<(Purpose, Call)> {
    let first = attempt.first.iter().cloned();
    let mut calls: Vec<_> = first.map(|call| (Purpose::Setup, call)).collect();
    calls.push((Purpose::Attack, attempt.call.clone()));
    calls.push((Purpose::Still, attempt.call.clone()));
    calls
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
            Purpose::Attack if !steps => while_away(lab, history, call).await?,
            _ => lab.perform(call).await?,
        };
        made.append(&mut exchange.changes);
        if *purpose == Purpose::Setup {
            let foreign = made
                .iter()
                .filter(|c| c.owners_after.foreign_to(&history.attacker_tenants));
            let rows = foreign.filter_map(|c| c.row(&lab.knowledge.schema));
            history.away = rows.collect::<BTreeSet<_>>().into_iter().collect();
        } else {
            lab.undo(&std::mem::take(&mut made)).await?;
        }
        history.exchanges.push((*purpose, exchange));
    }
    Ok(())
}

/// Each call twice, once while rows are away, and once more, by history. `None` where rows cannot be away, or where time was
/// up meanwhile: one answer less shows nothing.
async fn around(
    lab: &mut Lab<'_>,
    mut histories: Vec<History>,
    calls: &[Call],
    away: &[RowRef],
    deadline: Option<Instant>,
) -> Result<Option<Vec<History>>, RunError> {
    let tenants = histories.first().map(|h| h.attacker_tenants.clone());
    let tenants = tenants.unwrap_or_default();
    for (purpose, rows) in [
        (Purpose::Still, None),
        (Purpose::Still, None),
        (Purpose::Attack, Some(away)),
        (Purpose::Still, None),
    ] {
        let removed = match rows {
            Some(rows) => match take_away(lab, rows, &tenants).await? {
                Some(removed) => removed,
                None => return Ok(None),
            },
            None => Vec::new(),
        };
        let made = each(lab, calls, deadline).await?;
        lab.restore(&removed).await?;
        let Some(made) = made else {
            return Ok(None);
        };
        for (history, exchange) in histories.iter_mut().zip(made) {
            history.exchanges.push((purpose, exchange));
        }
    }
    Ok(Some(histories))
}

/// Takes the rows away and back several times more, for those calls alone whose answers moved each time so far.
async fn rounds(
    lab: &mut Lab<'_>,
    histories: &mut [History],
    away: &[RowRef],
    tenants: &[TenantKey],
    deadline: Option<Instant>,
) -> Result<(), RunError> {
    for _ in 0..ROUNDS {
        let moving = histories.iter_mut();
        let mut moving: Vec<&mut History> =
            moving.filter(|h| moves_still(&lab.knowledge, h)).collect();
        let calls = moving.iter().filter_map(|h| h.first(Purpose::Attack));
        let calls: Vec<Call> = calls.map(|e| e.call.clone()).collect();
        if calls.is_empty() {
            break;
        }
        let Some(removed) = take_away(lab, away, tenants).await? else {
            break;
        };
        let alone = each(lab, &calls, deadline).await?;
        lab.restore(&removed).await?;
        let back = each(lab, &calls, deadline).await?;
        let (Some(alone), Some(back)) = (alone, back) else {
            break;
        };
        for (history, (alone, back)) in moving.iter_mut().zip(alone.into_iter().zip(back)) {
            let both = [(Purpose::Attack, alone), (Purpose::Still, back)];
            history.exchanges.extend(both);
        }
    }
    Ok(())
}

/// Whether an answer moved in every round that there was.
fn moves_still(knowledge: &Knowledge, history: &History) -> bool {
    let found = Noninterference.judge(history, knowledge);
    found.is_ok_and(|found| !found.is_empty())
}

/// Makes calls, reads many at once, and takes back at once what they change. `None` where time was up meanwhile.
async fn each(
    lab: &mut Lab<'_>,
    calls: &[Call],
    deadline: Option<Instant>,
) -> Result<Option<Vec<Exchange>>, RunError> {
    let mut made = Vec::with_capacity(calls.len());
    for batch in calls.chunk_by(|a, b| a.is_safe() && b.is_safe()) {
        for batch in batch.chunks(BATCH) {
            if ended(lab, deadline).is_some() {
                return Ok(None);
            }
            let exchanges = if batch.iter().all(Call::is_safe) {
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
async fn while_away(
    lab: &mut Lab<'_>,
    history: &History,
    call: &Call,
) -> Result<Exchange, RunError> {
    let removed = take_away(lab, &history.away, &history.attacker_tenants).await?;
    // Where they stay, nothing moves, and nothing is shown.
    let removed = removed.unwrap_or_default();
    let mut exchange = lab.perform(call).await?;
    lab.undo(&std::mem::take(&mut exchange.changes)).await?;
    lab.restore(&removed).await?;
    Ok(exchange)
}

/// Takes rows away, past triggers and foreign keys. Where the role may not do that, all goes that points to them, too, and
/// they stay (`None`) if that is not foreign to `tenants`.
pub async fn take_away(
    lab: &mut Lab<'_>,
    rows: &[RowRef],
    tenants: &[TenantKey],
) -> Result<Option<Vec<Change>>, RunError> {
    if !lab.world.can_be_replica() {
        return with_all_below(lab, rows, tenants).await;
    }
    let mut sql = String::new();
    for of_table in rows.chunk_by(|a, b| a.table == b.table) {
        let table = lab.knowledge.schema.table(of_table[0].table);
        for some in of_table.chunks(TAKEN) {
            let each: Vec<String> = some
                .iter()
                .map(|row| format!("({})", seed::is_row(table, row)))
                .collect();
            sql.extend([
                "DELETE FROM ",
                &table.sql(),
                " WHERE ",
                &each.join(" OR "),
                ";\n",
            ]);
        }
    }
    lab.world.execute_as_replica(&sql).await?;
    lab.settle().await.map(Some)
}

async fn with_all_below(
    lab: &mut Lab<'_>,
    rows: &[RowRef],
    tenants: &[TenantKey],
) -> Result<Option<Vec<Change>>, RunError> {
    let Knowledge {
        schema,
        rows: known,
        ..
    } = &lab.knowledge;
    let doomed = seed::with_children(schema, known, rows);
    let mut below = doomed.values().flatten().filter(|at| !rows.contains(at));
    if below.any(|at| !lab.knowledge.owners_of(at).foreign_to(tenants)) {
        return Ok(None);
    }
    match seed::take_back(lab.world.pool(), &lab.knowledge.schema, rows).await {
        Ok(()) => lab.settle().await.map(Some),
        Err(SeedError::World(WorldError::Undo { .. })) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
