//! Confirmation by cause, on fresh state: the foreign value is changed and the answer follows it, or the foreign row is taken
//! away and the effect is gone.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::baseline::hash;
use super::case::{judge, take_back};
use super::error::RunError;
use super::findings::Candidate;
use super::interference;
use super::lab::Lab;
use super::sweep::Violation;
use crate::model::canary;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::finding::{Confidence, Finding};
use crate::model::rows::RowRef;
use crate::model::schema::{Kind, quote};
use crate::model::verdict::{Crossing, Evidence, Provenance};
use crate::seed;

/// How many examples of a finding are tried before it stays suspected.
const EXAMPLES: usize = 4;

/// Confirms a candidate, or says why it stays suspected.
pub async fn confirm(lab: &mut Lab<'_>, candidate: Candidate) -> Result<Finding, RunError> {
    let Candidate {
        mut finding,
        examples,
    } = candidate;
    let mut why = "it did not show again on fresh state".to_owned();
    for example in examples.iter().take(EXAMPLES) {
        // What a call writes after its answer would be taken for the next one's doing.
        lab.patient = matches!(
            example.evidence.crossing,
            Crossing::Wrote { .. } | Crossing::Referenced { .. }
        );
        let proof = one(lab, example).await;
        lab.patient = false;
        match proof? {
            Ok((proof, evidence, history)) => {
                finding.requests = super::shown::requests(lab, &history, evidence.shown_by);
                finding.attack = example.attack.to_owned();
                finding.confidence = Confidence::Confirmed;
                finding.proof = proof;
                finding.evidence = evidence;
                finding.history = history;
                return Ok(finding);
            }
            Err(reason) => why = reason,
        }
    }
    finding.proof = why;
    Ok(finding)
}

type Proof = Result<(String, Evidence, History), String>;

