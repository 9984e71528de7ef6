//! The cause of an observed canary in an answer: on fresh state the owner is shown another value, others are not, and the
//! attacker's answer follows it. What is the same on any fresh state must go with the foreign row that it is made from.

use super::case::take_back;
use super::confirm::{Proof, rerun, same};
use super::error::RunError;
use super::interference;
use super::lab::Lab;
use super::substitute::shows_token;
use super::swept::Violation;
use crate::model::call::Call;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::observed::{Sighting, Source};
use crate::model::verdict::Crossing;

/// How often others ask before and after the owner: what several processes of a target each keep for all shows at some of
/// them.
const ASKED: usize = 3;

/// What shows the cause, on state that is fresh already; `None` where others are shown the value by their own calls: then it
/// is nobody's, and nothing crossed.
pub async fn cause(
    lab: &mut Lab<'_>,
    example: &Violation,
    values: &[Sighting],
) -> Result<Option<Proof>, RunError> {
    let Some(seen) = values.first() else {
        return Ok(Some(Err("no value was named".into())));
    };
    let others = others(lab, &example.history, seen);
    for _ in 0..ASKED {
        ask(lab, &others).await?;
    }
    let script = with_owner(lab, &example.history, seen, &others).await?;
    let history = rerun(lab, &script).await?;
    for _ in 0..ASKED {
        ask(lab, &others).await?;
    }
    let again = same(&lab.knowledge, &history, &example.evidence);
    take_back(lab, &history).await?;
    let now = match again.as_ref().map(|e| &e.crossing) {
        Some(Crossing::Observed { values, .. }) => values.first().cloned(),
        _ => None,
    };
    let shared = |seen: &Sighting| lab.knowledge.observed.is_shared(seen);
    if shared(seen) || now.as_ref().is_some_and(shared) {
        return Ok(None);
    }
    let (Some(evidence), Some(now)) = (again, now) else {
        let said = format!("{} did not cross again on fresh state", example.attack);
        return Ok(Some(Err(said)));
    };
    if values.iter().all(|v| v.value != now.value) {
        let proof = "on fresh state the owner was shown another value, others were not, and the answer followed it";
        return Ok(Some(Ok((proof.into(), evidence, history))));
    }
    let gone = gone_without_row(lab, &history, evidence.shown_by, &now).await?;
    Ok(Some(gone.map(|proof| (proof, evidence, history))))
}

/// The calls of other tenants' members where the value was seen: the attacker's own first.
fn others(lab: &Lab<'_>, history: &History, seen: &Sighting) -> Vec<Call> {
    let calls = lab.knowledge.observed.others_calls(seen);
    let mut calls: Vec<Call> = calls.iter().map(|c| (**c).clone()).collect();
    calls.sort_by_key(|c| {
        !c.tenant
            .as_ref()
            .is_some_and(|t| history.attacker_tenants.contains(t))
    });
    calls
}

async fn ask(lab: &mut Lab<'_>, calls: &[Call]) -> Result<(), RunError> {
    for call in calls {
        let made = lab.perform_own(call).await?;
        lab.undo(&made.changes).await?;
    }
    Ok(())
}

/// The history with what shows the owner the value before all else, so that it can be repeated alone.
async fn with_owner(
    lab: &mut Lab<'_>,
    history: &History,
    seen: &Sighting,
    others: &[Call],
) -> Result<History, RunError> {
    let mut with = history.clone();
    let mut first = Vec::new();
    let is_asked = |e: &Exchange| Some(&e.call.route) == seen.source.route();
    if !history.of(Purpose::OwnControl).any(is_asked)
        && let Some(own) = others.first()
    {
        let made = lab.perform_own(own).await?;
        lab.undo(&made.changes).await?;
        first.push((Purpose::OwnControl, made));
    }
    match &seen.source {
        Source::Call(call) if !history.of(Purpose::Setup).any(|e| e.call == **call) => {
            let made = lab.perform_own(call).await?;
            lab.undo(&made.changes).await?;
            first.push((Purpose::Setup, made));
        }
        Source::Call(_) => {}
        Source::LogIn(actor) => {
            let tenant = lab.actor(actor).and_then(|a| a.tenant.clone());
            lab.session(actor, tenant).await?;
        }
    }
    with.prepend(first);
    Ok(with)
}

/// What is computed is the same again: it must go from the answer when the foreign row is taken away that the attack names.
async fn gone_without_row(
    lab: &mut Lab<'_>,
    history: &History,
    shown_by: (Purpose, usize),
    seen: &Sighting,
) -> Result<Result<String, String>, RunError> {
    if history.reached.is_empty() {
        return Ok(Err(
            "it showed again on fresh state, with the same value: whether that comes from the other tenant could not be shown"
                .into(),
        ));
    }
    lab.fresh().await?;
    for (_, exchange) in &history.exchanges {
        lab.log_in(&exchange.call).await?;
    }
    let tenants = &history.attacker_tenants;
    let removed = interference::take_away(lab, &history.reached, tenants).await?;
    let Some(removed) = removed.filter(|r| !r.is_empty()) else {
        return Ok(Err(
            "it showed again on fresh state, but the foreign row could not be taken away".into(),
        ));
    };
    let again = rerun(lab, history).await?;
    let (purpose, index) = shown_by;
    let exchange = again.of(purpose).nth(index);
    let response = exchange.and_then(Exchange::response);
    let still = response.is_none_or(|r| shows_token(r, &seen.value));
    take_back(lab, &again).await?;
    lab.restore(&removed).await?;
    Ok(if still {
        Err("the value stayed when the foreign row was taken away".into())
    } else {
        Ok(
            "the foreign row was taken away on fresh state, and the value was gone from the answer"
                .into(),
        )
    })
}
