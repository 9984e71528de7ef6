//! Judging: every oracle is asked, then the controls.

use std::sync::Arc;

use crate::attack::Attempt;
use crate::model::call::Call;
use crate::model::exchange::{History, Purpose};
use crate::model::knowledge::Knowledge;
use crate::model::verdict::{Crossing, Evidence, Reason, Severity};
use crate::oracle::{self, ORACLES};

/// What came of one attempt.
pub struct Case {
    /// What happened.
    pub history: History,
    /// Whether it held, was violated, or showed nothing.
    pub outcome: Outcome,
    /// Sentences worth knowing that are no violation.
    pub advisories: Vec<String>,
    /// The calls that were in flight together, where the attack was among others.
    pub company: Arc<[Call]>,
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

/// Asks every oracle, then the controls.
pub fn judge(knowledge: &Knowledge, history: History) -> Case {
    oracle::remembering(knowledge, || ask(knowledge, history))
}

fn ask(knowledge: &Knowledge, history: History) -> Case {
    let mut evidence = Vec::new();
    let mut advisories = Vec::new();
    let mut unheard = None;
    for oracle in ORACLES {
        match oracle.judge(&history, knowledge) {
            Ok(found) => evidence.extend(found),
            // An oracle that had something to judge, and got no answer to judge it by.
            Err(reason @ (Reason::NoAnswer | Reason::Throttled)) => unheard = Some(reason),
            Err(_) => {}
        }
        advisories.extend(oracle.advisories(&history, knowledge));
    }
    let (gating, known): (Vec<_>, Vec<_>) = evidence
        .into_iter()
        .partition(|e: &Evidence| e.severity > Severity::Info);
    let route = history.first(Purpose::Attack).map(|e| e.call.route.clone());
    let route = route.map(|r| format!("{r}: ")).unwrap_or_default();
    advisories.extend(known.iter().map(|e| format!("{route}{}", sentence(e))));
    let outcome = match (oracle::held(&history, knowledge), unheard) {
        _ if !gating.is_empty() => Outcome::Violated(gating),
        (Err(reason), _) | (Ok(()), Some(reason)) => Outcome::Inconclusive(reason),
        (Ok(()), None) => Outcome::Held,
    };
    Case {
        history,
        outcome,
        advisories,
        company: Arc::default(),
    }
}

/// What crossed, in a few words.
pub fn sentence(evidence: &Evidence) -> String {
    match &evidence.crossing {
        Crossing::Detected { difference, .. } => difference.clone(),
        Crossing::Blocked { sentence } => sentence.clone(),
        Crossing::Cacheable { header, .. } => format!("shared caches may keep it: {header}"),
        Crossing::Broke { promise, instead } => format!("{promise}, but {instead}"),
        Crossing::Leaked { at, .. } | Crossing::Observed { at, .. } => {
            format!("a value of another tenant stands at {at}")
        }
        Crossing::Wrote { .. } => "a row of another tenant was changed".into(),
        Crossing::Moved { at, .. } => format!("{at} moves with rows of other tenants"),
        Crossing::Referenced { column, .. } => format!("{column} points to another tenant's row"),
    }
}

/// What an attacker could not have sent is judged by declared promises alone.
fn only_promises(case: &mut Case) {
    if let Outcome::Violated(all) = &mut case.outcome {
        all.retain(|e| matches!(e.crossing, Crossing::Broke { .. }));
        if all.is_empty() {
            case.outcome = Outcome::Inconclusive(Reason::NotApplicable);
        }
    }
}

/// Judges cases on all processors: judging is what a sweep's own time goes into.
pub fn judge_all(knowledge: &Knowledge, histories: Vec<(History, &Attempt)>) -> Vec<Case> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let share = histories.len().div_ceil(workers).max(1);
    let mut shares: Vec<Vec<(History, &Attempt)>> = Vec::new();
    let mut rest = histories.into_iter().peekable();
    while rest.peek().is_some() {
        shares.push(rest.by_ref().take(share).collect());
    }
    let judge_share = |share: Vec<(History, &Attempt)>| -> Vec<Case> {
        let judge = |(history, attempt)| judge_attempt(knowledge, history, attempt);
        oracle::remembering(knowledge, || share.into_iter().map(judge).collect())
    };
    let Some(own) = shares.pop() else {
        return Vec::new();
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(|| judge_share(share)))
            .collect();
        let last = judge_share(own);
        let mut cases: Vec<Case> = others
            .into_iter()
            .flat_map(|other| {
                other
                    .join()
                    .unwrap_or_else(|p| std::panic::resume_unwind(p))
            })
            .collect();
        cases.extend(last);
        cases
    })
}

/// Judges what came of an attempt.
pub fn judge_attempt(knowledge: &Knowledge, history: History, attempt: &Attempt) -> Case {
    let mut case = judge(knowledge, history);
    if attempt.promise_only {
        only_promises(&mut case);
    }
    case
}
