//! What people do in a browser: the attacks that need one, random sequences of actions, and their confirmation.

mod cast;
mod confirm;
mod devices;
mod findings;
mod judged;
mod play;
mod sight;
mod stroll;

use tokio::time::Instant;

use self::cast::cast;
use self::devices::Devices;
use self::findings::{Seen, findings};
use self::judged::{Ended, judged};
use self::play::{Missing, play};
use super::error::RunError;
use super::lab::Lab;
use super::swept::Swept;
use crate::attack::ATTACKS;
use crate::model::browsing::Script;
use crate::model::event::Event;
use crate::model::finding::Finding;

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
    lab.fresh().await?;
    let mut devices = Devices::start(lab).await?;
    let outcome = Box::pin(tried(lab, &mut devices, wanted, swept, warnings, deadline)).await;
    let ended = devices.end(lab).await;
    let found = outcome?;
    ended?;
    Ok(found)
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
        if over(lab, deadline) {
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
        if over(lab, deadline) {
            break;
        }
        seen.extend(stroll::stroll(lab, devices, number, &seen).await?);
    }
    lab.tell(&Event::Progress { done: total, total });
    findings(lab, devices, seen).await
}

fn over(lab: &Lab<'_>, deadline: Option<Instant>) -> bool {
    lab.stop.is_cancelled() || deadline.is_some_and(|deadline| Instant::now() > deadline)
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
