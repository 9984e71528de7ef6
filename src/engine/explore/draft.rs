//! How a sequence is made up: around one move, steps of two tenants that have to do with it, each taking what it can from those
//! before; or as a story, which leads up to a move that nothing but earlier steps makes possible.

mod story;

use rand::{Rng, RngExt};

use super::board::{Board, Move, Opening, Provider};
use super::sequence::{Reach, Sequence, Step, Take};
use super::weights::Weights;
use crate::model::call::{Body, Call};
use crate::model::canary;
use crate::model::route::Place;
use crate::model::tenant::TenantKey;

/// How many steps a sequence has, at least and at most; what steps need first comes on top.
const STEPS: (usize, usize) = (3, 8);

/// With so many no further one is added.
const MOST: usize = 12;

/// How deep is looked for what a step needs first.
const DEPTH: usize = 3;

/// How likely a step is one that has to do with what the sequence is about.
const NEAR: f64 = 0.9;

/// How likely a step is one that could not be made but for an earlier one, where there are any.
const FOLLOWS: f64 = 0.6;

/// How likely a step reaches for the other tenant.
const HOSTILE: f64 = 0.45;

/// How likely a hostile step exchanges one value alone.
const SINGLE: f64 = 0.6;

/// How likely a hostile step that finds nothing to take from the other tenant attacks seeded rows.
const SEEDED: f64 = 0.2;

/// How likely a legitimate step works on what its tenant made before, where there is any.
const OWN: f64 = 0.8;

/// How likely a sequence is a story, where there is anything to tell one of.
const STORY: f64 = 0.65;

/// How likely a sequence goes on from a lead, where there is one.
const LED: f64 = 0.3;

/// Makes up a sequence; `leads` are sequences whose last step got somewhere.
pub fn draft(board: &Board, weights: &Weights, leads: &[Sequence], rng: &mut impl Rng) -> Sequence {
    let mut draft = Draft {
        board,
        rng,
        steps: Vec::new(),
        pair: Vec::new(),
    };
    if !leads.is_empty() && draft.rng.random_bool(LED) {
        draft.go_on(leads);
        return Sequence { steps: draft.steps };
    }
    let all: Vec<usize> = (0..board.moves.len()).collect();
    let goals: Vec<usize> = all
        .iter()
        .copied()
        .filter(|of| board.is_led_to(*of))
        .collect();
    let is_story = !goals.is_empty() && draft.rng.random_bool(STORY);
    let Some(centre) = draft.weighted(if is_story { &goals } else { &all }, weights) else {
        return Sequence::default();
    };
    draft.pair = draft.pair(centre);
    if draft.pair.len() < 2 {
        return Sequence::default();
    }
    if is_story {
        draft.story(centre);
        return Sequence { steps: draft.steps };
    }
    let wanted = draft.rng.random_range(STEPS.0..=STEPS.1);
    for _ in 0..wanted * 4 {
        if draft.steps.len() >= wanted {
            break;
        }
        let followers = draft.followers();
        let pool = if !followers.is_empty() && draft.rng.random_bool(FOLLOWS) {
            &followers
        } else if draft.rng.random_bool(NEAR) {
            &board.near[centre]
        } else {
            &all
        };
        if let Some(of) = draft.weighted(pool, weights) {
            let (who, other) = draft.roles();
            let hostile = draft.rng.random_bool(HOSTILE);
            draft.add(of, &who, hostile.then_some(&other), 0);
        }
    }
    Sequence { steps: draft.steps }
}

struct Draft<'a, R> {
    board: &'a Board,
    rng: &'a mut R,
    steps: Vec<Step>,
    pair: Vec<TenantKey>,
}

