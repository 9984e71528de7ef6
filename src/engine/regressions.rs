//! Regressions: histories that crossed once, and those that somebody wants tried, kept beside the description. Every run tries
//! them before all else.

use std::path::{Path, PathBuf};

use super::analytics::learn;
use super::baseline::Baseline;
use super::case::take_back;
use super::cause::PLAIN;
use super::error::RunError;
use super::judge::{Outcome, judge};
use super::lab::Lab;
use super::replay::{all, read, script, unshown};
use super::swept::Violation;
use crate::attack::{ATTACKS, Scope};
use crate::model::exchange::Purpose;
use crate::model::replay::{REGRESSIONS, Replay, SCENARIOS};
use crate::oracle::Oracle;
use crate::oracle::conservation::Conservation;

/// The files of the histories that are kept beside a description, by name. Beside curated ones may lie files of another kind.
pub fn kept(folder: &Path) -> Result<Vec<PathBuf>, RunError> {
    let mut files = json_files(&folder.join(REGRESSIONS))?;
    for file in json_files(&folder.join(SCENARIOS))? {
        let text = std::fs::read_to_string(&file).map_err(unread(&file))?;
        if Replay::is_meant(&text) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// Those of them that take a browser, and whose attack is selected.
pub fn browsed(lab: &Lab<'_>) -> Result<Vec<Replay>, RunError> {
    let mut all = Vec::new();
    for file in kept(&lab.settings.dir)? {
        let recorded = read(&file)?;
        if !recorded.browsed.is_empty() && lab.settings.selects_attack(&recorded.attack) {
            all.push(recorded);
        }
    }
    Ok(all)
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>, RunError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unread(folder)(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(unread(folder))?.path();
        if path.extension().is_some_and(|kind| kind == "json") {
            files.push(path);
        }
    }
    Ok(files)
}

fn unread(path: &Path) -> impl Fn(std::io::Error) -> RunError {
    move |error| RunError::Replay(format!("{} cannot be read: {error}", path.display()))
}

/// What came of histories that crossed once.
#[derive(Default)]
pub struct Retried {
    /// What crossed again.
    pub crossed: Vec<Violation>,
    /// Those of which nobody knows whether they would, a sentence each.
    pub untold: Vec<String>,
}

/// What came of one of them.
enum Again {
    Crossed(Box<Violation>),
    Held,
    /// Its route or attack is not selected, or its turn comes later.
    LeftOut,
    Untold(String),
    /// It takes a browser, and this run has none.
    Untried,
}

/// Tries these histories.
pub async fn retry(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    files: &[PathBuf],
) -> Result<Retried, RunError> {
    let mut retried = Retried::default();
    for file in files {
        if lab.stop.is_cancelled() {
            break;
        }
        match one(lab, baseline, &read(file)?).await? {
            Again::Crossed(violation) => retried.crossed.push(*violation),
            Again::Held | Again::LeftOut => {}
            Again::Untried => retried.untold.push(format!(
                "{} was not tried: it takes a browser, and this run has none",
                file.display()
            )),
            Again::Untold(why) => retried.untold.push(format!(
                "{} shows nothing any more: {why}; record it anew, or delete it",
                file.display()
            )),
        }
    }
    Ok(retried)
}

async fn one(lab: &mut Lab<'_>, baseline: &Baseline, recorded: &Replay) -> Result<Again, RunError> {
    if !recorded.browsed.is_empty() {
        // What takes a browser is tried with the pages.
        let later = lab.target.browser().map(|_| Again::LeftOut);
        return Ok(later.unwrap_or(Again::Untried));
    }
    let history = script(lab, recorded, Some(baseline)).await?;
    let Some(route) = history.first(Purpose::Attack).map(|e| e.call.route.clone()) else {
        return Ok(Again::Untold("no step of it is an attack".to_owned()));
    };
    if lab.route(&route).is_none() {
        return Ok(Again::Untold(format!("there is no route {route}")));
    }
    if !lab.settings.selects(&recorded.attack, &route) {
        return Ok(Again::LeftOut);
    }
    for (_, exchange) in &history.exchanges {
        lab.log_in(&exchange.call).await?;
    }
    let seen_after = lab.calls;
    let made = all(lab, &history).await?;
    if recorded.oracle == Conservation.id() {
        lab.knowledge.figures = learn(lab).await?;
    }
    let case = judge(&lab.knowledge, made);
    lab.knowledge.figures.clear();
    take_back(lab, &case.history).await?;
    let mut found = match case.outcome {
        Outcome::Violated(found) => found,
        Outcome::Held | Outcome::Inconclusive(_) => Vec::new(),
    };
    let by_its_oracle = found.iter().position(|e| e.oracle == recorded.oracle);
    if found.is_empty() {
        let unshown = unshown(recorded, &case.history);
        return Ok(unshown.map_or(Again::Held, |reason| Again::Untold(reason.to_string())));
    }
    let evidence = found.swap_remove(by_its_oracle.unwrap_or(0));
    let rank = ATTACKS.iter().position(|a| a.id() == recorded.attack);
    let attack = rank.map_or(PLAIN, |rank| ATTACKS[rank].id());
    Ok(Again::Crossed(Box::new(Violation {
        route,
        seen_after,
        attack,
        rank: ATTACKS.len() + rank.unwrap_or_default(),
        scope: Scope::Handler,
        evidence,
        history: case.history,
    })))
}
