//! How likely each move is in a round, and what was seen so far: the two are kept apart, so that a round's sequences depend on
//! its seed and weights alone.

use std::collections::{BTreeMap, BTreeSet};

use super::board::Board;
use crate::model::explored::Outcome;
use crate::model::route::RouteId;

/// How likely each move of a board is, by its place; the weights of one round stay as they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights(pub Vec<f64>);

/// How much likelier a move is that needs what another brings: the sweep does not come to it.
const ALONE: f64 = 6.0;

/// No move becomes less likely than that.
const LEAST: f64 = 0.02;

/// What all sequences so far have seen.
#[derive(Debug, Default)]
pub struct Coverage {
    /// Route, attack (none for a legitimate step) and how it was answered.
    pub kinds: BTreeSet<(RouteId, Option<&'static str>, Outcome)>,
    served: BTreeMap<usize, usize>,
    reached: BTreeMap<usize, usize>,
}

impl Coverage {
    /// Notes a step of that move; whether nothing of the kind was seen before.
    pub fn note(
        &mut self,
        board: &Board,
        of: usize,
        attack: Option<&'static str>,
        outcome: Outcome,
    ) -> bool {
        if attack.is_some() {
            *self.reached.entry(of).or_default() += 1;
        } else if outcome == Outcome::Served {
            *self.served.entry(of).or_default() += 1;
        }
        let route = board.moves[of].route.clone();
        self.kinds.insert((route, attack, outcome))
    }

    /// How many routes served a legitimate step.
    pub fn routes(&self) -> usize {
        self.served.len()
    }

    /// The weights of the next round: writes before reads, what
    /// was seldom served and seldom reached for before what was often, and what the sweep does not come to before all.
    pub fn weights(&self, board: &Board) -> Weights {
        let count = |of: &BTreeMap<usize, usize>, at| {
            let count = of.get(&at).copied().unwrap_or_default();
            f64::from(u32::try_from(count).unwrap_or(u32::MAX))
        };
        let weight = |of: usize| {
            if !board.is_possible(of) {
                return 0.0;
            }
            let made = &board.moves[of];
            let alone = made.needed().next().is_some();
            let kind = if made.safe { 1.0 } else { 2.0 } * if alone { ALONE } else { 1.0 };
            let seen = count(&self.served, of) + 2.0 * count(&self.reached, of);
            (kind * 8.0 / (8.0 + seen)).max(LEAST)
        };
        Weights((0..board.moves.len()).map(weight).collect())
    }
}
