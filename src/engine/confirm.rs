//! Confirmation by cause, on fresh state: the foreign value is changed and the answer follows it, or the foreign row is taken
//! away and the effect is gone.

use std::sync::Arc;

use super::analytics;
use super::case::take_back;
use super::cause::{PLAIN, blocked, followed, gone_without, leaked, wrote};
use super::company;
use super::error::RunError;
use super::findings::{Candidate, id};
use super::interference;
use super::judge::{Outcome, judge};
use super::lab::Lab;
use super::links::linked;
use super::sighted;
use super::swept::Violation;
use crate::model::exchange::{History, Purpose};
use crate::model::finding::{Confidence, Finding};
use crate::model::knowledge::Knowledge;
use crate::model::verdict::{Crossing, Evidence};
use crate::oracle::Oracle;
use crate::oracle::conservation::Conservation;
use crate::oracle::log::Log;

/// How many examples of a finding are tried before it stays suspected.
const EXAMPLES: usize = 4;

/// Confirms a candidate, or says why it stays suspected; `None` where it turns out that nothing crossed.
pub async fn confirm(lab: &mut Lab<'_>, candidate: Candidate) -> Result<Option<Finding>, RunError> {
    let Candidate {
        mut finding,
        examples,
    } = candidate;
    let mut why = "it did not show again on fresh state".to_owned();
    let mut left: Option<&Violation> = None;
    let mut absent = None;
    for example in examples.iter().take(EXAMPLES) {
        // What a call writes after its answer would be taken for the next one's doing.
        lab.patient = matches!(
            example.evidence.crossing,
            Crossing::Wrote { .. } | Crossing::Referenced { .. }
        );
        let proof = Box::pin(one(lab, example)).await;
        lab.patient = false;
        let proof = match proof? {
            Shown::Proof(proof) => *proof,
            Shown::Nothing => continue,
            Shown::Absent => {
                let company = !example.history.company.is_empty();
                absent = absent.or(company.then_some(example));
                Err(format!(
                    "{} did not cross again on fresh state",
                    example.attack
                ))
            }
        };
        left.get_or_insert(example);
        match proof {
            Ok((proof, evidence, history)) => {
                let finding = confirmed(lab, finding, proof, evidence, history).await?;
                return Ok(Some(finding));
            }
            Err(reason) => why = reason,
        }
    }
    let Some(left) = left else { return Ok(None) };
    if left.evidence != finding.evidence {
        // What the first example showed was nothing.
        finding.requests = super::shown::requests(lab, &left.history, left.evidence.shown_by);
        finding.attack = left.attack.to_owned();
        finding.evidence = left.evidence.clone();
        finding.history = left.history.clone();
    }
    finding.proof = why;
    match absent {
        Some(example) => company::confirm(lab, finding, example).await.map(Some),
        None => Ok(Some(finding)),
    }
}

/// The finding with what confirms it.
pub async fn confirmed(
    lab: &mut Lab<'_>,
    mut finding: Finding,
    proof: String,
    evidence: Evidence,
    history: History,
) -> Result<Finding, RunError> {
    for (_, exchange) in &history.exchanges {
        // Fresh state knows no sessions; what is shown names the credentials that a call needs.
        lab.log_in(&exchange.call).await?;
    }
    finding.requests = super::shown::requests(lab, &history, evidence.shown_by);
    if history.attack == PLAIN && finding.attack != PLAIN {
        finding.id = id(evidence.oracle, PLAIN, &finding.sink);
    }
    finding.attack.clone_from(&history.attack);
    finding.confidence = Confidence::Confirmed;
    finding.proof = if lab.world.is_cloned() {
        proof
    } else {
        format!(
            "{proof} (fresh state was weaker here: rows written back, the target not restarted)"
        )
    };
    finding.evidence = evidence;
    finding.history = history;
    Ok(finding)
}

/// What shows a finding by its cause, with the evidence on fresh state; or why it stays suspected.
pub type Proof = Result<(String, Evidence, History), String>;

/// What came of making an example's calls again.
enum Shown {
    /// It crossed, by its cause or not.
    Proof(Box<Proof>),
    /// It did not cross.
    Absent,
    /// What crossed was nobody's.
    Nothing,
}

/// Makes an example's calls again, one by one: what crosses alone needs no company.
async fn one(lab: &mut Lab<'_>, example: &Violation) -> Result<Shown, RunError> {
    let mut alone = example.clone();
    alone.history.company = Arc::default();
    lab.fresh().await?;
    if let Crossing::Observed { values, .. } = &alone.evidence.crossing {
        let proof = sighted::cause(lab, &alone, values).await?;
        return Ok(proof.map_or(Shown::Nothing, |proof| Shown::Proof(Box::new(proof))));
    }
    let proof = by_rows(lab, &alone).await?;
    Ok(proof.map_or(Shown::Absent, |proof| Shown::Proof(Box::new(proof))))
}

