//! What seems to tell foreign ids from missing ones is asked again, with another foreign id beside the first: what varies
//! by itself, or speaks of one row alone, is no difference.

use std::sync::Arc;

use super::baseline::worked;
use super::controls::life;
use super::error::RunError;
use super::judge::{Outcome, judge};
use super::lab::Lab;
use super::swept::{Swept, Violation};
use crate::model::call::Call;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::rows::RowRef;
use crate::model::verdict::{Evidence, Severity};
use crate::oracle::Oracle;
use crate::oracle::existence::Existence;

/// How often all ids are asked once more where they were told apart so far. A word with two values, drawn anew for each
/// answer, passes a round of three ids once in eight times. Of some hundred cases in a run, three rounds let one through in one
/// run of twenty (seen); eight, in one of tens of thousands.
const ROUNDS: usize = 8;

/// How many other foreign rows are tried: the next may be gone, or not in a state to be told apart.
const OTHERS: usize = 3;

/// Asks again for each violation that `existence` saw, and drops those that do not show again.
pub async fn ask(lab: &mut Lab<'_>, swept: &mut Swept) -> Result<(), RunError> {
    let (told, mut left): (Vec<_>, Vec<_>) = std::mem::take(&mut swept.violations)
        .into_iter()
        .partition(|v| v.evidence.oracle == Existence.id());
    for violation in told {
        if lab.stop.is_cancelled() {
            left.push(violation);
        } else if let Some((evidence, history)) = again(lab, &violation).await? {
            left.push(Violation {
                evidence,
                history,
                ..violation
            });
        } else if !left.iter().any(|v| is_same_case(v, &violation)) {
            take_from_tally(lab, swept, &violation);
        }
    }
    swept.violations = left;
    Ok(())
}

fn is_same_case(one: &Violation, other: &Violation) -> bool {
    let of = |v: &Violation| {
        let history = &v.history;
        (
            v.route.clone(),
            v.attack,
            history.variant.clone(),
            history.attacker.clone(),
        )
    };
    of(one) == of(other)
}

/// The case violated nothing after all.
fn take_from_tally(lab: &Lab<'_>, swept: &mut Swept, violation: &Violation) {
    let Some(tally) = swept.tallies.get_mut(violation.attack) else {
        return;
    };
    tally.violated = tally.violated.saturating_sub(1);
    match crate::oracle::held(&violation.history, &lab.knowledge) {
        Ok(()) => tally.held += 1,
        Err(reason) => {
            tally.inconclusive += 1;
            *swept.reasons.entry(reason).or_default() += 1;
            let cases = swept.shown.entry(violation.route.clone()).or_default();
            cases.showed_nothing_after_all(reason);
        }
    }
}

/// The evidence with the calls made again, another foreign id among them.
async fn again(
    lab: &mut Lab<'_>,
    violation: &Violation,
) -> Result<Option<(Evidence, History)>, RunError> {
    let history = &violation.history;
    let Some(attack) = history.first(Purpose::Attack).map(|e| e.call.clone()) else {
        return Ok(None);
    };
    if history.of(Purpose::Setup).next().is_some() {
        // What had to come first did not come twice.
        return Ok(Some((violation.evidence.clone(), history.clone())));
    }
    let missing: Vec<Call> = history
        .of(Purpose::Missing)
        .map(|e| e.call.clone())
        .collect();
    let mut others: Vec<Option<(Call, RowRef)>> = seconds(lab, history, &attack)
        .into_iter()
        .map(Some)
        .collect();
    if others.is_empty() {
        others.push(None);
    }
    for other in others {
        let own = history.first(Purpose::OwnControl).filter(|e| worked(e));
        if let Some(own) = own.map(|e| e.call.clone()) {
            // A session that died meanwhile would refuse both alike.
            life(lab, &own).await?;
        }
        let mut history = history.clone();
        // The calls that follow are made one by one.
        history.company = Arc::default();
        let (other, row) = other.unzip();
        history.reached.extend(row);
        let other = other.map(|call| (Purpose::Attack, call));
        let missing = missing.iter().map(|call| (Purpose::Missing, call.clone()));
        let mut round: Vec<(Purpose, Call)> = other.into_iter().chain(missing).collect();
        round.push((Purpose::Attack, attack.clone()));
        let mut told = None;
        for _ in 0..ROUNDS {
            for (purpose, call) in &round {
                let made = once(lab, call).await?;
                history.exchanges.push((*purpose, made));
            }
            told = evidence(lab, &history);
            if told.is_none() {
                break;
            }
        }
        if let Some(evidence) = told {
            return Ok(Some((evidence, history)));
        }
    }
    Ok(None)
}

/// What the history shows of a foreign row: a second one may show more than the first, and leak, or be written to.
fn evidence(lab: &Lab<'_>, history: &History) -> Option<Evidence> {
    let Outcome::Violated(all) = judge(&lab.knowledge, history.clone()).outcome else {
        return None;
    };
    let found = |wanted: &str| {
        let mut told = all.iter().filter(|e| e.severity > Severity::Info);
        told.find(|e| e.oracle == wanted).cloned()
    };
    let oracles = [Existence.id(), "leak", "write", "reference"];
    oracles.into_iter().find_map(found)
}

/// Makes a call and takes back at once what it changed.
async fn once(lab: &mut Lab<'_>, call: &Call) -> Result<Exchange, RunError> {
    let made = lab.perform(call).await?;
    lab.undo(&made.changes).await?;
    Ok(made)
}

/// The attack with ids of other rows of the same victim. Where it names several rows, which belong together, there is none.
pub fn seconds(lab: &Lab<'_>, history: &History, attack: &Call) -> Vec<(Call, RowRef)> {
    let ([slot], [reached], Some(victim)) =
        (&history.slots[..], &history.reached[..], &history.victim)
    else {
        return Vec::new();
    };
    let knowledge = &lab.knowledge;
    let (Some(value), Some(row)) = (attack.slot(slot), knowledge.rows.get(reached)) else {
        return Vec::new();
    };
    let Some(column) = row.iter().position(|v| v.as_deref() == Some(&*value)) else {
        return Vec::new();
    };
    let others = knowledge.rows.of(reached.table).filter_map(|(at, row)| {
        let owners = knowledge.owners(at.table, row);
        let other = row[column].as_deref().filter(|v| *v != value)?;
        let foreign = owners.includes(victim) && owners.foreign_to(&history.attacker_tenants);
        foreign.then(|| (attack.clone().with_slot(slot, other), at.clone()))
    });
    others.take(OTHERS).collect()
}
