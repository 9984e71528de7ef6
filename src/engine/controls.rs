//! The controls of a case: the owner's call and the attacker's own, made in the state and the session that the attack is
//! made in.

use std::collections::HashMap;

use super::baseline::worked;
use super::case::Ranked;
use super::error::RunError;
use super::ground::Prepared;
use super::lab::{Lab, Storm};
use crate::attack::{Attack, Attempt, Scope};
use crate::model::call::Call;
use crate::model::exchange::{Exchange, Purpose, is_plain};

/// The controls of one ground: calls that were made already in this state.
#[derive(Default)]
pub struct Controls {
    owner: Option<Exchange>,
    own: HashMap<String, Exchange>,
    /// Reads of the victim that show what the route works on, once they are known.
    pub watched: Option<Vec<Call>>,
    /// What those answered before any attack.
    pub before: Option<Vec<Exchange>>,
}

/// The control exchanges of an attempt; none for legitimate calls, which are their own control, but for nobody's: its
/// refusal says something only where the owner is let in.
pub async fn controlled(
    lab: &mut Lab<'_>,
    ground: &Prepared,
    controls: &mut Controls,
    attack: &dyn Attack,
    attempt: &Attempt,
) -> Result<Vec<(Purpose, Exchange)>, RunError> {
    if is_plain(attack.id()) && !ground.attacker.id.is_anonymous() {
        return Ok(Vec::new());
    }
    let owner = controls.owner(lab, ground).await?;
    if ground.attacker.id.is_anonymous() {
        // Nobody has no own part to put in.
        return Ok(vec![(Purpose::OwnerControl, owner)]);
    }
    if let Some(alive) = &ground.alive {
        // Neither has who belongs nowhere; but its session must live for a refusal to say anything.
        let own = controls.own(lab, alive).await?;
        return Ok(vec![
            (Purpose::OwnerControl, owner),
            (Purpose::OwnControl, own),
        ]);
    }
    let mut own = controls
        .own(
            lab,
            attempt.control.as_ref().unwrap_or(&ground.own_call.call),
        )
        .await?;
    if attack.scope() == Scope::Middleware && !worked(&own) {
        // What the attack adds is refused whatever it names: the call without it is the control then.
        own = controls.own(lab, &ground.own_call.call).await?;
    }
    Ok(vec![
        (Purpose::OwnerControl, owner),
        (Purpose::OwnControl, own),
    ])
}

/// What became of the attacker's session by the time that calls had been refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Its own call still works in it: the refusals were for what was asked.
    Lives,
    /// It had died, and a new one works; or the calls got in each other's way, and go one at a time from now on. Nothing can
    /// be said of the refusals.
    Renewed,
    /// The own call works in a new one neither.
    Lost,
}

impl Controls {
    /// Makes the controls of reads at once.
    pub async fn prepare(
        &mut self,
        lab: &mut Lab<'_>,
        ground: &Prepared,
        attempts: &[Ranked<'_>],
    ) -> Result<(), RunError> {
        if attempts.iter().all(|(_, attack, _)| is_plain(attack.id())) {
            return Ok(());
        }
        self.owner(lab, ground).await?;
        self.own(lab, &ground.own_call.call).await?;
        let mut calls: Vec<Call> = Vec::new();
        for control in attempts.iter().filter_map(|(_, _, a)| a.control.as_ref()) {
            if control.is_safe()
                && !self.own.contains_key(&key(control))
                && !calls.contains(control)
            {
                calls.push(control.clone());
            }
        }
        for exchange in lab.perform_likely_reads(&calls).await? {
            lab.undo(&exchange.changes).await?;
            lab.sight(&exchange);
            self.own.insert(key(&exchange.call), exchange);
        }
        Ok(())
    }

    async fn owner(&mut self, lab: &mut Lab<'_>, ground: &Prepared) -> Result<Exchange, RunError> {
        if let Some(known) = &self.owner {
            return Ok(known.clone());
        }
        let exchange = lab.perform_own(&ground.victim_call.call).await?;
        lab.undo(&exchange.changes).await?;
        self.owner = Some(exchange.clone());
        Ok(exchange)
    }

    async fn own(&mut self, lab: &mut Lab<'_>, call: &Call) -> Result<Exchange, RunError> {
        if let Some(known) = self.own.get(&key(call)) {
            return Ok(known.clone());
        }
        let exchange = lab.perform_own(call).await?;
        lab.undo(&exchange.changes).await?;
        self.own.insert(key(call), exchange.clone());
        Ok(exchange)
    }

    /// Whether refusals say anything: the attacker's own call works in the very session that they came in. A session that died
    /// is made anew.
    pub async fn life(&mut self, lab: &mut Lab<'_>, ground: &Prepared) -> Result<Life, RunError> {
        let call = ground.alive.as_ref().unwrap_or(&ground.own_call.call);
        let attacker = &ground.attacker.id;
        let apart = lab.goes_alone(attacker);
        if attacker.is_anonymous() || !worked(&self.own(lab, call).await?) {
            return Ok(Life::Lives);
        }
        lab.try_together(call).await?;
        if lab.goes_alone(attacker) && !apart {
            return Ok(Life::Renewed);
        }
        let (life, exchange) = life(lab, call).await?;
        if life != Life::Lives {
            self.own.clear();
            self.own.insert(key(call), exchange);
        }
        Ok(life)
    }
}

/// Whether a caller's session lives: a call of its own that worked before still works in it. A session that died is made
/// anew, unless the target only throttles.
pub async fn life(lab: &mut Lab<'_>, call: &Call) -> Result<(Life, Exchange), RunError> {
    let mut exchange = lab.perform(call).await?;
    lab.undo(&exchange.changes).await?;
    if worked(&exchange) {
        return Ok((Life::Lives, exchange));
    }
    if lab.take_csrf(&exchange) {
        // Each answer brings another token, and a call spends the one before: the calls spent each other's.
        exchange = lab.perform(call).await?;
        lab.undo(&exchange.changes).await?;
        if worked(&exchange) {
            lab.one_at_a_time(&call.actor, Storm::Spent);
            return Ok((Life::Renewed, exchange));
        }
    }
    if exchange.response().is_none_or(|r| r.status != 429) {
        lab.forget_session(&call.actor);
        exchange = lab.perform_own(call).await?;
        lab.undo(&exchange.changes).await?;
    }
    let life = if worked(&exchange) {
        Life::Renewed
    } else {
        Life::Lost
    };
    Ok((life, exchange))
}

/// What tells one call from another.
fn key(call: &Call) -> String {
    serde_json::to_string(call).unwrap_or_default()
}
