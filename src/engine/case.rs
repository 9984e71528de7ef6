//! One case: controls, attack, what shows afterwards, the verdict; then everything is taken back.

mod batch;

use std::sync::Arc;

pub use self::batch::{run_reads, run_refused};

use super::baseline::Baseline;
use super::controls::{Controls, Life, controlled};
use super::error::RunError;
use super::ground::Prepared;
use super::judge::{Case, Outcome, judge_attempt};
use super::lab::Lab;
use super::parting;
use super::witness::{attacker_reads, others_reads, shared_tables, victim_reads};
use crate::attack::{Attack, Attempt};
use crate::model::call::Call;
use crate::model::exchange::{Exchange, History, Purpose, is_plain};
use crate::model::rows::Change;
use crate::model::tenant::{Actor, Standing, TenantKey};
use crate::model::verdict::Reason;

/// An attempt with its attack, and the attack's place in the registry.
pub type Ranked<'t> = (usize, &'static dyn Attack, &'t Attempt);

/// Runs one attempt and takes its effects back.
pub async fn run(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    ground: &Prepared,
    controls: &mut Controls,
    attack: &dyn Attack,
    attempt: &Attempt,
) -> Result<Case, RunError> {
    let plain = is_plain(attack.id());
    let mut history = start(lab, ground, attack, attempt);
    history.exchanges = controlled(lab, ground, controls, attack, attempt).await?;
    if !attempt.first.is_empty() {
        lab.log_in(&attempt.call).await?;
    }
    for call in &attempt.first {
        let made = lab.perform_own(call).await?;
        history.exchanges.push((Purpose::Setup, made));
    }
    if came_to_nothing(lab, attempt, &history) {
        return given_up(lab, history).await;
    }
    // Where the victim itself acts first, what it loses by that is its own doing.
    let acted = history.of(Purpose::Setup).any(|e| !e.call.is_safe());
    let mut watched = if plain || acted || attempt.call.is_safe() {
        Vec::new()
    } else {
        controls
            .watched
            .get_or_insert_with(|| victim_reads(lab, baseline, ground))
            .clone()
    };
    if !watched.is_empty() {
        if controls.before.is_none() {
            controls.before = Some(lab.perform_own_reads(&watched).await?);
        }
        add(
            &mut history,
            Purpose::VictimBefore,
            controls.before.clone().unwrap_or_default(),
        );
    }
    before_it_acts(lab, attempt, &mut history).await?;
    let mut attacked = first_go(lab, plain, &attempt.call).await?;
    if !attacked.succeeded() && !plain && attempt.first.is_empty() && lab.world.alive() {
        match controls.life(lab, ground).await? {
            Life::Lives => {}
            Life::Renewed => {
                lab.undo(&attacked.changes).await?;
                attacked = lab.perform(&attempt.call).await?;
            }
            Life::Lost => {
                // What worked before works no more: the refusal is no answer to what was asked.
                let now = controlled(lab, ground, controls, attack, attempt).await?;
                history.exchanges.splice(0..now.len(), now);
            }
        }
    }
    let shared = shared_tables(&lab.knowledge, &attacked.changes);
    if !acted && attempt.victim_then.is_none() && !shared.is_empty() {
        // Whether others see what nobody owns, before and after, decides whose business it was.
        let mut others = others_reads(lab, baseline, ground, &shared);
        others.retain(|read| !watched.contains(read));
        if !others.is_empty() {
            lab.undo(&attacked.changes).await?;
            let before = lab.perform_own_reads(&others).await?;
            add(&mut history, Purpose::VictimBefore, before);
            attacked = lab.perform(&attempt.call).await?;
            watched.extend(others);
        }
    }
    if attacked.outcome.is_err() && !lab.world.alive() {
        history.exchanges.push((Purpose::Attack, attacked));
        return crashed(lab, history).await;
    }
    let stayed = attacked
        .changes
        .iter()
        .any(|c| !lab.knowledge.background.covers(c));
    let touched: Vec<_> = attacked.changes.iter().map(|c| c.table).collect();
    let told = attacked.succeeded();
    history.exchanges.push((Purpose::Attack, attacked));
    for missing in &attempt.missing {
        history
            .exchanges
            .push((Purpose::Missing, lab.perform(missing).await?));
    }
    // Colleagues read what the attacker may have planted; to somebody who left they are colleagues no more.
    if stayed && !plain && !attempt.ends_membership {
        let reads = attacker_reads(lab, baseline, ground, &touched);
        add(
            &mut history,
            Purpose::AttackerAfter,
            lab.perform_reads(&reads).await?,
        );
    }
    if (stayed || told) && !watched.is_empty() {
        add(
            &mut history,
            Purpose::VictimAfter,
            lab.perform_own_reads(&watched).await?,
        );
    }
    if let Some(call) = attempt.victim_then.as_ref().filter(|_| stayed) {
        let after = lab.perform_unseen(call).await?;
        history.exchanges.push((Purpose::VictimAfter, after));
    }
    finish(lab, history, attempt).await
}