impl<R: Rng> Draft<'_, R> {
    fn weighted(&mut self, pool: &[usize], weights: &Weights) -> Option<usize> {
        let sum: f64 = pool.iter().map(|&of| weights.0[of]).sum();
        if sum <= 0.0 {
            return None;
        }
        let mut at = self.rng.random_range(0.0..sum);
        let hit = pool.iter().find(|&&of| {
            at -= weights.0[of];
            at < 0.0
        });
        hit.or(pool.last()).copied()
    }

    /// The moves that need what a step so far brought.
    fn followers(&self) -> Vec<usize> {
        let made = |of: usize| self.steps.iter().any(|step| step.of == of);
        let follows = |of: &usize| {
            let mut needed = self.board.moves[*of].needed();
            needed.any(|o| o.providers.iter().any(|p| made(p.of)))
        };
        (0..self.board.moves.len()).filter(follows).collect()
    }

    fn chosen<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        if from.is_empty() {
            return None;
        }
        Some(from[self.rng.random_range(0..from.len())].clone())
    }

    /// Two tenants that can make a move.
    fn pair(&mut self, centre: usize) -> Vec<TenantKey> {
        let mut tenants: Vec<TenantKey> = self.board.moves[centre].calls.keys().cloned().collect();
        while tenants.len() > 2 {
            let gone = self.rng.random_range(0..tenants.len());
            tenants.remove(gone);
        }
        if self.rng.random_bool(0.5) {
            tenants.reverse();
        }
        tenants
    }

    fn roles(&mut self) -> (TenantKey, TenantKey) {
        let first = self.rng.random_bool(0.5);
        let (a, b) = (self.pair[0].clone(), self.pair[1].clone());
        if first { (a, b) } else { (b, a) }
    }

    /// Adds a step of that tenant, and before it what it needs; where it is to reach for `victim`, by what that tenant's steps
    /// brought. The step's id; `None` where it cannot be made.
    fn add(
        &mut self,
        of: usize,
        who: &TenantKey,
        victim: Option<&TenantKey>,
        depth: usize,
    ) -> Option<usize> {
        let board = self.board;
        let made = &board.moves[of];
        if self.steps.len() >= MOST || depth > DEPTH {
            return None;
        }
        let mut call = self.chosen(made.calls.get(who)?)?;
        let mut takes = Vec::new();
        let mut exchanged = Vec::new();
        let single = self.rng.random_bool(SINGLE);
        let only = self.rng.random_range(0..made.openings.len().max(1));
        for (at, opening) in made.openings.iter().enumerate() {
            let victim = victim.filter(|_| !single || at == only);
            if let Some(value) = self.seeded_foreign(made, opening, victim) {
                call = call.with_slot(&opening.slot, &value);
                exchanged.push(opening.slot.clone());
                continue;
            }
            let owner = self.owner(opening, who, victim);
            let Some(take) = self.take(opening, owner, depth) else {
                if opening.needed {
                    return None;
                }
                continue;
            };
            if owner != who {
                exchanged.push(opening.slot.clone());
            }
            takes.push(take);
        }
        let reach = victim
            .filter(|_| !exchanged.is_empty())
            .map(|victim| Reach {
                rank: 0,
                attack: attack_on(exchanged[0].place),
                variant: format!(
                    "{} of a row or thing that another step made",
                    exchanged[0].name
                ),
                victim: victim.clone(),
                slots: exchanged,
                reaches: Vec::new(),
            });
        if let (Some(_), None, true) = (victim, &reach, self.rng.random_bool(SEEDED))
            && let Some((call, reach)) = self.seeded(made, who)
        {
            return Some(self.push(of, who, call, Vec::new(), Some(reach)));
        }
        let call = if made.safe { call } else { self.renewed(call) };
        Some(self.push(of, who, call, takes, reach))
    }

    fn push(
        &mut self,
        of: usize,
        who: &TenantKey,
        call: Call,
        takes: Vec<Take>,
        reach: Option<Reach>,
    ) -> usize {
        let id = self.steps.len();
        self.steps.push(Step {
            id,
            of,
            tenant: who.clone(),
            call,
            takes,
            reach,
        });
        id
    }

    /// Whose thing an opening is filled with.
    fn owner<'t>(
        &mut self,
        opening: &Opening,
        who: &'t TenantKey,
        victim: Option<&'t TenantKey>,
    ) -> &'t TenantKey {
        match victim {
            Some(victim)
                if !self.brought(opening, victim).is_empty() && self.rng.random_bool(0.8) =>
            {
                victim
            }
            Some(victim) if opening.needed && self.rng.random_bool(0.5) => victim,
            _ => who,
        }
    }

    /// What a step takes for an opening from those of `owner`; where nothing else will do, a step that brings it is made first.
    fn take(&mut self, opening: &Opening, owner: &TenantKey, depth: usize) -> Option<Take> {
        let mut brought = self.brought(opening, owner);
        if brought.is_empty() && opening.needed {
            let provider = self.chosen(&opening.providers)?;
            let id = self.add(provider.of, owner, None, depth + 1)?;
            return Some(take(opening, id, &provider));
        }
        if !opening.needed && !self.rng.random_bool(OWN) {
            return None;
        }
        // What was brought last has most likely most done to it.
        if self.rng.random_bool(0.5) {
            brought = brought.split_off(brought.len().saturating_sub(1));
        }
        let (id, provider) = self.chosen(&brought)?;
        Some(take(opening, id, &provider))
    }

    /// What legitimate steps of a tenant brought that fits an opening, the latest last.
    fn brought(&self, opening: &Opening, owner: &TenantKey) -> Vec<(usize, Provider)> {
        let legitimate = |step: &&Step| step.reach.is_none() && step.tenant == *owner;
        let steps = self.steps.iter().filter(legitimate);
        steps
            .flat_map(|step| {
                let fits = opening.providers.iter().filter(|p| p.of == step.of);
                fits.map(|p| (step.id, p.clone()))
            })
            .collect()
    }

    /// A seeded row of the victim's, for a slot of a route that the sweep does not come to.
    fn seeded_foreign(
        &mut self,
        made: &Move,
        opening: &Opening,
        victim: Option<&TenantKey>,
    ) -> Option<String> {
        let theirs = made.calls.get(victim?)?;
        let left_to_us = made.reaching.is_empty() && !opening.needed;
        if !left_to_us || !self.rng.random_bool(0.5) {
            return None;
        }
        self.chosen(theirs)?.slot(&opening.slot)
    }

    /// An attack on seeded rows.
    fn seeded(&mut self, made: &Move, who: &TenantKey) -> Option<(Call, Reach)> {
        let reaching = made.reaching.get(who)?;
        self.chosen(reaching)
    }

    /// A call with other made-up words: what was made once may not be made twice.
    fn renewed(&mut self, mut call: Call) -> Call {
        match &mut call.body {
            Some(Body::Json(json)) => self.renew(json),
            Some(Body::Form(fields)) => {
                for (_, value) in fields {
                    *value = self.fresh(value);
                }
            }
            Some(Body::Multipart(parts)) => {
                for part in parts {
                    part.text = self.fresh(&part.text);
                }
            }
            Some(Body::Text { .. }) | None => {}
        }
        call
    }

    fn renew(&mut self, json: &mut serde_json::Value) {
        match json {
            serde_json::Value::String(text) => *text = self.fresh(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| self.renew(item)),
            serde_json::Value::Object(fields) => {
                fields.values_mut().for_each(|value| self.renew(value));
            }
            _ => {}
        }
    }

    /// A text with each generated word in it replaced.
    fn fresh(&mut self, text: &str) -> String {
        let Some(at) = text.find(canary::PREFIX) else {
            return text.to_owned();
        };
        let end = text[at..]
            .char_indices()
            .nth(canary::LENGTH)
            .map_or(text.len(), |(length, _)| at + length);
        let word = canary::make(self.rng);
        format!("{}{word}{}", &text[..at], self.fresh(&text[end..]))
    }
}

fn take(opening: &Opening, from: usize, provider: &Provider) -> Take {
    Take {
        slot: opening.slot.clone(),
        from,
        origin: provider.origin.clone(),
    }
}

/// What an exchanged value of that place is called in the sweep.
fn attack_on(place: Place) -> &'static str {
    match place {
        Place::Query => "id.query",
        Place::Body => "id.body",
        Place::Path | Place::Header | Place::Cookie => "id.path",
    }
}
