//! Explore: sequences of legitimate steps and attacks by several tenants, interleaved, stateful, under a budget. It finds what
//! no single call on seeded rows shows; what it finds it shrinks to the shortest history.

mod board;
mod draft;
mod play;
mod provide;
mod scout;
mod sequence;
mod shrink;
mod strategy;
mod weights;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::time::Instant;

use self::board::Board;
use self::play::{Played, play, reach_of};
use self::sequence::Sequence;
use self::shrink::{Shows, shrink};
use self::strategy::Sequences;
use self::weights::{Coverage, Weights};
use super::baseline::{Baseline, hash};
use super::cause::PLAIN;
use super::error::RunError;
use super::lab::Lab;
use super::sweep::ended;
use super::swept::{Swept, Violation};
use crate::attack::{ATTACKS, Scope};
use crate::model::event::{CutShort, Event};
use crate::model::explored::{Explored, Outcome, Round};

/// How many sequences have the same weights.
const ROUND: usize = 50;

/// How long is explored until it is told where it stands.
const TOLD: Duration = Duration::from_secs(10);

/// How many sequences that show the same are looked into: one may need what cannot be had again.
const LOOKED_INTO: usize = 3;

/// Plays sequences until the budget is used up; what crosses is added to what the sweep saw. `sequences` is how many, where that
/// is the budget; else it ends at the deadline.
pub async fn explore(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    sequences: Option<usize>,
    deadline: Option<Instant>,
    swept: &mut Swept,
) -> Result<Explored, RunError> {
    lab.fresh().await?;
    let board = Arc::new(scout::scout(lab, baseline).await?);
    let mut explorer = Explorer {
        known: known(swept),
        board,
        coverage: Coverage::default(),
        explored: Explored::default(),
        before: Sequence::default(),
        doubtful: Vec::new(),
        leads: BTreeMap::new(),
    };
    let wanted = sequences.unwrap_or(usize::MAX);
    let mut told = Instant::now();
    while explorer.explored.sequences() < wanted && ended(lab, deadline).is_none() {
        if let Some(why) = lab.begin_route().await {
            swept.cut_short = Some(CutShort::Broke(why));
            break;
        }
        let left = wanted - explorer.explored.sequences();
        let made = explorer
            .round(lab, left.min(ROUND), wanted, deadline, swept)
            .await?;
        if made == 0 {
            break;
        }
        if told.elapsed() > TOLD {
            told = Instant::now();
            lab.tell(&Event::Note(explorer.standing()));
        }
    }
    swept.cut_short = swept.cut_short.take().or_else(|| ended(lab, None));
    Ok(Explored {
        routes: explorer.coverage.routes(),
        kinds: explorer.coverage.kinds.len(),
        ..explorer.explored
    })
}

/// What the sweep has shown already.
fn known(swept: &Swept) -> BTreeSet<(String, &'static str)> {
    let violations = swept.violations.iter();
    violations
        .map(|v| (v.route.to_string(), v.evidence.oracle))
        .collect()
}

struct Explorer {
    board: Arc<Board>,
    coverage: Coverage,
    explored: Explored,
    /// Routes and oracles that have spoken already.
    known: BTreeSet<(String, &'static str)>,
    /// The sequence that was played last: what the target keeps of it in memory may be what the next one shows.
    before: Sequence,
    /// What did not show again, as often as it was looked into.
    doubtful: Vec<Shows>,
    /// For each move that changes data, and each slot that was exchanged in it, what led up to its being served.
    leads: BTreeMap<(usize, String), Sequence>,
}

impl Explorer {
    /// Plays sequences with the same weights; how many.
    async fn round(
        &mut self,
        lab: &mut Lab<'_>,
        number: usize,
        total: usize,
        deadline: Option<Instant>,
        swept: &mut Swept,
    ) -> Result<usize, RunError> {
        let weights = Arc::new(self.coverage.weights(&self.board));
        let nth = self.explored.rounds.len();
        self.explored.rounds.push(Round {
            weights: self.told(&weights),
            ..Round::default()
        });
        let strategy = Sequences {
            board: Arc::clone(&self.board),
            weights,
            leads: Arc::new(self.leads.values().cloned().collect()),
        };
        let mut runner = runner(lab.settings.seed, nth);
        for made in 0..number {
            if ended(lab, deadline).is_some() || lab.is_silent() {
                return Ok(made);
            }
            let done = self.explored.sequences();
            if total != usize::MAX {
                lab.tell(&Event::Progress { done, total });
            }
            // What a strategy of ours gives it always gives.
            let Ok(tree) = strategy.new_tree(&mut runner) else {
                return Ok(made);
            };
            self.sequence(lab, nth, tree.current(), swept).await?;
        }
        Ok(number)
    }

