//! What people did in a browser, done again from a replay file.

use super::described;
use super::devices::Devices;
use super::judged::{Ended, judged};
use super::play::{Missing, play};
use crate::engine::error::RunError;
use crate::engine::lab::Lab;
use crate::engine::replay::{present_keys, renamed};
use crate::model::browsing::Script;
use crate::model::exchange::History;
use crate::model::replay::Replay;
use crate::model::tenant::TenantKey;
use crate::model::verdict::{Reason, Verdict};

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
pub async fn again(lab: &mut Lab<'_>, recorded: &Replay, goes: usize) -> Result<Goes, RunError> {
    described(lab)?;
    let script = script_of(lab, recorded)?;
    let mut devices = Devices::start(lab).await?;
    let outcome = Box::pin(repeated(lab, &mut devices, recorded, &script, goes)).await;
    let ended = devices.end(lab).await;
    let came = outcome?;
    ended?;
    Ok(came)
}

/// The recorded actions, with tenants as they are now.
pub fn script_of(lab: &Lab<'_>, recorded: &Replay) -> Result<Script, RunError> {
    let keys = present_keys(lab, recorded);
    let now = |old: &TenantKey| {
        let now = keys.iter().find(|(then, _)| then == old);
        now.map_or_else(|| old.clone(), |(_, now)| now.clone())
    };
    Ok(Script {
        variant: recorded.variant.clone(),
        victim: recorded.victim.as_ref().map(now).unwrap_or_default(),
        actions: renamed(&recorded.browsed, &keys)?,
    })
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
        victim: Some(script.victim.clone()),
        browsed: script.actions.clone().into(),
        ..History::new(&recorded.attack, &recorded.variant, &recorded.attacker)
    }
}
