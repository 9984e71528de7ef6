//! What people do in a browser: the attacks that need one, random sequences of actions, and their confirmation.

mod again;
mod cast;
mod confirm;
mod desk;
mod devices;
mod findings;
mod judged;
mod play;
mod sight;
mod stroll;

use tokio::time::Instant;

pub use self::again::again;
use self::again::script_of;
use self::cast::cast;
use self::devices::Devices;
use self::findings::{Seen, findings};
pub use self::judged::Ended;
use self::judged::judged;
use self::play::{Missing, Played, play};
use self::sight::Sight;
use super::error::RunError;
use super::lab::Lab;
use super::run::unless_stopped;
use super::swept::Swept;
use crate::attack::ATTACKS;
use crate::browser::BrowserError;
use crate::model::browsing::{Action, Script};
use crate::model::event::{CutShort, Event};
use crate::model::exchange::Exchange;
use crate::model::finding::Finding;
use crate::model::replay::Replay;
use crate::model::tenant::TenantKey;
use crate::model::verdict::Reason;
use crate::settings::Settings;

/// What a run is told where the description's browser section could not be put to use.
const NOBODY: &str = "the browser was left out: no two tenants have members who could log in there, as `browser.log_in` says how";

/// Something that is to be played.
struct Wanted {
    /// The attack's place in the registry.
    rank: usize,
    attack: &'static str,
    script: Script,
    missing: Missing,
}

/// Tries everything that needs a browser, what is kept beside the description among it, and confirms what crosses.
pub async fn browse(
    lab: &mut Lab<'_>,
    kept: &[Replay],
    swept: &mut Swept,
    warnings: &mut Vec<String>,
    deadline: Option<Instant>,
) -> Result<Vec<Finding>, RunError> {
    let Some(scripts) = scripts(lab) else {
        warnings.push(NOBODY.to_owned());
        return Ok(Vec::new());
    };
    let mut wanted = again_wanted(lab, kept)?;
    wanted.extend(scripts);
    if wanted.is_empty() && stroll::number(lab) == 0 {
        return Ok(Vec::new());
    }
    lab.fresh().await?;
    let mut devices = Devices::start(lab).await?;
    let outcome = Box::pin(tried(lab, &mut devices, wanted, swept, warnings, deadline)).await;
    if let Err(error) = devices.end(lab).await {
        warnings.push(format!("the browser did not end as it should: {error}"));
    }
    outcome
}

/// Whether any attack is to be tried that takes a browser.
pub fn is_wanted(settings: &Settings) -> bool {
    let mut ids = ATTACKS.iter().map(|a| a.id());
    ids.any(|id| id.starts_with("browser.") && settings.selects_attack(id))
}

/// What the last action shows, of those that somebody does on fresh devices.
pub async fn shown(lab: &mut Lab<'_>, actions: Vec<Action>) -> Result<Exchange, RunError> {
    described(lab)?;
    let script = Script {
        variant: String::new(),
        victim: TenantKey::default(),
        actions,
    };
    let mut devices = Devices::start(lab).await?;
    let played = Box::pin(play(lab, &mut devices, &script, Missing::Ends)).await;
    let ended = devices.end(lab).await;
    let sights = match played? {
        Played::Sights(sights) => sights,
        Played::Stuck(why) => return Err(BrowserError::Stuck(why).into()),
    };
    ended?;
    let last = sights.last().map(Sight::shown);
    last.ok_or_else(|| BrowserError::Stuck("nothing was looked at".to_owned()).into())
}

/// Plays the scripts of these attacks: what came of each.
pub async fn each(
    lab: &mut Lab<'_>,
    attacks: &[&str],
) -> Result<Vec<(&'static str, String, Ended)>, RunError> {
    described(lab)?;
    let all = scripts(lab).unwrap_or_default();
    let mut devices = Devices::start(lab).await?;
    let mut came = Vec::new();
    let mut broke = Ok(());
    for wanted in all.into_iter().filter(|w| attacks.contains(&w.attack)) {
        let script = wanted.script;
        match Box::pin(play(lab, &mut devices, &script, wanted.missing)).await {
            Ok(played) => {
                let ended = judged(&lab.knowledge, wanted.attack, &script, &played);
                came.push((wanted.attack, script.variant, ended));
            }
            Err(error) => {
                broke = Err(error);
                break;
            }
        }
    }
    let ended = devices.end(lab).await;
    broke?;
    ended?;
    Ok(came)
}

/// An error where the description says nothing of a browser.
fn described(lab: &Lab<'_>) -> Result<(), RunError> {
    let described = lab.target.browser().map(|_| ());
    described.ok_or_else(|| BrowserError::Undescribed.into())
}

