//! Regressions: histories that crossed once, kept beside the description. Every run tries them before all else.

use std::path::{Path, PathBuf};

use super::baseline::Baseline;
use super::case::take_back;
use super::cause::PLAIN;
use super::confirm::rerun;
use super::error::RunError;
use super::judge::{Outcome, judge};
use super::lab::Lab;
use super::replay::{read, script};
use super::swept::Violation;
use crate::attack::{ATTACKS, Scope};
use crate::model::exchange::Purpose;
use crate::model::replay::{REGRESSIONS, Replay};

/// The files of the histories that are kept beside a description, by name.
pub fn kept(folder: &Path) -> Result<Vec<PathBuf>, RunError> {
    let folder = folder.join(REGRESSIONS);
    let failed = |error| RunError::Replay(format!("{} cannot be read: {error}", folder.display()));
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|kind| kind == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Tries these histories; what crosses again.
pub async fn retry(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    files: &[PathBuf],
) -> Result<Vec<Violation>, RunError> {
    let mut crossed = Vec::new();
    for file in files {
        if lab.stop.is_cancelled() {
            break;
        }
        crossed.extend(one(lab, baseline, &read(file)?).await?);
    }
    Ok(crossed)
}

async fn one(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    recorded: &Replay,
) -> Result<Option<Violation>, RunError> {
    let history = script(lab, recorded, Some(baseline)).await?;
    let Some(route) = history.first(Purpose::Attack).map(|e| e.call.route.clone()) else {
        return Ok(None);
    };
    if lab.route(&route).is_none() || !lab.settings.selects(&recorded.attack, &route) {
        return Ok(None);
    }
    for (_, exchange) in &history.exchanges {
        lab.log_in(&exchange.call).await?;
    }
    let seen_after = lab.calls;
    let made = rerun(lab, &history).await?;
    let case = judge(&lab.knowledge, made);
    take_back(lab, &case.history).await?;
    let Outcome::Violated(all) = case.outcome else {
        return Ok(None);
    };
    let evidence = all.into_iter().find(|e| e.oracle == recorded.oracle);
    let rank = ATTACKS.iter().position(|a| a.id() == recorded.attack);
    let attack = rank.map_or(PLAIN, |rank| ATTACKS[rank].id());
    Ok(evidence.map(|evidence| Violation {
        route,
        seen_after,
        attack,
        rank: ATTACKS.len() + rank.unwrap_or_default(),
        scope: Scope::Handler,
        evidence,
        history: case.history,
    }))
}
