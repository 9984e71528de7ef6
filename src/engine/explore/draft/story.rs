//! Stories: one tenant makes a thing and goes on with it, and then the other reaches for it.

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

use super::Draft;
use crate::engine::explore::sequence::Sequence;
use crate::model::tenant::TenantKey;

/// How likely each move that goes on with what was made is among the steps.
const GOES_ON: f64 = 0.5;

/// How likely the owner makes the story's last move itself first: what is done already may be handed out before anybody asks to
/// whom; but what was used up is there no more.
const DONE_FIRST: f64 = 0.15;

/// So many of them are, at most.
const CHAPTERS: usize = 5;

/// How many steps go on from a lead, at most.
const FURTHER: usize = 3;

/// How likely the other tenant makes and goes on with one of its own first: what is kept by kind is mixed up only then.
const BOTH: f64 = 0.4;

/// How likely the end reaches for the other tenant's thing; else it is the own one.
const REACHES: f64 = 0.7;

/// How likely what goes on from a lead is done by the other tenant.
const OTHER: f64 = 0.2;

/// How likely something comes after the end: what a write planted may show only then.
const AFTER: f64 = 0.4;

impl<R: Rng> Draft<'_, R> {
    /// Tells a story that ends in that move.
    pub(super) fn story(&mut self, end: usize) {
        let (owner, other) = self.roles();
        let Some(chapters) = self.chapters(end, &owner) else {
            return;
        };
        if self.rng.random_bool(BOTH) {
            for of in chapters {
                self.add(of, &other, None, 0);
            }
        }
        if self.rng.random_bool(REACHES) {
            self.add(end, &other, Some(&owner), 0);
        } else {
            self.add(end, &owner, None, 0);
        }
        if self.rng.random_bool(AFTER) {
            let followers = self.followers();
            if let Some(of) = self.chosen(&followers) {
                let (who, _) = self.roles();
                self.add(of, &who, None, 0);
            }
        }
    }

    /// Goes on from one of the leads, as who got somewhere and now and then as the other: what an accepted value does may show
    /// only further on.
    pub(super) fn go_on(&mut self, leads: &[Sequence]) {
        let Some(lead) = self.chosen(leads) else {
            return;
        };
        self.steps = lead.renumbered().steps;
        let Some((who, reach)) = self
            .steps
            .last()
            .map(|s| (s.tenant.clone(), s.reach.clone()))
        else {
            return;
        };
        let other = reach.map_or_else(|| who.clone(), |reach| reach.victim);
        for _ in 0..self.rng.random_range(1..=FURTHER) {
            let followers = self.followers();
            let Some(of) = self.chosen(&followers) else {
                return;
            };
            let by = if self.rng.random_bool(OTHER) {
                &other
            } else {
                &who
            };
            self.add(of, by, None, 0);
        }
    }

    /// Makes what the end needs, as `owner`, and goes on with it in some of the ways that there are; which moves those were.
    /// `None` where it cannot be made.
    fn chapters(&mut self, end: usize, owner: &TenantKey) -> Option<Vec<usize>> {
        let board = self.board;
        let mut chapters = Vec::new();
        for opening in board.moves[end].needed() {
            let provider = self.chosen(&opening.providers)?;
            self.add(provider.of, owner, None, 0)?;
            chapters.push(provider.of);
        }
        let mut further = self.followers();
        further.retain(|of| {
            let likely = if *of == end { DONE_FIRST } else { GOES_ON };
            self.rng.random_bool(likely)
        });
        further.shuffle(self.rng);
        for of in further.into_iter().take(CHAPTERS) {
            if self.add(of, owner, None, 0).is_some() {
                chapters.push(of);
            }
        }
        Some(chapters)
    }
}
