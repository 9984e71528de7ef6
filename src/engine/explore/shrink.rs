//! Shrinks a sequence that crosses to the shortest that still does on fresh state, with a budget of its own.

use proptest::strategy::ValueTree;

use super::play::{Played, play};
use super::sequence::Sequence;
use super::strategy::SequenceTree;
use crate::engine::error::RunError;
use crate::engine::lab::Lab;
use crate::model::exchange::{History, Purpose};
use crate::model::route::RouteId;
use crate::model::verdict::Evidence;

/// How many sequences are tried for one finding.
const TRIES: usize = 60;

/// What a sequence is there to show: the same crossing on the same route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shows {
    /// The route of the last step.
    pub route: RouteId,
    /// The attack that the last step makes.
    pub attack: String,
    /// The oracle that speaks.
    pub oracle: &'static str,
}

impl Shows {
    /// What a history with that evidence shows.
    pub fn of(evidence: &Evidence, history: &History) -> Option<Self> {
        let last = history.first(Purpose::Attack)?;
        Some(Self {
            route: last.call.route.clone(),
            attack: history.attack.clone(),
            oracle: evidence.oracle,
        })
    }

    /// The evidence of that in what was played.
    pub fn find(&self, played: Played) -> Option<(Evidence, History)> {
        let (all, history) = played.crossed?;
        let mut all = all.into_iter();
        let same = all.find(|e| Self::of(e, &history).as_ref() == Some(self))?;
        Some((same, history))
    }
}

/// A sequence that shows it on fresh state, and what it showed.
pub struct Shrunk {
    /// The sequence.
    pub sequence: Sequence,
    /// What crossed.
    pub evidence: Evidence,
    /// What happened.
    pub history: History,
}

/// The shortest sequence that shows the same on fresh state; `None` where it does not show there at all.
pub async fn shrink(
    lab: &mut Lab<'_>,
    sequence: Sequence,
    shows: &Shows,
) -> Result<Option<Shrunk>, RunError> {
    let Some(mut shortest) = shown(lab, sequence, shows).await? else {
        return Ok(None);
    };
    // What the last step takes nothing from is most likely not needed.
    let needed = shortest.sequence.needed_by_last();
    if needed.steps.len() < shortest.sequence.steps.len()
        && let Some(shorter) = shown(lab, needed, shows).await?
    {
        shortest = shorter;
    }
    let mut tree = SequenceTree::new(shortest.sequence.clone());
    let mut tries = TRIES;
    while tries > 0 && !lab.stop.is_cancelled() && tree.simplify() {
        tries -= 1;
        // What does not even show on the state as it stands is not worth a restart.
        let played = play(lab, &tree.current()).await?;
        let shorter = match shows.find(played) {
            Some(_) => shown(lab, tree.current(), shows).await?,
            None => None,
        };
        match shorter {
            Some(shorter) => shortest = shorter,
            None => {
                tree.complicate();
            }
        }
    }
    Ok(Some(shortest))
}

async fn shown(
    lab: &mut Lab<'_>,
    sequence: Sequence,
    shows: &Shows,
) -> Result<Option<Shrunk>, RunError> {
    lab.fresh().await?;
    let played = play(lab, &sequence).await?;
    let last = played.outcomes.len().saturating_sub(1);
    let found = shows.find(played);
    Ok(found.map(|(evidence, history)| Shrunk {
        sequence: sequence.up_to(last),
        evidence,
        history,
    }))
}
