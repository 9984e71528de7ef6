//! Confirms what crossed in a browser, on fresh state: it is played again, and once more without its cause.

use super::devices::Devices;
use super::judged::{Ended, alike, is_of, judged, place};
use super::play::{Missing, Played, play};
use super::sight::Sight;
use crate::engine::cause::remembering;
use crate::engine::error::RunError;
use crate::engine::interference::take_away;
use crate::engine::lab::Lab;
use crate::model::browsing::{Action, Script};
use crate::model::exchange::History;
use crate::model::knowledge::Knowledge;
use crate::model::rows::RowRef;
use crate::model::verdict::{Crossing, Evidence};

/// What shows a crossing by its cause, with the evidence on fresh state; or why it stays suspected.
pub type Proof = Result<(String, Evidence, History), String>;

/// Plays it again, and without its cause; `None` where it did not cross again.
pub async fn confirm(
    lab: &mut Lab<'_>,
    devices: &mut Devices,
    script: &Script,
    seen: &(Evidence, History),
) -> Result<Option<Proof>, RunError> {
    let attack = seen.1.attack.clone();
    lab.fresh().await?;
    let played = play(lab, devices, script, Missing::Skipped).await?;
    let Ended::Crossed(all) = judged(&lab.knowledge, &attack, script, &played) else {
        return Ok(None);
    };
    let kind = |(e, _): &&(Evidence, History)| alike(e, &seen.0);
    let there = |(_, h): &&(Evidence, History)| place(h) == place(&seen.1);
    let found = all.iter().filter(kind).find(there);
    let found = found.or_else(|| all.iter().find(kind)).cloned();
    let Some((evidence, history)) = found else {
        return Ok(None);
    };
    let proof = match &evidence.crossing {
        Crossing::Leaked { values, .. } => {
            let rows: Vec<RowRef> = values.iter().map(|v| v.row.clone()).collect();
            without_rows(lab, devices, script, &history, &rows).await?
        }
        _ => without_switch(lab, devices, script, &attack, &evidence).await?,
    };
    Ok(Some(proof.map(|proof| (proof, evidence, history))))
}

/// The rows are taken away: their values must be gone.
async fn without_rows(
    lab: &mut Lab<'_>,
    devices: &mut Devices,
    script: &Script,
    history: &History,
    rows: &[RowRef],
) -> Result<Result<String, String>, RunError> {
    lab.fresh().await?;
    let ownership = &lab.knowledge.ownership;
    let membership = ownership.membership.as_ref().map(|m| m.table);
    let entrance = [ownership.users, Some(ownership.tenants), membership];
    // Whose row, tenant or membership is gone cannot log in any more.
    let lets_in = |row: &RowRef| entrance.contains(&Some(row.table));
    let data = rows.iter().any(|r| !lets_in(r));
    let taken = |r: &&RowRef| !lets_in(r) || (!data && Some(r.table) != ownership.users);
    let mut rows: Vec<RowRef> = rows.iter().filter(taken).cloned().collect();
    rows.sort();
    rows.dedup();
    let removed = take_away(lab, &rows, &history.attacker_tenants).await?;
    let Some(removed) = removed.filter(|removed| !removed.is_empty()) else {
        return Ok(Err(
            "it showed again on fresh state, but no row could be taken away to show the cause"
                .into(),
        ));
    };
    let played = play(lab, devices, script, Missing::Skipped).await?;
    let remembering = remembering(&lab.knowledge, &removed);
    let still = match judged(&remembering, &history.attack, script, &played) {
        Ended::Crossed(all) => all.iter().any(|(e, _)| is_of(e, &rows)),
        Ended::Held | Ended::Inconclusive(..) => false,
    };
    let there = reached(&lab.knowledge, &played, history);
    lab.restore(&removed).await?;
    Ok(if still {
        Err("the values stayed when their rows were taken away".into())
    } else if !there {
        Err(
            "without the rows the same page was not reached, so that nothing is shown of the cause"
                .into(),
        )
    } else {
        Ok("the rows were taken away on fresh state, and the same actions showed their values no more".into())
    })
}

/// Whether whoever was shown something was served again: that page, or one with data of its own.
fn reached(knowledge: &Knowledge, played: &Played, history: &History) -> bool {
    let Played::Sights(sights) = played else {
        return false;
    };
    let place = place(history);
    let path = place.split_once(' ').map_or("", |(_, path)| path);
    let path = path.trim_end_matches("#kept");
    let own = |s: &Sight| {
        let mut tenants = history.attacker_tenants.iter();
        tenants.any(|tenant| s.shows(knowledge, tenant))
    };
    let mut served = sights.iter().filter(|s| s.seen.status < 400);
    served.any(|s| s.who == history.attacker && (s.path() == path || own(s)))
}

/// Nobody switches: nothing of the kind may be written.
async fn without_switch(
    lab: &mut Lab<'_>,
    devices: &mut Devices,
    script: &Script,
    attack: &str,
    evidence: &Evidence,
) -> Result<Result<String, String>, RunError> {
    lab.fresh().await?;
    let switches = |a: &&Action| matches!(a, Action::Switch(_) | Action::SwitchForged(_));
    let actions = script.actions.iter().filter(|a| !switches(a));
    let without = Script {
        actions: actions.cloned().collect(),
        ..script.clone()
    };
    let played = play(lab, devices, &without, Missing::Skipped).await?;
    let still = match judged(&lab.knowledge, attack, &without, &played) {
        Ended::Crossed(all) => all.iter().any(|(e, _)| alike(e, evidence)),
        Ended::Held | Ended::Inconclusive(..) => false,
    };
    Ok(if still {
        Err("it crossed without the switch, too".into())
    } else if matches!(played, Played::Stuck(_)) {
        Err("it could not be played without the switch".into())
    } else {
        Ok("on fresh state the same actions crossed again, and did not without the switch".into())
    })
}