/// Judges a history and takes its changes back.
async fn finish(lab: &mut Lab<'_>, history: History, attempt: &Attempt) -> Result<Case, RunError> {
    let case = judge_attempt(&lab.knowledge, history, attempt);
    take_back(lab, &case.history).await?;
    let attacker = &case.history.attacker;
    if attempt.ends_membership || attempt.first.iter().any(|c| c.actor == *attacker) {
        // Rows come back; what the target keeps of a dead session elsewhere may not.
        lab.forget_session(attacker);
    }
    Ok(case)
}

/// What the victim is answered before the attack, where it acts after it.
async fn before_it_acts(
    lab: &mut Lab<'_>,
    attempt: &Attempt,
    history: &mut History,
) -> Result<(), RunError> {
    if let Some(call) = &attempt.victim_then {
        let before = lab.perform_own(call).await?;
        lab.undo(&before.changes).await?;
        history.exchanges.push((Purpose::VictimBefore, before));
    }
    Ok(())
}

/// The attack: a legitimate one is not left to fail for a token that others' calls have spent.
async fn first_go(lab: &mut Lab<'_>, plain: bool, call: &Call) -> Result<Exchange, RunError> {
    if plain {
        lab.perform_unspent(call).await
    } else {
        lab.perform(call).await
    }
}

/// Whether what had to come first did not happen: a membership that still holds, a row that is still there.
fn came_to_nothing(lab: &Lab<'_>, attempt: &Attempt, history: &History) -> bool {
    let mut setup = history.of(Purpose::Setup);
    attempt.ends_membership && !parting::has_ended(&lab.knowledge, history)
        || setup.any(|e| e.call.method == "DELETE" && e.changes.is_empty())
}

/// What had to come first did not happen: nothing can be shown.
async fn given_up(lab: &mut Lab<'_>, history: History) -> Result<Case, RunError> {
    take_back(lab, &history).await?;
    lab.forget_session(&history.attacker);
    Ok(Case {
        history,
        outcome: Outcome::Inconclusive(Reason::NotApplicable),
        advisories: Vec::new(),
        company: Arc::default(),
    })
}

fn add(history: &mut History, purpose: Purpose, exchanges: Vec<Exchange>) {
    history
        .exchanges
        .extend(exchanges.into_iter().map(|e| (purpose, e)));
}

/// The target ended on the attack: a new one is started, and the case shows nothing but that.
async fn crashed(lab: &mut Lab<'_>, history: History) -> Result<Case, RunError> {
    let call = history
        .exchanges
        .last()
        .map(|(_, e)| format!("{} ({})", e.call.route, history.attack));
    let sentence = format!(
        "the target ended on {}; it was started anew",
        call.unwrap_or_default()
    );
    lab.fresh().await?;
    Ok(Case {
        history,
        outcome: Outcome::Inconclusive(Reason::NoAnswer),
        advisories: vec![sentence],
        company: Arc::default(),
    })
}

/// A case that is not tried: the target has been silent for long.
pub fn unanswered(
    lab: &Lab<'_>,
    ground: &Prepared,
    attack: &dyn Attack,
    attempt: &Attempt,
) -> Case {
    Case {
        history: start(lab, ground, attack, attempt),
        outcome: Outcome::Inconclusive(Reason::NoAnswer),
        advisories: Vec::new(),
        company: Arc::default(),
    }
}

/// A history without exchanges.
pub fn start(lab: &Lab<'_>, ground: &Prepared, attack: &dyn Attack, attempt: &Attempt) -> History {
    History {
        attacker_tenants: visible_to(lab, &ground.attacker)
            .into_iter()
            .filter(|t| !attempt.ends_membership || *t != ground.own.key)
            .collect(),
        victim: (!is_plain(attack.id())).then(|| {
            let left = attempt.ends_membership;
            let victim = if left { &ground.own } else { &ground.victim };
            victim.key.clone()
        }),
        slots: attempt.slots.clone(),
        reached: attempt.reaches.clone(),
        ..History::new(attack.id(), &attempt.variant, &ground.attacker.id)
    }
}

/// The tenants whose rows the attacker may see: all that it belongs to, or the active one where sessions are bound to it.
pub fn visible_to(lab: &Lab<'_>, attacker: &Actor) -> Vec<TenantKey> {
    match attacker.standing {
        Standing::Anonymous | Standing::Homeless | Standing::Ended => attacker.memberships.clone(),
        _ if lab.settings.description.tenant.bound_sessions => {
            attacker.tenant.iter().cloned().collect()
        }
        _ => attacker.memberships.clone(),
    }
}

/// Takes back what the calls of a history changed, the controls' changes excepted: those were taken back at once.
pub async fn take_back(lab: &mut Lab<'_>, history: &History) -> Result<(), RunError> {
    let changes: Vec<Change> = history
        .exchanges
        .iter()
        .filter(|(p, _)| {
            !matches!(
                p,
                Purpose::OwnerControl | Purpose::OwnControl | Purpose::VictimBefore
            )
        })
        .flat_map(|(_, e)| e.changes.clone())
        .collect();
    lab.undo(&changes).await
}
