//! What crossed while other calls were in flight and does not when made alone: its batch is replayed on fresh state several
//! times, and the finding says how often it crossed.

use super::cause::{FOLLOWED, follows};
use super::confirm::{confirmed, rerun, same};
use super::error::RunError;
use super::lab::Lab;
use super::swept::Violation;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::finding::Finding;
use crate::model::verdict::{Crossing, Evidence};

/// How often a batch is replayed, and how often a changed value is looked for.
const GOES: usize = 5;

/// Replays the batch of an example that did not cross alone. It is confirmed where a foreign value was changed and an answer
/// of the batch followed it, once at least: a row that is taken away proves nothing of what crosses now and then.
pub async fn confirm(
    lab: &mut Lab<'_>,
    mut finding: Finding,
    example: &Violation,
) -> Result<Finding, RunError> {
    let mut crossed = 0;
    let mut shown = None;
    for _ in 0..GOES {
        lab.fresh().await?;
        let history = rerun(lab, &example.history).await?;
        let Some(evidence) = same(&lab.knowledge, &history, &example.evidence) else {
            continue;
        };
        crossed += 1;
        if shown.is_none()
            && let Crossing::Leaked { values, .. } = &evidence.crossing
        {
            let name = follows(lab, &history, &evidence, values, GOES).await?;
            shown = name.map(|name| (name, evidence, history));
        }
    }
    finding.rate = Some((crossed, GOES));
    let rate = format!(
        "it did not cross when made alone, and reproduced in {crossed} of {GOES} replays of its batch"
    );
    let Some((name, evidence, history)) = shown else {
        finding.proof = rate;
        return Ok(finding);
    };
    let (evidence, history) = shown_alone(evidence, history);
    let proof = format!("{name} {FOLLOWED}; {rate}");
    confirmed(lab, finding, proof, evidence, history).await
}

/// The history without what was in flight beside the exchange that shows the evidence; its batch stays noted.
fn shown_alone(mut evidence: Evidence, mut history: History) -> (Evidence, History) {
    let (shown, index) = evidence.shown_by;
    let mut nth = 0;
    history.exchanges.retain(|(purpose, _)| {
        let keep = *purpose != shown || nth == index;
        nth += usize::from(*purpose == shown);
        keep
    });
    evidence.shown_by = (shown, 0);
    (evidence, history)
}

/// Makes the calls of a history again in their company: each attack stands there as often as its call is among those. What
/// came before stays as it was.
pub async fn again(lab: &mut Lab<'_>, history: &History) -> Result<History, RunError> {
    let mut made = lab.perform_reads(&history.company).await?;
    for exchange in &mut made {
        lab.undo(&std::mem::take(&mut exchange.changes)).await?;
    }
    let mut again = History {
        exchanges: Vec::new(),
        ..history.clone()
    };
    for (purpose, exchange) in &history.exchanges {
        if !matches!(purpose, Purpose::Attack | Purpose::Missing) {
            again.exchanges.push((*purpose, exchange.clone()));
            continue;
        }
        let like = |e: &Exchange| e.call == exchange.call;
        if !again.of(*purpose).any(like) {
            let those = made.iter().filter(|e| like(e)).cloned();
            again.exchanges.extend(those.map(|e| (*purpose, e)));
        }
    }
    Ok(again)
}
