//! What explore did, as JSON: with the seed, the weights tell what was tried.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::explored::{Explored as Done, Round as DoneRound};

/// What explore did.
#[derive(Serialize)]
pub struct Explored {
    sequences: usize,
    steps: usize,
    routes: usize,
    kinds: usize,
    rounds: Vec<Round>,
}

#[derive(Serialize)]
struct Round {
    sequences: usize,
    steps: usize,
    new: usize,
    /// How likely each route was, to three places.
    weights: Map<String, Value>,
}

impl From<&Done> for Explored {
    fn from(done: &Done) -> Self {
        Self {
            sequences: done.sequences(),
            steps: done.steps(),
            routes: done.routes,
            kinds: done.kinds,
            rounds: done.rounds.iter().map(Round::from).collect(),
        }
    }
}

impl From<&DoneRound> for Round {
    fn from(round: &DoneRound) -> Self {
        let rounded = |weight: f64| (weight * 1000.0).round() / 1000.0;
        let weights = round.weights.iter();
        Self {
            sequences: round.sequences,
            steps: round.steps,
            new: round.new,
            weights: weights
                .map(|(route, weight)| (route.to_string(), rounded(*weight).into()))
                .collect(),
        }
    }
}
