//! One case: controls, attack, what shows afterwards, the verdict; then everything is taken back.

use std::collections::HashMap;

use super::baseline::Baseline;
use super::error::RunError;
use super::ground::{Prepared, reads_of};
use super::lab::Lab;
use crate::attack::{Attack, Attempt};
use crate::model::call::Call;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::rows::{Change, RowRef};
use crate::model::tenant::{Standing, TenantKey};
use crate::model::verdict::{Evidence, Reason};
use crate::oracle::{self, ORACLES};

/// What came of one attempt.
pub struct Case {
    /// What happened.
    pub history: History,
    /// Whether it held, was violated, or showed nothing.
    pub outcome: Outcome,
    /// Sentences worth knowing that are no violation.
    pub advisories: Vec<String>,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Held, as the controls show.
    Held,
    /// Violated, with all evidence.
    Violated(Vec<Evidence>),
    /// Nothing was shown.
    Inconclusive(Reason),
}

/// How many reads of each side follow a write.
const READS: usize = 3;

/// The controls of one ground: calls that were made already in this state.
#[derive(Default)]
pub struct Controls {
    owner: Option<Exchange>,
    own: HashMap<String, Exchange>,
    watched: Option<Vec<Call>>,
    before: Option<Vec<Exchange>>,
}

/// Runs one attempt and takes its effects back.
pub async fn run(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    ground: &Prepared,
    controls: &mut Controls,
    attack: &dyn Attack,
    attempt: &Attempt,
) -> Result<Case, RunError> {
    let plain = attack.id().starts_with("plain.");
    let mut history = start(lab, ground, attack, attempt, plain);
    if !plain {
        let owner = owner_control(lab, ground, controls).await?;
        history.exchanges.push((Purpose::OwnerControl, owner));
        let control = attempt.control.as_ref().unwrap_or(&ground.own_call.call);
        let own = own_control(lab, controls, control).await?;
        history.exchanges.push((Purpose::OwnControl, own));
    }
    if attempt.after_owner || attempt.owner_call.is_some() {
        let call = attempt
            .owner_call
            .as_ref()
            .unwrap_or(&ground.victim_call.call);
        let warm = lab.perform_own(call).await?;
        history.exchanges.push((Purpose::Setup, warm));
    }
    let writes = !matches!(attempt.call.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    let watched = if writes && !plain {
        controls
            .watched
            .get_or_insert_with(|| victim_reads(lab, baseline, ground))
            .clone()
    } else {
        Vec::new()
    };
    if !watched.is_empty() {
        if controls.before.is_none() {
            controls.before = Some(lab.perform_reads(&watched).await?);
        }
        let before = controls.before.clone().unwrap_or_default();
        history
            .exchanges
            .extend(before.into_iter().map(|e| (Purpose::VictimBefore, e)));
    }
    let attacked = lab.perform(&attempt.call).await?;
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
        let exchange = lab.perform(missing).await?;
        history.exchanges.push((Purpose::Missing, exchange));
    }
    if stayed && !plain {
        let reads = attacker_reads(lab, baseline, ground, &touched);
        let after = lab.perform_reads(&reads).await?;
        history
            .exchanges
            .extend(after.into_iter().map(|e| (Purpose::AttackerAfter, e)));
    }
    if (stayed || told) && !watched.is_empty() {
        let after = lab.perform_reads(&watched).await?;
        history
            .exchanges
            .extend(after.into_iter().map(|e| (Purpose::VictimAfter, e)));
    }
    let mut case = judge(lab, history);
    if attempt.promise_only {
        only_promises(&mut case);
    }
    take_back(lab, &case.history).await?;
    Ok(case)
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
    })
}

fn start(
    lab: &Lab<'_>,
    ground: &Prepared,
    attack: &dyn Attack,
    attempt: &Attempt,
    plain: bool,
) -> History {
    History {
        attack: attack.id().to_owned(),
        variant: attempt.variant.clone(),
        attacker: ground.attacker.id.clone(),
        attacker_tenants: visible_to(lab, ground),
        victim: (!plain).then(|| ground.victim.key.clone()),
        slots: attempt.slots.clone(),
        reached: attempt.reaches.clone(),
        exchanges: Vec::new(),
    }
}