    /// Plays one sequence and looks into what crosses.
    async fn sequence(
        &mut self,
        lab: &mut Lab<'_>,
        round: usize,
        sequence: Sequence,
        swept: &mut Swept,
    ) -> Result<(), RunError> {
        let played = play(lab, &sequence).await?;
        if !lab.world.alive() {
            lab.fresh().await?;
        }
        let mut new = 0;
        for (at, (step, outcome)) in sequence.steps.iter().zip(&played.outcomes).enumerate() {
            self.note_lead(&sequence, at, *outcome);
            let reach = step.reach.as_ref().map(|r| r.attack);
            new += usize::from(self.coverage.note(&self.board, step.of, reach, *outcome));
        }
        let told = &mut self.explored.rounds[round];
        told.sequences += 1;
        told.steps += played.outcomes.len();
        told.new += new;
        let made = sequence.up_to(played.outcomes.len().saturating_sub(1));
        if let Some(shows) = self.unknown(&played) {
            self.look_into(lab, &made, &shows, swept).await?;
            self.before = Sequence::default();
        } else {
            self.before = made;
        }
        Ok(())
    }

    /// Remembers what led up to a hostile step that was served though it changes data: of each kind the first.
    fn note_lead(&mut self, sequence: &Sequence, at: usize, outcome: Outcome) {
        let step = &sequence.steps[at];
        let slot = step.reach.as_ref().and_then(|reach| reach.slots.first());
        let Some(slot) = slot.filter(|_| outcome == Outcome::Served) else {
            return;
        };
        if !self.board.moves[step.of].safe {
            let kind = (step.of, slot.name.clone());
            let lead = || sequence.up_to(at).needed_by_last();
            self.leads.entry(kind).or_insert_with(lead);
        }
    }

    /// What a sequence shows that nothing has shown before.
    fn unknown(&self, played: &Played) -> Option<Shows> {
        let (all, history) = played.crossed.as_ref()?;
        let mut all = all
            .iter()
            .filter_map(|evidence| Shows::of(evidence, history));
        all.find(|shows| {
            let tried = self.doubtful.iter().filter(|d| *d == shows).count();
            tried < LOOKED_INTO
                && !self
                    .known
                    .contains(&(shows.route.to_string(), shows.oracle))
        })
    }

    /// Shrinks what crossed; where it does not cross on fresh state, it may be the doing of the sequence before.
    async fn look_into(
        &mut self,
        lab: &mut Lab<'_>,
        made: &Sequence,
        shows: &Shows,
        swept: &mut Swept,
    ) -> Result<(), RunError> {
        let seen_after = lab.swept_calls();
        let mut shrunk = shrink(lab, made.clone(), shows).await?;
        if shrunk.is_none() && !self.before.steps.is_empty() {
            shrunk = shrink(lab, made.after(&self.before), shows).await?;
        }
        lab.fresh().await?;
        let Some(shrunk) = shrunk else {
            swept.advisories.insert(format!(
                "{}: {} seemed to cross in a sequence ({}), and did not on fresh state",
                shows.route, shows.attack, shows.oracle
            ));
            self.doubtful.push(shows.clone());
            return Ok(());
        };
        self.known.insert((shows.route.to_string(), shows.oracle));
        let reach = reach_of(&shrunk.sequence.steps);
        swept.violations.push(Violation {
            route: shows.route.clone(),
            seen_after,
            attack: reach.map_or(PLAIN, |r| r.attack),
            rank: ATTACKS.len() + reach.map_or(0, |r| r.rank),
            scope: Scope::Handler,
            evidence: shrunk.evidence,
            history: shrunk.history,
        });
        Ok(())
    }

    /// Where it stands, in a sentence.
    fn standing(&self) -> String {
        let last = self.explored.rounds.last();
        format!(
            "{} sequences of {} steps; {} routes served, {} different steps (route × attack × outcome), {} of them new in \
             round {}",
            self.explored.sequences(),
            self.explored.steps(),
            self.coverage.routes(),
            self.coverage.kinds.len(),
            last.map_or(0, |round| round.new),
            self.explored.rounds.len(),
        )
    }

    fn told(&self, weights: &Weights) -> Vec<(crate::model::route::RouteId, f64)> {
        let routes = self.board.moves.iter().map(|m| m.route.clone());
        routes.zip(weights.0.iter().copied()).collect()
    }
}

/// What makes up the sequences of a round: the same for the same seed.
fn runner(seed: u64, round: usize) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&hash(&format!("round {round}")).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config::default(), rng)
}
