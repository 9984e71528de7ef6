//! Plays a sequence: each step is made and judged at once, up to the first that crosses; then all is taken back.

use super::sequence::{Reach, Sequence, Step};
use crate::engine::case::visible_to;
use crate::engine::cause::PLAIN;
use crate::engine::error::RunError;
use crate::engine::judge::{self, judge};
use crate::engine::lab::Lab;
use crate::engine::links::linked;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::explored::Outcome;
use crate::model::knowledge::Knowledge;
use crate::model::link::Link;
use crate::model::rows::Change;
use crate::model::verdict::{Crossing, Evidence};

/// What came of a sequence.
#[derive(Debug)]
pub struct Played {
    /// How each step that was made was answered.
    pub outcomes: Vec<Outcome>,
    /// What crossed, at the last of them.
    pub crossed: Option<(Vec<Evidence>, History)>,
}

/// Plays a sequence on the rows as they are; they are so again afterwards.
pub async fn play(lab: &mut Lab<'_>, sequence: &Sequence) -> Result<Played, RunError> {
    for step in &sequence.steps {
        lab.log_in(&step.call).await?;
    }
    let places = 0..sequence.steps.len();
    let links: Vec<Link> = places.flat_map(|at| sequence.links(at)).collect();
    let mut made: Vec<(Purpose, Exchange)> = Vec::new();
    let mut played = Played {
        outcomes: Vec::new(),
        crossed: None,
    };
    for (at, step) in sequence.steps.iter().enumerate() {
        let call = linked(step.call.clone(), &links, &made, &lab.knowledge.schema);
        let exchange = if step.reach.is_some() {
            lab.perform(&call).await?
        } else {
            lab.perform_own(&call).await?
        };
        let outcome = outcome(&exchange);
        let parts = changes_who_is_who(&lab.knowledge, &exchange);
        let reach = reach_of(&sequence.steps[..=at]);
        let mut history = about(lab, step, reach, exchange);
        history.exchanges.splice(0..0, made);
        let mut case = judge(&lab.knowledge, history);
        let evidence = match case.outcome {
            judge::Outcome::Violated(all)
                if lab.settings.selects(&case.history.attack, &step.call.route) =>
            {
                all.into_iter().filter(is_of_steps).collect()
            }
            _ => Vec::new(),
        };
        if !evidence.is_empty() {
            played.outcomes.push(Outcome::Crossed);
            made = case.history.exchanges.clone();
            case.history.links = links.into_iter().filter(|link| link.to <= at).collect();
            played.crossed = Some((evidence, case.history));
            break;
        }
        made = case.history.exchanges;
        if let Some((purpose, _)) = made.last_mut() {
            *purpose = Purpose::Setup;
        }
        played.outcomes.push(outcome);
        if parts || !lab.world.alive() {
            break;
        }
    }
    let changes: Vec<Change> = made.into_iter().flat_map(|(_, e)| e.changes).collect();
    lab.undo(&changes).await?;
    Ok(played)
}

/// The case of one step, without those before it.
fn about(lab: &Lab<'_>, step: &Step, reach: Option<&Reach>, exchange: Exchange) -> History {
    let actor = lab.actor(&step.call.actor);
    let attack = reach.map_or(PLAIN, |r| r.attack);
    let variant = reach.map_or("after other steps", |r| &*r.variant);
    History {
        attacker_tenants: actor.map(|a| visible_to(lab, a)).unwrap_or_default(),
        victim: reach.map(|r| r.victim.clone()),
        slots: reach.map(|r| r.slots.clone()).unwrap_or_default(),
        reached: reach.map(|r| r.reaches.clone()).unwrap_or_default(),
        exchanges: vec![(Purpose::Attack, exchange)],
        ..History::new(attack, variant, &step.call.actor)
    }
}

/// How the last of some steps reaches for another tenant: itself, or by what the last hostile one of its tenant has planted.
pub fn reach_of(steps: &[Step]) -> Option<&Reach> {
    let (last, before) = steps.split_last()?;
    let mut own = before
        .iter()
        .rev()
        .filter(|step| step.tenant == last.tenant);
    last.reach
        .as_ref()
        .or_else(|| own.find_map(|step| step.reach.as_ref()))
}

/// Only what data shows by itself: promises and comparisons are for the sweep, which makes the calls that they need.
fn is_of_steps(evidence: &Evidence) -> bool {
    matches!(
        evidence.crossing,
        Crossing::Leaked { .. }
            | Crossing::Observed { .. }
            | Crossing::Wrote { .. }
            | Crossing::Referenced { .. }
    )
}

fn outcome(exchange: &Exchange) -> Outcome {
    match exchange.response().map(|r| r.status) {
        Some(status) if status < 400 => Outcome::Served,
        Some(status) if status < 500 => Outcome::Refused,
        Some(_) | None => Outcome::Failed,
    }
}

/// Whether an exchange changed who belongs where: what anybody may see from then on is not what the cast says.
fn changes_who_is_who(knowledge: &Knowledge, exchange: &Exchange) -> bool {
    let ownership = &knowledge.ownership;
    let membership = ownership.membership.as_ref().map(|m| m.table);
    let people = |change: &&Change| {
        Some(change.table) == membership
            || Some(change.table) == ownership.users
            || change.table == ownership.tenants
    };
    let own = exchange.changes.iter().filter(people);
    own.filter(|c| !knowledge.background.covers(c)).count() > 0
}