/// The tenants whose rows the attacker may see: all that it belongs to, or the active one where sessions are bound to it.
fn visible_to(lab: &Lab<'_>, ground: &Prepared) -> Vec<TenantKey> {
    let attacker = &ground.attacker;
    match attacker.standing {
        Standing::Anonymous | Standing::Homeless | Standing::Ended => attacker.memberships.clone(),
        _ if lab.settings.description.tenant.bound_sessions => {
            attacker.tenant.iter().cloned().collect()
        }
        _ => attacker.memberships.clone(),
    }
}

async fn owner_control(
    lab: &mut Lab<'_>,
    ground: &Prepared,
    controls: &mut Controls,
) -> Result<Exchange, RunError> {
    if let Some(known) = &controls.owner {
        return Ok(known.clone());
    }
    let exchange = lab.perform_own(&ground.victim_call.call).await?;
    lab.undo(&exchange.changes).await?;
    controls.owner = Some(exchange.clone());
    Ok(exchange)
}

async fn own_control(
    lab: &mut Lab<'_>,
    controls: &mut Controls,
    call: &Call,
) -> Result<Exchange, RunError> {
    let key = serde_json::to_string(call).unwrap_or_default();
    if let Some(known) = controls.own.get(&key) {
        return Ok(known.clone());
    }
    let exchange = lab.perform_own(call).await?;
    lab.undo(&exchange.changes).await?;
    controls.own.insert(key, exchange.clone());
    Ok(exchange)
}

/// Reads of the victim that show what this route works on: its own rows, before and after.
fn victim_reads(lab: &Lab<'_>, baseline: &Baseline, ground: &Prepared) -> Vec<Call> {
    let mut tables: Vec<_> = ground.slots.iter().map(|s| s.column.table).collect();
    if let Some(working) = baseline.working.get(&ground.route.id) {
        tables.extend(working.writes.iter().copied());
    }
    calls(
        lab,
        baseline,
        &tables,
        &ground.victim.key,
        &ground
            .victim_call
            .named
            .iter()
            .map(|n| n.2.clone())
            .collect::<Vec<_>>(),
    )
}

/// Reads of the attacker that show the tables which the attack changed.
fn attacker_reads(
    lab: &Lab<'_>,
    baseline: &Baseline,
    ground: &Prepared,
    tables: &[crate::model::schema::TableId],
) -> Vec<Call> {
    if ground.attacker.standing != Standing::Member {
        return Vec::new();
    }
    calls(lab, baseline, tables, &ground.own.key, &[])
}

fn calls(
    lab: &Lab<'_>,
    baseline: &Baseline,
    tables: &[crate::model::schema::TableId],
    tenant: &TenantKey,
    rows: &[RowRef],
) -> Vec<Call> {
    let reads = reads_of(lab, baseline, tables, tenant);
    let made = reads.into_iter().filter_map(|(route, actor)| {
        let plan = &baseline.working.get(&route.id)?.plan;
        let actor = lab.actor(&actor)?;
        let mut concrete = plan.call(&lab.knowledge, &route, actor, Some(tenant), 1)?;
        // Look at the very row that the attack reaches for, where the read takes one of its table.
        for (at, column, named) in &concrete.named.clone() {
            let wanted = rows.iter().find(|r| r.table == named.table);
            let value = wanted
                .and_then(|r| lab.knowledge.rows.get(r))
                .and_then(|row| row[column.column].clone());
            if let (Some(value), 1) = (value, concrete.named.len()) {
                concrete.call = concrete.call.with_slot(at, &value);
            }
        }
        Some(concrete.call)
    });
    made.take(READS).collect()
}

/// Asks every oracle, then the controls.
pub fn judge(lab: &Lab<'_>, history: History) -> Case {
    let mut evidence = Vec::new();
    let mut advisories = Vec::new();
    for oracle in ORACLES {
        if let Ok(found) = oracle.judge(&history, &lab.knowledge) {
            evidence.extend(found);
        }
        advisories.extend(oracle.advisories(&history, &lab.knowledge));
    }
    let outcome = if !evidence.is_empty() {
        Outcome::Violated(evidence)
    } else {
        match oracle::held(&history, &lab.knowledge) {
            Ok(()) => Outcome::Held,
            Err(reason) => Outcome::Inconclusive(reason),
        }
    };
    Case {
        history,
        outcome,
        advisories,
    }
}

/// What an attacker could not have sent is judged by declared promises alone.
fn only_promises(case: &mut Case) {
    if let Outcome::Violated(all) = &mut case.outcome {
        all.retain(|e| matches!(e.crossing, crate::model::verdict::Crossing::Broke { .. }));
        if all.is_empty() {
            case.outcome = Outcome::Inconclusive(Reason::NotApplicable);
        }
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
