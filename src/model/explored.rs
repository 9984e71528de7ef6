//! What explore did: rounds of sequences, and what they saw.

use super::route::RouteId;

/// How a step was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Success, or a redirection.
    Served,
    /// By a status that refuses.
    Refused,
    /// By an error of the server's, or not at all.
    Failed,
    /// Something crossed.
    Crossed,
}

/// What explore did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explored {
    /// The rounds in order.
    pub rounds: Vec<Round>,
    /// On how many routes a legitimate step was served.
    pub routes: usize,
    /// How many kinds of step were seen: route × attack × outcome.
    pub kinds: usize,
}

/// One round: sequences made up with the same weights.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Round {
    /// How many sequences were made.
    pub sequences: usize,
    /// Of how many steps in all.
    pub steps: usize,
    /// Kinds of step that no round before had seen.
    pub new: usize,
    /// How likely each route was: with the seed they tell what was tried.
    pub weights: Vec<(RouteId, f64)>,
}

impl Explored {
    /// The sequences of all rounds.
    pub fn sequences(&self) -> usize {
        self.rounds.iter().map(|r| r.sequences).sum()
    }

    /// The steps of all rounds.
    pub fn steps(&self) -> usize {
        self.rounds.iter().map(|r| r.steps).sum()
    }
}
