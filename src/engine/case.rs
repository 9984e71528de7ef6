//! One case: controls, attack, what shows afterwards, the verdict; then everything is taken back.

use std::sync::Arc;

use super::baseline::Baseline;
use super::controls::{Controls, Life, controlled};
use super::error::RunError;
use super::ground::Prepared;
use super::judge::{Case, Outcome, judge_all, judge_attempt};
use super::lab::{Batch, Lab};
use super::parting;
use super::witness::{attacker_reads, others_reads, shared_tables, victim_reads};
use crate::attack::{Attack, Attempt};
use crate::model::call::Call;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::rows::Change;
use crate::model::tenant::{Actor, Standing, TenantKey};
use crate::model::verdict::Reason;

/// An attempt with its attack, and the attack's place in the registry.
pub type Ranked<'t> = (usize, &'static dyn Attack, &'t Attempt);

/// Runs attempts that promise to change nothing, many in flight.
pub async fn run_reads(
    lab: &mut Lab<'_>,
    ground: &Prepared,
    controls: &mut Controls,
    attempts: &[Ranked<'_>],
) -> Result<Vec<Case>, RunError> {
    controls.prepare(lab, ground, attempts).await?;
    let judged_alone = attempts.iter().all(|(_, attack, _)| is_plain(*attack));
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
    let acted = history.of(Purpose::Setup).any(|e| !is_safe(&e.call));
    let mut watched = if plain || acted || is_safe(&attempt.call) {
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

/// Whether an attack is a legitimate call.
pub fn is_plain(attack: &dyn Attack) -> bool {
    attack.id().starts_with("plain.")
}

/// Whether a call promises to change nothing.
pub fn is_safe(call: &Call) -> bool {
    matches!(call.method.as_str(), "GET" | "HEAD" | "OPTIONS")
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
        attack: attack.id().to_owned(),
        variant: attempt.variant.clone(),
        attacker: ground.attacker.id.clone(),
        attacker_tenants: visible_to(lab, &ground.attacker)
            .into_iter()
            .filter(|t| !attempt.ends_membership || *t != ground.own.key)
            .collect(),
        victim: (!is_plain(attack)).then(|| {
            let left = attempt.ends_membership;
            let victim = if left { &ground.own } else { &ground.victim };
            victim.key.clone()
        }),
        slots: attempt.slots.clone(),
        reached: attempt.reaches.clone(),
        away: Vec::new(),
        company: Arc::default(),
        links: Vec::new(),
        exchanges: Vec::new(),
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
