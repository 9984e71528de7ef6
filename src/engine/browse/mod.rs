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
pub use self::judged::Ended;
use self::judged::judged;
use self::play::{Missing, Played, play};
use self::sight::Sight;
use super::error::RunError;
use super::lab::Lab;
use super::swept::Swept;
use crate::attack::ATTACKS;
use crate::model::browsing::{Action, Script};
use crate::model::event::Event;
use crate::model::exchange::{Exchange, History};
use crate::model::finding::Finding;
use crate::model::replay::Replay;
use crate::model::tenant::TenantKey;
use crate::model::verdict::{Reason, Verdict};

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

/// What came of playing a recorded script several times.
pub struct Goes {
    /// What crossed, or that it held, or why it shows nothing.
    pub verdict: Verdict,
    /// How often it crossed.
    pub violated: usize,
    /// What was seen; the recorded history where nothing crossed.
    pub history: History,
}

/// Plays recorded actions, each time on fresh state.
pub async fn again(
    lab: &mut Lab<'_>,
    recorded: &Replay,
    actions: Vec<Action>,
    goes: usize,
) -> Result<Goes, RunError> {
    described(lab)?;
    let key = |old: &TenantKey| {
        let slug = recorded.tenants.iter().find(|(_, key)| *key == old);
        let mut now = lab.knowledge.tenants.iter();
        let now = slug.and_then(|(slug, _)| now.find(|t| t.slug == *slug));
        now.map_or_else(|| old.clone(), |t| t.key.clone())
    };
    let script = Script {
        variant: recorded.variant.clone(),
        victim: recorded.victim.as_ref().map(key).unwrap_or_default(),
        actions,
    };
    let mut devices = Devices::start(lab).await?;
    let outcome = Box::pin(repeated(lab, &mut devices, recorded, &script, goes)).await;
    let ended = devices.end(lab).await;
    let came = outcome?;
    ended?;
    Ok(came)
}

async fn repeated(
    lab: &mut Lab<'_>,
    devices: &mut Devices,
    recorded: &Replay,
    script: &Script,
    goes: usize,
) -> Result<Goes, RunError> {
    let mut came = Goes {
        verdict: Verdict::Inconclusive(Reason::NotApplicable),
        violated: 0,
        history: nothing_seen(recorded, script),
    };
    for _ in 0..goes {
        lab.fresh().await?;
        let played = play(lab, devices, script, Missing::Skipped).await?;
        match judged(&lab.knowledge, &recorded.attack, script, &played) {
            Ended::Crossed(all) => {
                let by_it = all.into_iter().find(|(e, _)| e.oracle == recorded.oracle);
                if let Some((evidence, history)) = by_it {
                    came.violated += 1;
                    came.verdict = Verdict::Violated(evidence);
                    came.history = history;
                }
            }
            Ended::Held if came.violated == 0 => came.verdict = Verdict::Held,
            Ended::Inconclusive(reason, _) if came.violated == 0 => {
                came.verdict = Verdict::Inconclusive(reason);
            }
            Ended::Held | Ended::Inconclusive(..) => {}
        }
    }
    Ok(came)
}

fn nothing_seen(recorded: &Replay, script: &Script) -> History {
    History {
        attack: recorded.attack.clone(),
        variant: recorded.variant.clone(),
        attacker: recorded.attacker.clone(),
        attacker_tenants: Vec::new(),
        victim: Some(script.victim.clone()),
        slots: Vec::new(),
        reached: Vec::new(),
        away: Vec::new(),
        company: std::sync::Arc::default(),
        links: Vec::new(),
        browsed: script.actions.clone().into(),
        exchanges: Vec::new(),
    }
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