/// The cause of what crossed, by the rows that it is about; `None` where it did not cross again.
async fn by_rows(lab: &mut Lab<'_>, example: &Violation) -> Result<Option<Proof>, RunError> {
    if lab.patient {
        let started = lab.linger().await?;
        lab.undo(&started).await?;
    }
    lab.reads_log = example.evidence.oracle == Log.id();
    if example.evidence.oracle == Conservation.id() {
        lab.knowledge.figures = analytics::learn(lab).await?;
    }
    let history = rerun(lab, &example.history).await;
    lab.reads_log = false;
    let history = history?;
    let again = same(&lab.knowledge, &history, &example.evidence);
    lab.knowledge.figures.clear();
    let Some(evidence) = again else {
        take_back(lab, &history).await?;
        return Ok(None);
    };
    let proof = match &evidence.crossing {
        Crossing::Moved { .. } => {
            let found = interference::narrowed(lab, &history).await?;
            let found = found.ok_or_else(|| "the answer did not move again".to_owned());
            return Ok(Some(found));
        }
        Crossing::Observed { .. } => {
            take_back(lab, &history).await?;
            Err("values that stand in no row have another cause".to_owned())
        }
        Crossing::Leaked { values, .. } => leaked(lab, &history, &evidence, values).await?,
        Crossing::Wrote { row, .. } => {
            take_back(lab, &history).await?;
            let row = row.clone();
            return wrote(lab, history, evidence, &row).await.map(Some);
        }
        Crossing::Referenced {
            declared: false, ..
        } => {
            take_back(lab, &history).await?;
            followed(lab, &history, &evidence).await?
        }
        Crossing::Referenced { to, .. } => {
            take_back(lab, &history).await?;
            let to = to.clone();
            gone_without(
                lab,
                &history,
                &evidence,
                &[to],
                "the reference could not be stored",
            )
            .await?
        }
        Crossing::Detected { .. } => {
            take_back(lab, &history).await?;
            let rows = history.reached.clone();
            gone_without(lab, &history, &evidence, &rows, "the answers were alike").await?
        }
        Crossing::Blocked { .. } => {
            take_back(lab, &history).await?;
            blocked(lab, &history, &evidence).await?
        }
        Crossing::Broke { .. } | Crossing::Cacheable { .. } => {
            take_back(lab, &history).await?;
            Ok("the call was answered like this again, on fresh state".to_owned())
        }
    };
    Ok(Some(proof.map(|proof| (proof, evidence, history))))
}

/// The same calls for the same purposes; controls keep what they showed.
pub async fn rerun(lab: &mut Lab<'_>, history: &History) -> Result<History, RunError> {
    if history.of(Purpose::Still).next().is_some() {
        return interference::again(lab, history).await;
    }
    if !history.company.is_empty() {
        return company::again(lab, history).await;
    }
    let mut again = History {
        exchanges: Vec::new(),
        ..history.clone()
    };
    if history.of(Purpose::Setup).next().is_some() {
        // What comes first may end the session that the attack was made with.
        lab.forget_session(&history.attacker);
        for attack in history.of(Purpose::Attack) {
            lab.log_in(&attack.call).await?;
        }
    }
    for (purpose, exchange) in &history.exchanges {
        let call = exchange.call.clone();
        let schema = &lab.knowledge.schema;
        let call = linked(call, &history.links, &again.exchanges, schema);
        let made = match purpose {
            Purpose::OwnerControl | Purpose::OwnControl => exchange.clone(),
            Purpose::Setup | Purpose::VictimBefore | Purpose::VictimAfter => {
                lab.perform_own(&call).await?
            }
            Purpose::Attack | Purpose::Still | Purpose::Missing | Purpose::AttackerAfter => {
                lab.perform(&call).await?
            }
        };
        if *purpose == Purpose::VictimBefore {
            // What the victim could do before was taken back then, too.
            lab.undo(&made.changes).await?;
        }
        again.exchanges.push((*purpose, made));
    }
    Ok(again)
}

/// The evidence of the same kind in a history, where there is any.
pub fn same(knowledge: &Knowledge, history: &History, wanted: &Evidence) -> Option<Evidence> {
    let Outcome::Violated(all) = judge(knowledge, history.clone()).outcome else {
        return None;
    };
    let kind = std::mem::discriminant(&wanted.crossing);
    let alike =
        |e: &&Evidence| e.oracle == wanted.oracle && std::mem::discriminant(&e.crossing) == kind;
    let tables = |e: &Evidence| match &e.crossing {
        Crossing::Leaked { values, .. } => values.iter().map(|v| v.row.table).collect(),
        Crossing::Wrote { row, .. } => vec![row.table],
        Crossing::Referenced { from, .. } => vec![from.table],
        _ => Vec::new(),
    };
    let wanted_tables = tables(wanted);
    let close = all
        .iter()
        .filter(alike)
        .find(|e| tables(e).iter().any(|t| wanted_tables.contains(t)));
    close.or_else(|| all.iter().find(alike)).cloned()
}