async fn one(lab: &mut Lab<'_>, example: &Violation) -> Result<Proof, RunError> {
    lab.fresh().await?;
    if lab.patient {
        let started = lab.linger().await?;
        lab.undo(&started).await?;
    }
    let history = rerun(lab, &example.history).await?;
    let Some(evidence) = same(lab, &history, &example.evidence) else {
        take_back(lab, &history).await?;
        return Ok(Err(format!(
            "{} did not cross again on fresh state",
            example.attack
        )));
    };
    let proof = match &evidence.crossing {
        Crossing::Moved { .. } => {
            let found = interference::narrowed(lab, &history).await?;
            return Ok(found.ok_or_else(|| "the answer did not move again".to_owned()));
        }
        Crossing::Leaked { values, .. } => leaked(lab, &history, &evidence, values).await?,
        Crossing::Wrote { row, .. } => {
            take_back(lab, &history).await?;
            let row = row.clone();
            wrote(lab, &history, &evidence, &row).await?
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
        Crossing::Broke { .. } => {
            take_back(lab, &history).await?;
            Ok(
                "the call was answered like this again, on a new clone of the seeded database"
                    .to_owned(),
            )
        }
    };
    Ok(proof.map(|proof| (proof, evidence, history)))
}

/// The same calls for the same purposes; controls keep what they showed.
pub async fn rerun(lab: &mut Lab<'_>, history: &History) -> Result<History, RunError> {
    if history.of(Purpose::Still).next().is_some() {
        return interference::again(lab, history).await;
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
        let made = match purpose {
            Purpose::OwnerControl | Purpose::OwnControl => exchange.clone(),
            Purpose::Setup | Purpose::VictimBefore | Purpose::VictimAfter => {
                lab.perform_own(&exchange.call).await?
            }
            Purpose::Attack | Purpose::Still | Purpose::Missing | Purpose::AttackerAfter => {
                lab.perform(&exchange.call).await?
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
fn same(lab: &Lab<'_>, history: &History, wanted: &Evidence) -> Option<Evidence> {
    let super::case::Outcome::Violated(all) = judge(&lab.knowledge, history.clone()).outcome else {
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

/// Changes a leaked value in the database: the answer must follow. Where no value can be changed, or the answer is cached,
/// takes the rows away: the values must be gone from the answer.
async fn leaked(
    lab: &mut Lab<'_>,
    history: &History,
    evidence: &Evidence,
    values: &[Provenance],
) -> Result<Result<String, String>, RunError> {
    take_back(lab, history).await?;
    let mut rng = ChaCha8Rng::seed_from_u64(lab.settings.seed ^ hash(&history.variant));
    for value in values {
        let Some((sql, token)) = replacement(lab, value, &mut rng) else {
            continue;
        };
        if lab.world.execute(&sql).await.is_err() {
            continue;
        }
        let changes = lab.settle().await?;
        let again = rerun(lab, history).await?;
        let follows = shows(&again, evidence, &token);
        take_back(lab, &again).await?;
        lab.undo(&changes).await?;
        if follows {
            let name = lab.knowledge.schema.column_name(column_of(value));
            return Ok(Ok(format!(
                "{name} was given another value in the database, and the answer followed it"
            )));
        }
        break;
    }
    let rows: Vec<RowRef> = values.iter().map(|v| v.row.clone()).collect();
    gone_without(
        lab,
        history,
        evidence,
        &rows,
        "the values were gone from the answer",
    )
    .await
}

fn column_of(value: &Provenance) -> crate::model::schema::ColumnRef {
    crate::model::schema::ColumnRef {
        table: value.row.table,
        column: value.column,
    }
}

/// SQL that gives a leaked column another value, and a text that must then stand in the answer.
fn replacement(
    lab: &Lab<'_>,
    value: &Provenance,
    rng: &mut ChaCha8Rng,
) -> Option<(String, String)> {
    let table = lab.knowledge.schema.table(value.row.table);
    let column = &table.columns[value.column];
    let keyed = table.primary_key.contains(&value.column)
        || table
            .foreign_keys
            .iter()
            .any(|k| k.columns.contains(&value.column))
        || lab.knowledge.schema.tables.iter().any(|t| {
            t.foreign_keys
                .iter()
                .any(|k| k.table == table.id && k.references.contains(&value.column))
        });
    if keyed || column.generated || column.kind != Kind::Text {
        return None;
    }
    let old = lab.knowledge.rows.get(&value.row)?[value.column].clone()?;
    let token = seed::token(rng);
    let at = old
        .to_ascii_lowercase()
        .find(&value.value.to_ascii_lowercase())?;
    let new = format!("{}{token}{}", &old[..at], &old[at + value.value.len()..]);
    let fits = column
        .max_length
        .is_none_or(|most| new.chars().count() <= most as usize);
    fits.then(|| {
        let sql = format!(
            "UPDATE {} SET {} = {} WHERE {}",
            table.sql(),
            quote(&column.name),
            literal(&new),
            seed::is_row(table, &value.row)
        );
        (sql, token)
    })
}

/// Whether the exchange that showed the evidence holds a text now.
fn shows(history: &History, evidence: &Evidence, token: &str) -> bool {
    let (purpose, index) = evidence.shown_by;
    let exchange = history.of(purpose).nth(index);
    exchange
        .and_then(Exchange::response)
        .is_some_and(|response| {
            let headers = response.headers.iter().any(|(_, v)| v.contains(token));
            let mut known = canary::Canaries::default();
            known.insert(Provenance {
                row: RowRef {
                    table: crate::model::schema::TableId(0),
                    key: Vec::new(),
                },
                column: 0,
                value: token.to_owned(),
                owners: crate::model::ownership::Owners::default(),
            });
            headers || !known.scan(&response.body).is_empty()
        })
}

/// A foreign write is confirmed when the same call without its foreign part leaves the foreign rows alone; where there is no
/// such call, when nothing happens by itself.
async fn wrote(
    lab: &mut Lab<'_>,
    history: &History,
    evidence: &Evidence,
    row: &RowRef,
) -> Result<Result<String, String>, RunError> {
    tokio::time::sleep(std::time::Duration::from_millis(120)).await;
    let idle = lab.settle().await?;
    let table = row.table;
    let Crossing::Wrote { operation, .. } = &evidence.crossing else {
        return Ok(Err("no write".into()));
    };
    if idle.iter().any(|c| {
        c.table == table && c.operation == *operation && !lab.knowledge.background.covers(c)
    }) {
        return Ok(Err("rows of that table change by themselves".into()));
    }
    if lab.knowledge.rows.get(row).is_some() && history.reached.contains(row) {
        return gone_without(
            lab,
            history,
            evidence,
            std::slice::from_ref(row),
            "no foreign row changed",
        )
        .await;
    }
    let Some(control) = history.first(Purpose::OwnControl).map(|e| e.call.clone()) else {
        return Ok(Ok(
            "the same rows changed again on a new clone, and none while nothing was called".into(),
        ));
    };
    let own = lab.perform_own(&control).await?;
    let mut without = History {
        exchanges: vec![(Purpose::Attack, own)],
        ..history.clone()
    };
    let crosses = same(lab, &without, evidence).is_some();
    without.exchanges.truncate(1);
    take_back(lab, &without).await?;
    Ok(Ok(if crosses {
        "the same rows changed again on a new clone, and also by the attacker's own call without the attack".into()
    } else {
        "the same rows changed again on a new clone, and not by the attacker's own call without the attack".into()
    }))
}

/// Takes foreign rows away on fresh state and repeats the attack: the effect must be gone.
async fn gone_without(
    lab: &mut Lab<'_>,
    history: &History,
    evidence: &Evidence,
    rows: &[RowRef],
    effect: &str,
) -> Result<Result<String, String>, RunError> {
    lab.fresh().await?;
    let standing = rows
        .iter()
        .filter(|row| lab.knowledge.rows.get(row).is_some());
    let standing: Vec<RowRef> = standing.cloned().collect();
    let removed = interference::take_away(lab, &standing, &history.attacker_tenants).await?;
    let Some(removed) = removed else {
        return Ok(Err(
            "it showed again on fresh state, but without superuser the foreign row could not be taken away past what points to it"
                .into(),
        ));
    };
    if removed.is_empty() && history.of(Purpose::Setup).next().is_some() {
        return without_setup(lab, history, evidence).await;
    }
    if removed.is_empty() {
        return Ok(Err(
            "it showed again on fresh state, but no row could be taken away to show the cause"
                .into(),
        ));
    }
    let again = rerun(lab, history).await?;
    let still = match (&evidence.crossing, same(lab, &again, evidence)) {
        (_, None) => false,
        // The rows that were taken away are what it is about; others may cross by the same defect.
        (Crossing::Leaked { .. }, Some(e)) => matches!(&e.crossing, Crossing::Leaked { values, .. }
            if values.iter().any(|v| rows.contains(&v.row))),
        (Crossing::Wrote { .. }, Some(e)) => {
            matches!(&e.crossing, Crossing::Wrote { row, .. } if rows.contains(row))
        }
        (_, Some(_)) => true,
    };
    take_back(lab, &again).await?;
    lab.undo(&removed).await?;
    Ok(if still {
        Err("the effect stayed when the foreign row was taken away".into())
    } else {
        Ok(format!(
            "the foreign row was taken away on a new clone, and {effect}"
        ))
    })
}

/// What the victim itself had just made is not there when it makes nothing: the effect must be gone, then.
async fn without_setup(
    lab: &mut Lab<'_>,
    history: &History,
    evidence: &Evidence,
) -> Result<Result<String, String>, RunError> {
    let mut without = history.clone();
    without.exchanges.retain(|(p, _)| *p != Purpose::Setup);
    let again = rerun(lab, &without).await?;
    let still = same(lab, &again, evidence).is_some();
    take_back(lab, &again).await?;
    Ok(if still {
        Err("the effect stayed when the victim had made nothing before".into())
    } else {
        Ok("on a new clone the victim made nothing before, and the values were gone from the answer".into())
    })
}

/// Blocking is confirmed when the victim keeps what it had without the attack.
async fn blocked(
    lab: &mut Lab<'_>,
    history: &History,
    evidence: &Evidence,
) -> Result<Result<String, String>, RunError> {
    lab.fresh().await?;
    let mut without = history.clone();
    without.exchanges.retain(|(p, _)| {
        !matches!(
            p,
            Purpose::Attack | Purpose::AttackerAfter | Purpose::Missing
        )
    });
    let again = rerun(lab, &without).await?;
    let still = same(lab, &again, evidence).is_some();
    take_back(lab, &again).await?;
    Ok(if still {
        Err("the victim was blocked without the attack, too".into())
    } else {
        Ok(
            "on a new clone the victim kept what it had without the attack, and lost it with it"
                .into(),
        )
    })
}

/// A string literal, fit for SQL under `standard_conforming_strings`.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
