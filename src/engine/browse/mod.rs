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
use self::cast::cast;
use self::devices::Devices;
use self::findings::{Seen, findings};
pub use self::judged::Ended;
use self::judged::judged;
use self::play::{Missing, Played, play};
use self::sight::Sight;
use super::error::RunError;
use super::lab::Lab;
use super::swept::Swept;
use crate::attack::ATTACKS;
use crate::model::browsing::{Action, Script};
use crate::model::event::{CutShort, Event};
use crate::model::exchange::Exchange;
use crate::model::finding::Finding;
use crate::model::tenant::TenantKey;
use crate::settings::Settings;

/// What a run is told where the description's browser section could not be put to use.
const NOBODY: &str = "the browser was left out: no two tenants have members who could use it";

/// Tries everything that needs a browser, and confirms what crosses.
pub async fn browse(
    lab: &mut Lab<'_>,
    swept: &mut Swept,
    warnings: &mut Vec<String>,
    deadline: Option<Instant>,
) -> Result<Vec<Finding>, RunError> {
    let Some(wanted) = scripts(lab) else {
        warnings.push(NOBODY.to_owned());
        return Ok(Vec::new());
    };
    if wanted.is_empty() && stroll::number(lab) == 0 {
        return Ok(Vec::new());
    }
    lab.fresh().await?;
    let mut devices = Devices::start(lab).await?;
    let outcome = Box::pin(tried(lab, &mut devices, wanted, swept, warnings, deadline)).await;
    let ended = devices.end(lab).await;
    let found = outcome?;
    ended?;
    Ok(found)
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
        Played::Stuck(why) => return Err(RunError::Replay(why)),
    };
    ended?;
    let last = sights.last().map(Sight::shown);
    last.ok_or_else(|| RunError::Replay("nothing was looked at".to_owned()))
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
    for (_, attack, script) in all.into_iter().filter(|(_, id, _)| attacks.contains(id)) {
        match Box::pin(play(lab, &mut devices, &script, Missing::Ends)).await {
            Ok(played) => {
                let ended = judged(&lab.knowledge, attack, &script, &played);
                came.push((attack, script.variant, ended));
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
    if lab.target.browser().is_some() {
        return Ok(());
    }
    let said =
        "it takes a browser, of which the description says nothing: it needs a section [browser]";
    Err(RunError::Replay(said.to_owned()))
}

/// What each attack makes of the people at hand; `None` where there are none.
fn scripts(lab: &Lab<'_>) -> Option<Vec<(usize, &'static str, Script)>> {
    let cast = cast(lab)?;
    let mut all = Vec::new();
    for (rank, attack) in ATTACKS.iter().enumerate() {
        if lab.settings.selects_attack(attack.id()) {
            let scripts = attack.scripts(&cast).into_iter();
            all.extend(scripts.map(|script| (rank, attack.id(), script)));
        }
    }
    Some(all)
}

async fn tried(
    lab: &mut Lab<'_>,
    devices: &mut Devices,
    wanted: Vec<(usize, &'static str, Script)>,
    swept: &mut Swept,
    warnings: &mut Vec<String>,
    deadline: Option<Instant>,
) -> Result<Vec<Finding>, RunError> {
    let strolls = stroll::number(lab);
    let total = wanted.len() + strolls;
    let mut seen: Vec<Seen> = Vec::new();
    for (done, (rank, attack, script)) in wanted.into_iter().enumerate() {
        lab.tell(&Event::Progress { done, total });
        if let Some(why) = over(lab, deadline) {
            // What was not tried has not held.
            swept.cut_short.get_or_insert(why);
            break;
        }
        let played = play(lab, devices, &script, Missing::Ends).await?;
        let ended = judged(&lab.knowledge, attack, &script, &played);
        note(swept, warnings, attack, &script, &ended);
        if let Ended::Crossed(all) = ended {
            seen.extend(all.into_iter().map(|(evidence, history)| Seen {
                rank,
                script: script.clone(),
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
            break;
        }
        seen.extend(stroll::stroll(lab, devices, number, &seen).await?);
    }
    lab.tell(&Event::Progress { done: total, total });
    findings(lab, devices, seen).await
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
            warnings.push(format!(
                "{attack} ({}) shows nothing: {why}",
                script.variant
            ));
        }
    }
}