/// What each attack makes of the people at hand; `None` where there are none.
fn scripts(lab: &Lab<'_>) -> Option<Vec<Wanted>> {
    let cast = cast(lab)?;
    let mut all = Vec::new();
    for (rank, attack) in ATTACKS.iter().enumerate() {
        if lab.settings.selects_attack(attack.id()) {
            let scripts = attack.scripts(&cast).into_iter();
            all.extend(scripts.map(|script| Wanted {
                rank,
                attack: attack.id(),
                script,
                missing: Missing::Ends,
            }));
        }
    }
    Some(all)
}

/// What is kept of the attacks that there are.
fn again_wanted(lab: &Lab<'_>, kept: &[Replay]) -> Result<Vec<Wanted>, RunError> {
    let mut all = Vec::new();
    for recorded in kept {
        let Some(rank) = ATTACKS.iter().position(|a| a.id() == recorded.attack) else {
            continue;
        };
        all.push(Wanted {
            rank,
            attack: ATTACKS[rank].id(),
            script: script_of(lab, recorded)?,
            missing: Missing::Skipped,
        });
    }
    Ok(all)
}

async fn tried(
    lab: &mut Lab<'_>,
    devices: &mut Devices,
    wanted: Vec<Wanted>,
    swept: &mut Swept,
    warnings: &mut Vec<String>,
    deadline: Option<Instant>,
) -> Result<Vec<Finding>, RunError> {
    let mut seen = Vec::new();
    let stop = lab.stop.clone();
    let all = attempts(lab, devices, wanted, &mut seen, swept, warnings, deadline);
    match unless_stopped(&stop, Box::pin(all)).await {
        Err(RunError::Stopped) => {
            swept.cut_short.get_or_insert(CutShort::Stopped);
        }
        // What the run has seen until now is not lost by a browser that breaks.
        Err(RunError::Browser(error)) => {
            let why = format!("the browser broke off: {error}");
            swept.cut_short.get_or_insert(CutShort::Broke(why));
        }
        other => other?,
    }
    findings(lab, devices, seen).await
}

/// Plays what is wanted, and random sequences after it.
async fn attempts(
    lab: &mut Lab<'_>,
    devices: &mut Devices,
    wanted: Vec<Wanted>,
    seen: &mut Vec<Seen>,
    swept: &mut Swept,
    warnings: &mut Vec<String>,
    deadline: Option<Instant>,
) -> Result<(), RunError> {
    let strolls = stroll::number(lab);
    let total = wanted.len() + strolls;
    for (done, wanted) in wanted.into_iter().enumerate() {
        lab.tell(&Event::Progress { done, total });
        if let Some(why) = over(lab, deadline) {
            // What was not tried has not held.
            swept.cut_short.get_or_insert(why);
            return Ok(());
        }
        let played = play(lab, devices, &wanted.script, wanted.missing).await?;
        let ended = judged(&lab.knowledge, wanted.attack, &wanted.script, &played);
        note(swept, warnings, wanted.attack, &wanted.script, &ended);
        if let Ended::Crossed(all) = ended {
            seen.extend(all.into_iter().map(|(evidence, history)| Seen {
                rank: wanted.rank,
                script: wanted.script.clone(),
                evidence,
                history,
            }));
        }
    }
    for number in 0..strolls {
        lab.tell(&Event::Progress {
            done: total - strolls + number,
            total,
        });
        if let Some(why) = over(lab, deadline) {
            // What was not tried has not held.
            swept.cut_short.get_or_insert(why);
            return Ok(());
        }
        seen.extend(stroll::stroll(lab, devices, number, seen, deadline).await?);
    }
    lab.tell(&Event::Progress { done: total, total });
    Ok(())
}

fn over(lab: &Lab<'_>, deadline: Option<Instant>) -> Option<CutShort> {
    if lab.stop.is_cancelled() {
        return Some(CutShort::Stopped);
    }
    let late = deadline.is_some_and(|deadline| Instant::now() > deadline);
    late.then_some(CutShort::Budget)
}

/// Counts a script, and says what stood in its way.
fn note(
    swept: &mut Swept,
    warnings: &mut Vec<String>,
    attack: &'static str,
    script: &Script,
    ended: &Ended,
) {
    let tally = swept.tallies.entry(attack).or_default();
    match ended {
        Ended::Held => tally.held += 1,
        Ended::Crossed(_) => tally.violated += 1,
        Ended::Inconclusive(reason, why) => {
            tally.inconclusive += 1;
            *swept.reasons.entry(*reason).or_default() += 1;
            let why = format!("{attack} ({}) shows nothing: {why}", script.variant);
            if *reason == Reason::OwnControlFailed {
                // What is described does not work: no accident of one page, and nobody should take it for a wall.
                let told = format!("the pages are not what [browser] says: {why}");
                swept.cut_short.get_or_insert(CutShort::Broke(told));
            }
            warnings.push(why);
        }
    }
}
