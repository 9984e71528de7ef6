//! Many cases at once: attempts that share nothing are in flight together, and judged together.

use std::sync::Arc;

use super::{Ranked, start, take_back};
use crate::attack::Attempt;
use crate::engine::controls::{Controls, Life, controlled};
use crate::engine::error::RunError;
use crate::engine::ground::Prepared;
use crate::engine::judge::{Case, judge_all};
use crate::engine::lab::{Batch, Lab};
use crate::model::call::Call;
use crate::model::exchange::{Exchange, Purpose, is_plain};

/// Runs attempts that promise to change nothing, many in flight.
pub async fn run_reads(
    lab: &mut Lab<'_>,
    ground: &Prepared,
    controls: &mut Controls,
    attempts: &[Ranked<'_>],
) -> Result<Vec<Case>, RunError> {
    controls.prepare(lab, ground, attempts).await?;
    let judged_alone = attempts.iter().all(|(_, attack, _)| is_plain(attack.id()));
    let calls = calls_of(attempts);
    let mut exchanges = if judged_alone {
        lab.perform_likely_reads(&calls).await?
    } else {
        lab.perform_reads(&calls).await?
    };
    let mut company: Arc<[Call]> = calls.into();
    if !judged_alone
        && any_refused(&exchanges)
        && controls.life(lab, ground).await? == Life::Renewed
    {
        // Those were refused to a dead session, nobody knows from which on: each anew, in one that lives.
        company = Arc::default();
        for exchange in std::mem::take(&mut exchanges) {
            lab.undo(&exchange.changes).await?;
        }
        for attempt in attempts.chunks(1) {
            exchanges.extend(lab.perform_reads(&calls_of(attempt)).await?);
            controls.life(lab, ground).await?;
        }
    }
    let mut exchanges = exchanges.into_iter();
    let mut histories = Vec::with_capacity(attempts.len());
    for &(_, attack, attempt) in attempts {
        let mut history = start(lab, ground, attack, attempt);
        history.exchanges = controlled(lab, ground, controls, attack, attempt).await?;
        let made = exchanges.by_ref().take(1 + attempt.missing.len()).collect();
        history.exchanges.extend(purposes(made));
        histories.push((history, attempt));
    }
    let mut cases = judge_all(&lab.knowledge, histories);
    for case in &mut cases {
        take_back(lab, &case.history).await?;
        if company.len() > 1 {
            case.company = company.clone();
        }
    }
    Ok(cases)
}

/// Runs attempts that are likely to be refused, many in flight. Of those that were not, and of all where rows changed by
/// more than what was served, nothing is said: they are returned, to be run one by one.
pub async fn run_refused<'t>(
    lab: &mut Lab<'_>,
    ground: &Prepared,
    controls: &mut Controls,
    attempts: &[Ranked<'t>],
) -> Result<(Vec<(Ranked<'t>, Case)>, Vec<Ranked<'t>>), RunError> {
    let mut others = Vec::new();
    let mut left = attempts.to_vec();
    while !left.is_empty() {
        let batch = lab.perform_together(&calls_of(&left)).await?;
        let quiet = matches!(batch, Batch::Quiet(_));
        let (Batch::Quiet(made) | Batch::Changed(made)) = batch;
        if quiet && any_refused(&made) && controls.life(lab, ground).await? == Life::Renewed {
            break;
        }
        let (refused, served) = by_answer(&left, made);
        let by_served = !served.is_empty();
        others.extend(served);
        if quiet {
            let cases = judge_refused(lab, ground, controls, refused).await?;
            return Ok((cases, others));
        }
        if !by_served {
            break;
        }
        // Most likely the rows are what was served: the others are seen once more without it.
        left = refused.into_iter().map(|(ranked, _)| ranked).collect();
    }
    others.extend(left);
    Ok((Vec::new(), others))
}

/// An attempt with what its calls were answered.
type Answered<'t> = (Ranked<'t>, Vec<Exchange>);

/// Attempts whose calls were all refused, with the answers; and the others.
fn by_answer<'t>(
    attempts: &[Ranked<'t>],
    made: Vec<Exchange>,
) -> (Vec<Answered<'t>>, Vec<Ranked<'t>>) {
    let mut made = made.into_iter();
    let (mut refused, mut served) = (Vec::new(), Vec::new());
    for &ranked in attempts {
        let own: Vec<Exchange> = made.by_ref().take(1 + ranked.2.missing.len()).collect();
        let is_refused = |e: &Exchange| e.response().is_some_and(|r| r.status >= 400);
        if own.iter().all(is_refused) {
            refused.push((ranked, own));
        } else {
            served.push(ranked);
        }
    }
    (refused, served)
}

async fn judge_refused<'t>(
    lab: &mut Lab<'_>,
    ground: &Prepared,
    controls: &mut Controls,
    refused: Vec<Answered<'t>>,
) -> Result<Vec<(Ranked<'t>, Case)>, RunError> {
    let (mut histories, mut judged) = (Vec::new(), Vec::new());
    for ((rank, attack, attempt), made) in refused {
        let mut history = start(lab, ground, attack, attempt);
        history.exchanges = controlled(lab, ground, controls, attack, attempt).await?;
        history.exchanges.extend(purposes(made));
        histories.push((history, attempt));
        judged.push((rank, attack, attempt));
    }
    let cases = judge_all(&lab.knowledge, histories);
    Ok(judged.into_iter().zip(cases).collect())
}

/// The calls of attempts: each one's attack, then the same with values that no row has.
fn calls_of(attempts: &[Ranked<'_>]) -> Vec<Call> {
    let each = |a: &Attempt| -> Vec<Call> {
        std::iter::once(&a.call)
            .chain(&a.missing)
            .cloned()
            .collect()
    };
    attempts.iter().flat_map(|(_, _, a)| each(a)).collect()
}

fn any_refused(exchanges: &[Exchange]) -> bool {
    exchanges.iter().any(|e| !e.succeeded())
}

/// The attack first, then the same calls with values that no row has.
fn purposes(made: Vec<Exchange>) -> impl Iterator<Item = (Purpose, Exchange)> {
    made.into_iter().enumerate().map(|(i, exchange)| {
        let purpose = if i == 0 {
            Purpose::Attack
        } else {
            Purpose::Missing
        };
        (purpose, exchange)
    })
}
