//! What came of a script: what crossed, or whether it was tried at all.

use super::play::Played;
use super::sight::{Part, Sight};
use crate::model::browsing::{Action, Script};
use crate::model::exchange::History;
use crate::model::knowledge::Knowledge;
use crate::model::tenant::ActorId;
use crate::model::verdict::{Crossing, Evidence, Reason};

/// How a script ended.
pub enum Ended {
    /// Nothing crossed, and the owner's and the other person's pages showed their own.
    Held,
    /// This crossed.
    Crossed(Vec<(Evidence, History)>),
    /// It shows nothing; why, and what stood in the way.
    Inconclusive(Reason, String),
}

/// Judges what was played.
pub fn judged(knowledge: &Knowledge, attack: &str, script: &Script, played: &Played) -> Ended {
    let sights = match played {
        Played::Sights(sights) => sights,
        Played::Stuck(missing) => {
            return Ended::Inconclusive(Reason::OwnControlFailed, missing.clone());
        }
    };
    let crossed = crossings(knowledge, attack, script, sights);
    if !crossed.is_empty() {
        return Ended::Crossed(crossed);
    }
    let nothing = |who: &ActorId| format!("no page showed {who} anything of its own");
    let owner = |sight: &&Sight| {
        let belongs = |a: &crate::model::tenant::Actor| a.belongs_to(&script.victim);
        knowledge.actor(&sight.who).is_some_and(belongs)
    };
    // Whose member nobody in the script is, like that of a forged switch, has no page of its own to show.
    let mut owners = sights.iter().filter(owner).peekable();
    if let Some(first) = owners.peek().map(|s| s.who.clone())
        && !owners.any(|s| s.shows(knowledge, &script.victim))
    {
        return Ended::Inconclusive(Reason::OwnerControlFailed, nothing(&first));
    }
    let Some(last) = sights.last() else {
        return Ended::Inconclusive(Reason::NothingShown, "nothing was looked at".to_owned());
    };
    let same = |s: &&Sight| s.who == last.who && s.active == last.active;
    let shown = |s: &Sight| s.active.as_ref().is_some_and(|own| s.shows(knowledge, own));
    if !last.who.is_anonymous() && !sights.iter().filter(same).any(shown) {
        return Ended::Inconclusive(Reason::NothingShown, nothing(&last.who));
    }
    let submits = |a: &Action| matches!(a, Action::Submit(_));
    let stored = |s: &Sight| !s.changes.is_empty();
    if script.actions.iter().any(submits) && !sights.iter().any(stored) {
        let what = "no form that was sent stored anything".to_owned();
        return Ended::Inconclusive(Reason::OwnControlFailed, what);
    }
    Ended::Held
}

/// Everything that crossed, the first sight of each kind.
fn crossings(
    knowledge: &Knowledge,
    attack: &str,
    script: &Script,
    sights: &[Sight],
) -> Vec<(Evidence, History)> {
    let mut all: Vec<(Evidence, History)> = Vec::new();
    for sight in sights {
        for part in [Part::Page, Part::Kept] {
            for (evidence, history) in sight.judged(knowledge, attack, script, part) {
                let place = place(&history);
                let known =
                    |(e, h): &(Evidence, History)| alike(e, &evidence) && self::place(h) == place;
                if !all.iter().any(known) {
                    all.push((evidence, history));
                }
            }
        }
    }
    all
}

/// The page, and which part of what it has.
pub fn place(history: &History) -> String {
    let call = history.exchanges.first().map(|(_, e)| &e.call);
    call.map_or_else(String::new, |c| c.route.0.clone())
}

/// Whether two pieces of evidence speak of the same kind of crossing from the same tenant.
pub fn alike(one: &Evidence, other: &Evidence) -> bool {
    one.oracle == other.oracle
        && one.victim == other.victim
        && std::mem::discriminant(&one.crossing) == std::mem::discriminant(&other.crossing)
}

/// Whether evidence is about rows of these.
pub fn is_of(evidence: &Evidence, rows: &[crate::model::rows::RowRef]) -> bool {
    match &evidence.crossing {
        Crossing::Leaked { values, .. } => values.iter().any(|v| rows.contains(&v.row)),
        _ => false,
    }
}
