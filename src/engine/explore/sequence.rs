//! A sequence: steps of several tenants, made up before any of them is made. What a step takes from an earlier one it names by
//! that step, never by a value.

use std::collections::BTreeSet;

use crate::model::call::{Call, SlotRef};
use crate::model::link::{Link, Origin};
use crate::model::rows::RowRef;
use crate::model::tenant::TenantKey;

/// Steps in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sequence {
    /// The steps.
    pub steps: Vec<Step>,
}

/// One call of a sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What other steps name it by: the same however many are taken out.
    pub id: usize,
    /// Which of the board's moves it is.
    pub of: usize,
    /// The tenant whose actor makes it.
    pub tenant: TenantKey,
    /// The call, on seeded rows wherever no take says otherwise.
    pub call: Call,
    /// What it takes from earlier steps.
    pub takes: Vec<Take>,
    /// How it reaches for another tenant; a legitimate step where it does not.
    pub reach: Option<Reach>,
}

/// A value that an earlier step brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Take {
    /// Where the call says it.
    pub slot: SlotRef,
    /// The step that brings it.
    pub from: usize,
    /// Where that has it.
    pub origin: Origin,
}

/// How a step reaches for another tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// The attack's place in the registry.
    pub rank: usize,
    /// The attack's id.
    pub attack: &'static str,
    /// Which variant of it.
    pub variant: String,
    /// The tenant that it reaches for.
    pub victim: TenantKey,
    /// The slots whose value it exchanged.
    pub slots: Vec<SlotRef>,
    /// The seeded rows that it names.
    pub reaches: Vec<RowRef>,
}

impl Sequence {
    /// The same without a step, and without all that takes anything from it.
    #[must_use]
    pub fn without(&self, id: usize) -> Self {
        let mut gone = vec![id];
        let mut steps = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            if step.id == id || step.takes.iter().any(|take| gone.contains(&take.from)) {
                gone.push(step.id);
            } else {
                steps.push(step.clone());
            }
        }
        Self { steps }
    }

    /// The last step, and all that it takes something from, directly or through others; and whatever else was done to that.
    #[must_use]
    pub fn needed_by_last(&self) -> Self {
        let mut needed: BTreeSet<usize> = self.steps.last().map(|s| s.id).into_iter().collect();
        for step in self.steps.iter().rev() {
            if needed.contains(&step.id) {
                needed.extend(step.takes.iter().map(|take| take.from));
            }
        }
        let done_to_it = |step: &&Step| {
            let mut from = step.takes.iter().map(|take| take.from);
            needed.contains(&step.id) || from.any(|from| needed.contains(&from))
        };
        Self {
            steps: self.steps.iter().filter(done_to_it).cloned().collect(),
        }
    }

    /// The first steps, up to that place and with it.
    #[must_use]
    pub fn up_to(&self, last: usize) -> Self {
        let steps = self.steps.iter().take(last + 1).cloned();
        Self {
            steps: steps.collect(),
        }
    }

    /// The same with steps called by their places.
    #[must_use]
    pub fn renumbered(mut self) -> Self {
        let ids: Vec<usize> = self.steps.iter().map(|step| step.id).collect();
        let place = |id: usize| ids.iter().position(|known| *known == id).unwrap_or(id);
        for step in &mut self.steps {
            step.id = place(step.id);
            step.takes
                .iter_mut()
                .for_each(|take| take.from = place(take.from));
        }
        self
    }

    /// Another sequence and then this one, as one.
    #[must_use]
    pub fn after(&self, first: &Self) -> Self {
        let apart = first.steps.iter().map(|step| step.id + 1).max();
        let apart = apart.unwrap_or_default();
        let moved = self.steps.iter().cloned().map(|mut step| {
            step.id += apart;
            step.takes.iter_mut().for_each(|take| take.from += apart);
            step
        });
        let steps = first.steps.iter().cloned().chain(moved);
        Self {
            steps: steps.collect(),
        }
    }

    /// What the step at that place takes, by the places of both.
    pub fn links(&self, to: usize) -> Vec<Link> {
        let place = |id: usize| self.steps.iter().position(|step| step.id == id);
        let takes = self.steps[to].takes.iter();
        let link = |take: &Take| {
            Some(Link {
                to,
                slot: take.slot.clone(),
                from: place(take.from)?,
                origin: take.origin.clone(),
            })
        };
        takes.filter_map(link).collect()
    }
}

#[cfg(test)]
pub mod testing {
    use super::*;
    use crate::model::route::Place;
    use crate::model::tenant::ActorId;

    /// A step that takes the `/id` of others' answers.
    pub fn step(id: usize, from: &[usize]) -> Step {
        let slot = SlotRef {
            place: Place::Path,
            name: "id".into(),
        };
        let take = |&from: &usize| Take {
            slot: slot.clone(),
            from,
            origin: Origin::Answer("/id".into()),
        };
        let route = crate::model::route::Route::new("POST", "/things/{id}");
        Step {
            id,
            of: 0,
            tenant: "a".into(),
            call: Call {
                route: route.id.clone(),
                method: route.method.clone(),
                template: route.template.clone(),
                actor: ActorId::from("a.admin"),
                tenant: Some("a".into()),
                path: std::collections::BTreeMap::new(),
                query: Vec::new(),
                headers: Vec::new(),
                body: None,
                tampering: crate::model::call::Tampering::default(),
            },
            takes: from.iter().map(take).collect(),
            reach: None,
        }
    }

    /// The ids of a sequence's steps.
    pub fn ids(sequence: &Sequence) -> Vec<usize> {
        sequence.steps.iter().map(|step| step.id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{ids, step};
    use super::*;

    fn chain() -> Sequence {
        Sequence {
            steps: vec![step(0, &[]), step(1, &[0]), step(2, &[]), step(3, &[1, 2])],
        }
    }

    #[test]
    fn what_takes_from_a_step_goes_with_it() {
        assert_eq!(ids(&chain().without(0)), [2]);
        assert_eq!(ids(&chain().without(2)), [0, 1]);
        assert_eq!(ids(&chain().without(3)), [0, 1, 2]);
    }

    #[test]
    fn needed_is_what_the_last_step_builds_on_and_what_was_done_to_that() {
        let steps = vec![
            step(0, &[]),
            step(1, &[]),
            step(2, &[0]),
            step(3, &[1]),
            step(4, &[0]),
        ];
        assert_eq!(ids(&Sequence { steps }.needed_by_last()), [0, 2, 4]);
    }

    #[test]
    fn renumbered_steps_take_what_they_took() {
        let same = Sequence {
            steps: vec![step(2, &[]), step(7, &[2])],
        }
        .renumbered();
        assert_eq!(ids(&same), [0, 1]);
        assert_eq!(same.steps[1].takes[0].from, 0);
    }

    #[test]
    fn links_go_by_places_whatever_was_taken_out() {
        let links = chain().links(3);
        assert_eq!(
            links.iter().map(|l| (l.to, l.from)).collect::<Vec<_>>(),
            [(3, 1), (3, 2)]
        );
        let shorter = Sequence {
            steps: chain().steps.split_off(2),
        };
        assert_eq!(
            shorter
                .links(1)
                .iter()
                .map(|l| (l.to, l.from))
                .collect::<Vec<_>>(),
            [(1, 0)]
        );
    }

    #[test]
    fn one_sequence_after_another_keeps_what_each_takes() {
        let both = chain().after(&chain());
        assert_eq!(ids(&both), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(
            both.links(7).iter().map(|l| l.from).collect::<Vec<_>>(),
            [5, 6]
        );
    }
}
