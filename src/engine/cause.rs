//! Causes: the foreign value is changed and the answer follows it, or the foreign row is taken away and the effect is gone.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::baseline::hash;
use super::case::take_back;
use super::confirm::{Proof, rerun, same};
use super::error::RunError;
use super::interference;
use super::lab::Lab;
use super::second::seconds;
use super::substitute::{replacement, shows_token};
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::knowledge::Knowledge;
use crate::model::rows::{Change, Operation, RowRef};
use crate::model::schema::ColumnRef;
use crate::model::verdict::{Crossing, Evidence, Provenance};

/// What a crossing is called that needs no attack.
pub const PLAIN: &str = "plain.call";

/// How long is watched what changes by itself: longer than a pass of a worker that has just been given something to do.
const IDLE: std::time::Duration = std::time::Duration::from_millis(120);

/// Changes a leaked value in the database: the answer must follow. Where no value can be changed, or the answer is cached,
/// takes the rows away: the values must be gone from the answer.
pub async fn leaked(
    lab: &mut Lab<'_>,
    history: &History,
    evidence: &Evidence,
    values: &[Provenance],
) -> Result<Result<String, String>, RunError> {
    take_back(lab, history).await?;
    if let Some(name) = follows(lab, history, evidence, values, 1).await? {
        return Ok(Ok(format!("{name} {FOLLOWED}")));
    }
    let rows: Vec<RowRef> = values.iter().map(|v| v.row.clone()).collect();
    gone_without(
        lab,
        history,
        evidence,
        &rows,
        "the values were gone from the answer",
    )
    .await
}

/// What follows the name of a column whose value an answer followed.
pub const FOLLOWED: &str = "was given another value in the database, and the answer followed it";

/// Gives the first leaked value that can be changed another one in the database, and makes the calls again, up to so many
/// times: the name of its column where an answer follows it.
pub async fn follows(
    lab: &mut Lab<'_>,
    history: &History,
    evidence: &Evidence,
    values: &[Provenance],
    goes: usize,
) -> Result<Option<String>, RunError> {
    let mut rng = ChaCha8Rng::seed_from_u64(lab.settings.seed ^ hash(&history.variant));
    for value in values {
        let Some((sql, token)) = replacement(lab, value, &mut rng) else {
            continue;
        };
        if lab.world.execute(&sql).await.is_err() {
            continue;
        }
        let changes = lab.settle().await?;
        let mut follows = false;
        for _ in 0..goes {
            let again = rerun(lab, history).await?;
            follows = shows(&again, evidence, &token);
            take_back(lab, &again).await?;
            if follows {
                break;
            }
        }
        lab.restore(&changes).await?;
        return Ok(follows.then(|| lab.knowledge.schema.column_name(column_of(value))));
    }
    Ok(None)
}

fn column_of(value: &Provenance) -> ColumnRef {
    ColumnRef {
        table: value.row.table,
        column: value.column,
    }
}

/// A foreign write is confirmed when nothing of the kind happens by itself, and when the row that the attack names is left
/// alone once it is not there. What the attacker's own call does, too, is no attack's doing: it is `plain` then.
pub async fn wrote(
    lab: &mut Lab<'_>,
    history: History,
    evidence: Evidence,
    row: &RowRef,
) -> Result<Proof, RunError> {
    tokio::time::sleep(IDLE).await;
    let idle = lab.settle().await?;
    let Crossing::Wrote { operation, .. } = &evidence.crossing else {
        return Ok(Err("no write".into()));
    };
    let alike = |c: &Change| c.table == row.table && c.operation == *operation;
    let by_itself = |c: &Change| alike(c) && !lab.knowledge.background.covers(c);
    if idle.iter().any(by_itself) {
        return Ok(Err("rows of that table change by themselves".into()));
    }
    if lab.knowledge.rows.get(row).is_some() && history.reached.contains(row) {
        let rows = std::slice::from_ref(row);
        let proof = gone_without(lab, &history, &evidence, rows, "no foreign row changed").await?;
        return Ok(proof.map(|proof| (proof, evidence, history)));
    }
    let Some(control) = history.first(Purpose::OwnControl).map(|e| e.call.clone()) else {
        let proof =
            "the same rows changed again on fresh state, and none while nothing was called".into();
        return Ok(Ok((proof, evidence, history)));
    };
    let own = lab.perform_own(&control).await?;
    let without = History {
        attack: PLAIN.to_owned(),
        variant: "legitimate".to_owned(),
        exchanges: vec![(Purpose::Attack, own)],
        ..history.clone()
    };
    let crosses = same(&lab.knowledge, &without, &evidence);
    take_back(lab, &without).await?;
    Ok(Ok(match crosses {
        Some(evidence) => (
            "the same rows changed again on fresh state, and also by the attacker's own call without the attack".into(),
            evidence,
            without,
        ),
        None => (
            "the same rows changed again on fresh state, and not by the attacker's own call without the attack".into(),
            evidence,
            history,
        ),
    }))
}

