//! One case: controls, attack, what shows afterwards, the verdict; then everything is taken back.

use std::collections::HashMap;

use super::baseline::Baseline;
use super::error::RunError;
use super::ground::{Prepared, reads_of};
use super::lab::Lab;
use crate::attack::{Attack, Attempt, Scope};
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

/// Runs attempts that promise to change nothing, many in flight.
pub async fn run_reads(
    lab: &mut Lab<'_>,
    ground: &Prepared,
    controls: &mut Controls,
    attempts: &[(&dyn Attack, Attempt)],
) -> Result<Vec<Case>, RunError> {
    controls.prepare(lab, ground, attempts).await?;
    let calls: Vec<Call> = attempts
        .iter()
        .flat_map(|(_, a)| std::iter::once(&a.call).chain(&a.missing).cloned())
        .collect();
    let mut exchanges = lab.perform_reads(&calls).await?.into_iter();
    let mut cases = Vec::with_capacity(attempts.len());
    for (attack, attempt) in attempts {
        let mut history = start(lab, ground, *attack, attempt);
        history.exchanges = controlled(lab, ground, controls, *attack, attempt).await?;
        let made = exchanges
            .by_ref()
            .take(1 + attempt.missing.len())
            .enumerate();
        history.exchanges.extend(made.map(|(i, e)| {
            (
                if i == 0 {
                    Purpose::Attack
                } else {
                    Purpose::Missing
                },
                e,
            )
        }));
        cases.push(finish(lab, history, attempt).await?);
    }
    Ok(cases)
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
    let plain = is_plain(attack);
    let mut history = start(lab, ground, attack, attempt);
    history.exchanges = controlled(lab, ground, controls, attack, attempt).await?;
    if attempt.after_owner || attempt.owner_call.is_some() {
        let call = attempt
            .owner_call
            .as_ref()
            .unwrap_or(&ground.victim_call.call);
        history
            .exchanges
            .push((Purpose::Setup, lab.perform_own(call).await?));
    }
    // Where the victim itself acts first, what it loses by that is its own doing.
    let acted = history.of(Purpose::Setup).any(|e| !is_safe(&e.call));
    let watched = if plain || acted || is_safe(&attempt.call) {
        Vec::new()
    } else {
        controls
            .watched
            .get_or_insert_with(|| victim_reads(lab, baseline, ground))
            .clone()
    };
    if !watched.is_empty() {
        if controls.before.is_none() {
            controls.before = Some(lab.perform_reads(&watched).await?);
        }
        add(
            &mut history,
            Purpose::VictimBefore,
            controls.before.clone().unwrap_or_default(),
        );
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
        history
            .exchanges
            .push((Purpose::Missing, lab.perform(missing).await?));
    }
    if stayed && !plain {
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
            lab.perform_reads(&watched).await?,
        );
    }
    finish(lab, history, attempt).await
}

/// Judges a history and takes its changes back.
async fn finish(lab: &mut Lab<'_>, history: History, attempt: &Attempt) -> Result<Case, RunError> {
    let mut case = judge(lab, history);
    if attempt.promise_only {
        only_promises(&mut case);
    }
    take_back(lab, &case.history).await?;
    Ok(case)
}

fn add(history: &mut History, purpose: Purpose, exchanges: Vec<Exchange>) {
    history
        .exchanges
        .extend(exchanges.into_iter().map(|e| (purpose, e)));
}

fn is_plain(attack: &dyn Attack) -> bool {
    attack.id().starts_with("plain.")
}

/// Whether a call promises to change nothing.
pub fn is_safe(call: &Call) -> bool {
    matches!(call.method.as_str(), "GET" | "HEAD" | "OPTIONS")
}

/// The control exchanges of an attempt; none for legitimate calls, which are their own control.
async fn controlled(
    lab: &mut Lab<'_>,
    ground: &Prepared,
    controls: &mut Controls,
    attack: &dyn Attack,
    attempt: &Attempt,
) -> Result<Vec<(Purpose, Exchange)>, RunError> {
    if is_plain(attack) {
        return Ok(Vec::new());
    }
    let owner = controls.owner(lab, ground).await?;
    if ground.attacker.id.is_anonymous() {
        // Nobody has no own part to put in.
        return Ok(vec![(Purpose::OwnerControl, owner)]);
    }
    let mut own = controls
        .own(
            lab,
            attempt.control.as_ref().unwrap_or(&ground.own_call.call),
        )
        .await?;
    if attack.scope() == Scope::Middleware && !super::baseline::worked(&own) {
        // What the attack adds is refused whatever it names: the call without it is the control then.
        own = controls.own(lab, &ground.own_call.call).await?;
    }
    Ok(vec![
        (Purpose::OwnerControl, owner),
        (Purpose::OwnControl, own),
    ])
}

impl Controls {
    /// Makes the controls of reads at once.
    async fn prepare(
        &mut self,
        lab: &mut Lab<'_>,
        ground: &Prepared,
        attempts: &[(&dyn Attack, Attempt)],
    ) -> Result<(), RunError> {
        if attempts.iter().all(|(attack, _)| is_plain(*attack)) {
            return Ok(());
        }
        self.owner(lab, ground).await?;
        self.own(lab, &ground.own_call.call).await?;
        let mut calls: Vec<Call> = Vec::new();
        for control in attempts.iter().filter_map(|(_, a)| a.control.as_ref()) {
            if is_safe(control) && !self.own.contains_key(&key(control)) && !calls.contains(control)
            {
                calls.push(control.clone());
            }
        }
        for exchange in lab.perform_reads(&calls).await? {
            lab.undo(&exchange.changes).await?;
            self.own.insert(key(&exchange.call), exchange);
        }
        Ok(())
    }

    async fn owner(&mut self, lab: &mut Lab<'_>, ground: &Prepared) -> Result<Exchange, RunError> {
        if let Some(known) = &self.owner {
            return Ok(known.clone());
        }
        let exchange = lab.perform_own(&ground.victim_call.call).await?;
        lab.undo(&exchange.changes).await?;
        self.owner = Some(exchange.clone());
        Ok(exchange)
    }

    async fn own(&mut self, lab: &mut Lab<'_>, call: &Call) -> Result<Exchange, RunError> {
        if let Some(known) = self.own.get(&key(call)) {
            return Ok(known.clone());
        }
        let exchange = lab.perform_own(call).await?;
        lab.undo(&exchange.changes).await?;
        self.own.insert(key(call), exchange.clone());
        Ok(exchange)
    }
}

/// What tells one call from another.
fn key(call: &Call) -> String {
    serde_json::to_string(call).unwrap_or_default()
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

fn start(lab: &Lab<'_>, ground: &Prepared, attack: &dyn Attack, attempt: &Attempt) -> History {
    History {
        attack: attack.id().to_owned(),
        variant: attempt.variant.clone(),
        attacker: ground.attacker.id.clone(),
        attacker_tenants: visible_to(lab, ground),
        victim: (!is_plain(attack)).then(|| ground.victim.key.clone()),
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
    let outcome = match oracle::held(&history, &lab.knowledge) {
        _ if !evidence.is_empty() => Outcome::Violated(evidence),
        Ok(()) => Outcome::Held,
        Err(reason) => Outcome::Inconclusive(reason),
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
