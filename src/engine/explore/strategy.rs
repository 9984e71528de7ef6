//! Sequences as a proptest strategy: made up from the board, simplified by taking steps out and then fields of bodies.

use std::sync::Arc;

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::board::Board;
use super::draft::draft;
use super::sequence::Sequence;
use super::weights::Weights;
use crate::model::call::{Body, SlotRef};
use crate::model::pointer::{escaped, unescaped};

/// Sequences on a board, likelier where the weights say so.
#[derive(Debug, Clone)]
pub struct Sequences {
    /// What may be done.
    pub board: Arc<Board>,
    /// How likely.
    pub weights: Arc<Weights>,
    /// What got somewhere before: some sequences go on from there.
    pub leads: Arc<Vec<Sequence>>,
}

impl Strategy for Sequences {
    type Tree = SequenceTree;
    type Value = Sequence;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let sequence = draft(&self.board, &self.weights, &self.leads, runner.rng());
        Ok(SequenceTree::new(sequence))
    }
}

/// A sequence and what may still be left out of it. The last step stays: it is what the sequence is there to show.
#[derive(Debug, Clone)]
pub struct SequenceTree {
    current: Sequence,
    before: Option<Sequence>,
    left: Vec<Simpler>,
}

/// What may be left out.
#[derive(Debug, Clone)]
enum Simpler {
    /// The step of that id, with all that takes from it.
    Step(usize),
    /// What a step takes there from an earlier one: it says what stands there, a seeded row's.
    Take(usize, SlotRef),
    /// A field of that step's body.
    Field(usize, String),
}

impl SequenceTree {
    /// A sequence from which nothing has been left out yet.
    pub fn new(sequence: Sequence) -> Self {
        let mut left = Vec::new();
        // What is tried first stands last: what ties steps together, steps, from the first of them on, and then fields.
        for step in sequence.steps.iter().rev() {
            let taken = |field: &str| {
                let inside = |name: &str| name == field || name.starts_with(&format!("{field}/"));
                let exchanged = step.reach.iter().flat_map(|reach| &reach.slots);
                let mut slots = step.takes.iter().map(|t| &t.slot).chain(exchanged);
                slots.any(|slot| inside(&slot.name))
            };
            if let Some(Body::Json(serde_json::Value::Object(fields))) = &step.call.body {
                let fields = fields.keys().map(|name| format!("/{}", escaped(name)));
                left.extend(
                    fields
                        .filter(|field| !taken(field))
                        .map(|field| Simpler::Field(step.id, field)),
                );
            }
        }
        let others = sequence.steps.iter().rev().skip(1);
        left.extend(others.map(|step| Simpler::Step(step.id)));
        let takes = sequence.steps.iter().flat_map(|step| {
            let takes = step.takes.iter();
            takes.map(|take| Simpler::Take(step.id, take.slot.clone()))
        });
        left.extend(takes);
        Self {
            current: sequence,
            before: None,
            left,
        }
    }

    fn simpler(&self, what: &Simpler) -> Option<Sequence> {
        let last = self.current.steps.last()?.id;
        match what {
            Simpler::Step(id) => {
                let shorter = self.current.without(*id);
                let ends = shorter.steps.last().is_some_and(|step| step.id == last);
                (ends && shorter.steps.len() < self.current.steps.len()).then_some(shorter)
            }
            Simpler::Take(id, slot) => {
                let mut looser = self.current.clone();
                let step = looser.steps.iter_mut().find(|step| step.id == *id)?;
                let before = step.takes.len();
                step.takes.retain(|take| take.slot != *slot);
                (step.takes.len() < before).then_some(looser)
            }
            Simpler::Field(id, field) => {
                let mut smaller = self.current.clone();
                let step = smaller.steps.iter_mut().find(|step| step.id == *id)?;
                let Some(Body::Json(serde_json::Value::Object(fields))) = &mut step.call.body
                else {
                    return None;
                };
                let name = field.strip_prefix('/')?;
                fields.shift_remove(&unescaped(name))?;
                Some(smaller)
            }
        }
    }
}

impl ValueTree for SequenceTree {
    type Value = Sequence;

    fn current(&self) -> Sequence {
        self.current.clone()
    }

    fn simplify(&mut self) -> bool {
        while let Some(what) = self.left.pop() {
            if let Some(simpler) = self.simpler(&what) {
                self.before = Some(std::mem::replace(&mut self.current, simpler));
                return true;
            }
        }
        false
    }

    fn complicate(&mut self) -> bool {
        let before = self.before.take();
        let changed = before.is_some();
        self.current = before.unwrap_or_else(|| std::mem::take(&mut self.current));
        changed
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::sequence::testing::{ids, step};
    use super::*;

    /// Simplifies as long as `shows` says that it still shows.
    fn shrunk(sequence: Sequence, shows: impl Fn(&Sequence) -> bool) -> Sequence {
        let mut tree = SequenceTree::new(sequence);
        while tree.simplify() {
            if !shows(&tree.current()) {
                tree.complicate();
            }
        }
        tree.current()
    }

    #[test]
    fn what_is_needed_stays_and_nothing_else() {
        let sequence = Sequence {
            steps: vec![
                step(0, &[]),
                step(1, &[]),
                step(2, &[1]),
                step(3, &[0]),
                step(4, &[1]),
            ],
        };
        // Shows where step 2 came before the last.
        let tied = |s: &Sequence, id| s.steps.iter().any(|s| s.id == id && !s.takes.is_empty());
        let short = shrunk(sequence, |s| tied(s, 2) && tied(s, 4));
        assert_eq!(ids(&short), [1, 2, 4]);
    }

    #[test]
    fn fields_that_nothing_is_exchanged_in_go() {
        let mut first = step(0, &[]);
        first.call.body = Some(Body::Json(json!({ "a": 1, "b": 2, "c/d": 3 })));
        let sequence = Sequence {
            steps: vec![first, step(1, &[0])],
        };
        let needed = |s: &Sequence| match &s.steps[0].call.body {
            Some(Body::Json(json)) => json.get("b").is_some(),
            _ => false,
        };
        let small = shrunk(sequence, |s| ids(s).contains(&0) && needed(s));
        assert_eq!(
            small.steps[0].call.body,
            Some(Body::Json(json!({ "b": 2 })))
        );
    }
}