/// Takes foreign rows away on fresh state and repeats the attack: the effect must be gone.
pub async fn gone_without(
    lab: &mut Lab<'_>,
    history: &History,
    evidence: &Evidence,
    rows: &[RowRef],
    effect: &str,
) -> Result<Result<String, String>, RunError> {
    lab.fresh().await?;
    let standing = rows
        .iter()
        .filter(|row| lab.knowledge.rows.get(row).is_some());
    let standing: Vec<RowRef> = standing.cloned().collect();
    // Who is gone cannot log in any more.
    for (_, exchange) in &history.exchanges {
        lab.log_in(&exchange.call).await?;
    }
    let removed = interference::take_away(lab, &standing, &history.attacker_tenants).await?;
    let Some(removed) = removed else {
        return Ok(Err(
            "it showed again on fresh state, but without superuser the foreign row could not be taken away past what points to it"
                .into(),
        ));
    };
    if removed.is_empty() && history.of(Purpose::Setup).next().is_some() {
        return without_setup(lab, history, evidence).await;
    }
    if removed.is_empty() {
        return Ok(Err(
            "it showed again on fresh state, but no row could be taken away to show the cause"
                .into(),
        ));
    }
    let again = rerun(lab, history).await?;
    let remembering = remembering(&lab.knowledge, &removed);
    let still = match (&evidence.crossing, same(&remembering, &again, evidence)) {
        (_, None) => false,
        // The rows that were taken away are what it is about; others may cross by the same defect.
        (Crossing::Leaked { .. }, Some(e)) => matches!(&e.crossing, Crossing::Leaked { values, .. }
            if values.iter().any(|v| rows.contains(&v.row))),
        (Crossing::Wrote { .. }, Some(e)) => {
            matches!(&e.crossing, Crossing::Wrote { row, .. } if rows.contains(row))
        }
        (Crossing::Referenced { .. }, Some(e)) => {
            matches!(&e.crossing, Crossing::Referenced { to, .. } if rows.contains(to))
        }
        (_, Some(_)) => true,
    };
    take_back(lab, &again).await?;
    lab.restore(&removed).await?;
    Ok(if still {
        Err("the effect stayed when the foreign row was taken away".into())
    } else {
        Ok(format!(
            "the foreign row was taken away on fresh state, and {effect}"
        ))
    })
}

/// What was taken away is known still: values of it in an answer count as much as before.
pub fn remembering(knowledge: &Knowledge, removed: &[Change]) -> Knowledge {
    let mut remembering = knowledge.clone();
    for change in removed {
        let back = Change {
            operation: Operation::Insert,
            old: None,
            new: change.old.clone(),
            ..change.clone()
        };
        remembering.rows.apply(&remembering.schema, &back);
    }
    remembering
}

/// A reference that no foreign key holds is stored whether its row is there or not: it is the attack's doing where it
/// follows when another foreign id is sent.
pub async fn followed(
    lab: &mut Lab<'_>,
    history: &History,
    evidence: &Evidence,
) -> Result<Result<String, String>, RunError> {
    let attack = history.first(Purpose::Attack).map(|e| e.call.clone());
    let others = attack.map(|attack| seconds(lab, history, &attack));
    for (call, row) in others.unwrap_or_default() {
        lab.fresh().await?;
        let mut other = history.clone();
        for (purpose, exchange) in &mut other.exchanges {
            if *purpose == Purpose::Attack {
                exchange.call = call.clone();
            }
        }
        let again = rerun(lab, &other).await?;
        let found = same(&lab.knowledge, &again, evidence);
        take_back(lab, &again).await?;
        if found.is_some_and(|e| matches!(e.crossing, Crossing::Referenced { to, .. } if to == row))
        {
            return Ok(Ok(
                "another foreign id was sent on fresh state, and the stored reference followed it"
                    .into(),
            ));
        }
    }
    Ok(Err(
        "no other foreign id could be sent in its place to show the cause".into(),
    ))
}

/// What the victim itself had just made is not there when it makes nothing: the effect must be gone, then.
async fn without_setup(
    lab: &mut Lab<'_>,
    history: &History,
    evidence: &Evidence,
) -> Result<Result<String, String>, RunError> {
    let mut without = history.clone();
    without.retain(|p| p != Purpose::Setup);
    let again = rerun(lab, &without).await?;
    let still = same(&lab.knowledge, &again, evidence).is_some();
    take_back(lab, &again).await?;
    Ok(if still {
        Err("the effect stayed when the victim had made nothing before".into())
    } else {
        Ok("on fresh state the victim made nothing before, and the values were gone from the answer".into())
    })
}

/// Blocking is confirmed when the victim keeps what it had without the attack.
pub async fn blocked(
    lab: &mut Lab<'_>,
    history: &History,
    evidence: &Evidence,
) -> Result<Result<String, String>, RunError> {
    lab.fresh().await?;
    let mut without = history.clone();
    let hostile = |p: Purpose| {
        matches!(
            p,
            Purpose::Attack | Purpose::AttackerAfter | Purpose::Missing
        )
    };
    without.retain(|p| !hostile(p));
    let mut again = rerun(lab, &without).await?;
    take_back(lab, &again).await?;
    as_if_attacked(&mut again, history);
    let still = same(&lab.knowledge, &again, evidence).is_some();
    Ok(if still {
        Err("the victim was blocked without the attack, too".into())
    } else {
        Ok(
            "on fresh state the victim kept what it had without the attack, and lost it with it"
                .into(),
        )
    })
}

/// Puts the attack back where it stood, as having changed nothing: the oracle judges what lies around an attack.
fn as_if_attacked(again: &mut History, history: &History) {
    let attack = history.first(Purpose::Attack).cloned();
    let first_after = again
        .exchanges
        .iter()
        .position(|(p, _)| *p == Purpose::VictimAfter);
    if let Some(mut attack) = attack {
        attack.changes.clear();
        let at = first_after.unwrap_or(again.exchanges.len());
        again.exchanges.insert(at, (Purpose::Attack, attack));
    }
}

/// Whether the exchange that showed the evidence holds a text now; in company, any that is like it.
fn shows(history: &History, evidence: &Evidence, token: &str) -> bool {
    let (purpose, index) = evidence.shown_by;
    let holds = |exchange: &Exchange| {
        let response = exchange.response();
        response.is_some_and(|response| shows_token(response, token))
    };
    let mut exchanges = history.of(purpose);
    if history.company.is_empty() {
        exchanges.nth(index).is_some_and(holds)
    } else {
        exchanges.any(holds)
    }
}
