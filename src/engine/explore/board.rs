//! The board: what explore may do. Each route as its tenants call it, what a call may take from another's, and which routes
//! have to do with which.

use std::collections::{BTreeMap, BTreeSet};

use super::sequence::Reach;
use crate::model::call::{Call, SlotRef};
use crate::model::link::Origin;
use crate::model::route::RouteId;
use crate::model::schema::TableId;
use crate::model::tenant::TenantKey;

/// What explore may do.
#[derive(Debug, Default)]
pub struct Board {
    /// Every route that may be called.
    pub moves: Vec<Move>,
    /// For each move, those that have to do with it, itself among them.
    pub near: Vec<Vec<usize>>,
}

/// A route as explore calls it.
#[derive(Debug, Clone)]
pub struct Move {
    /// The route.
    pub route: RouteId,
    /// It promises to change nothing.
    pub safe: bool,
    /// Legitimate calls on seeded rows, by the tenant whose actors make them.
    pub calls: BTreeMap<TenantKey, Vec<Call>>,
    /// Slots that earlier steps may fill.
    pub openings: Vec<Opening>,
    /// Attacks on seeded rows, by the tenant whose actors make them.
    pub reaching: BTreeMap<TenantKey, Vec<(Call, Reach)>>,
    /// The tables that it is about, as far as known.
    pub tables: BTreeSet<TableId>,
}

impl Move {
    /// The slots that nothing but an earlier step fills.
    pub fn needed(&self) -> impl Iterator<Item = &Opening> {
        self.openings.iter().filter(|o| o.needed)
    }
}

/// A slot that an earlier step may fill.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The slot.
    pub slot: SlotRef,
    /// Nothing else than an earlier step can fill it.
    pub needed: bool,
    /// Who brings what fits.
    pub providers: Vec<Provider>,
}

/// A move that brings what fits an opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The move's place on the board.
    pub of: usize,
    /// Where its exchange has the value.
    pub origin: Origin,
}

impl Board {
    /// The board of these moves; those that need what nobody brings cannot be made, and are left out of all neighbourhoods.
    pub fn new(moves: Vec<Move>) -> Self {
        let near = (0..moves.len()).map(|of| near(&moves, of)).collect();
        Self { moves, near }
    }

    /// Whether a move can be made, and by nothing but earlier steps: the sweep does not come to it.
    pub fn is_led_to(&self, of: usize) -> bool {
        self.is_possible(of) && self.moves[of].needed().next().is_some()
    }

    /// Whether a move can be made at all.
    pub fn is_possible(&self, of: usize) -> bool {
        is_possible(&self.moves[of])
    }
}

fn is_possible(of: &Move) -> bool {
    !of.calls.is_empty() && of.needed().all(|o| !o.providers.is_empty())
}

/// A move, what brings it something, what takes something from it or from where it takes, and what is about the same table.
fn near(moves: &[Move], of: usize) -> Vec<usize> {
    let providers = |of: usize| -> BTreeSet<usize> {
        let openings = moves[of].openings.iter();
        openings
            .flat_map(|o| o.providers.iter().map(|p| p.of))
            .collect()
    };
    let mine = providers(of);
    let is_near = |other: &usize| {
        let other = *other;
        let theirs = providers(other);
        let chained = other == of
            || mine.contains(&other)
            || theirs.contains(&of)
            || !mine.is_disjoint(&theirs);
        (chained || !moves[of].tables.is_disjoint(&moves[other].tables))
            && is_possible(&moves[other])
    };
    (0..moves.len()).filter(is_near).collect()
}
