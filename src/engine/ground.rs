//! The ground of attacks: one route, an attacker's call that works, a victim's call that works, and what may be exchanged.

use super::baseline::{Baseline, Working};
use super::bind::Source;
use super::cursor;
use super::lab::Lab;
use super::parting;
use super::plan::Concrete;
use super::sides::Sides;
use super::subject::{beginnings, choices, foreign_texts, writable_names};
use crate::attack::{Attack, Attempt, Facts, Ground, Slot};
use crate::model::call::{Call, SlotRef};
use crate::model::route::Route;
use crate::model::tenant::{Actor, Standing, Tenant};

/// A ground with everything owned, so that the lab stays free to make calls.
pub struct Prepared {
    /// The route.
    pub route: Route,
    /// Who attacks.
    pub attacker: Actor,
    /// Whose ids the attacker's own call carries.
    pub own: Tenant,
    /// Who is attacked.
    pub victim: Tenant,
    /// Who makes the victim's calls.
    pub victim_actor: Actor,
    /// The attacker's own call.
    pub own_call: Concrete,
    /// The victim's own call.
    pub victim_call: Concrete,
    /// What may be exchanged.
    pub slots: Vec<Slot>,
    /// The key of the route's table, which the body need not have.
    pub key: Option<Slot>,
    /// The foreign keys of the route's table, which the body need not have.
    pub references: Vec<Slot>,
    /// Facts, those of the route included.
    pub facts: Facts,
    /// A weaker member, whose legitimate calls alone are judged.
    pub plain_only: bool,
    /// A member of the tenant without rows, who only asks what others' rows move.
    pub empty: bool,
    /// Slots that hold the caller's own log-in name or password, with the attacker's: nobody has another's.
    pub credentials: Vec<(SlotRef, String)>,
    /// What shows that the session of an attacker who belongs nowhere lives.
    pub alive: Option<Call>,
    /// The attacker's calls that end its session.
    pub leaving: Vec<Call>,
    /// A colleague's call that ends its membership.
    pub ending: Option<Call>,
    /// The victim's call that deletes a row which the route shows or changes.
    pub deleting: Option<Call>,
}

impl Prepared {
    /// As attacks see it.
    pub fn ground(&self) -> Ground<'_> {
        Ground {
            route: &self.route,
            attacker: &self.attacker,
            own: &self.own,
            victim: &self.victim,
            own_call: &self.own_call.call,
            victim_call: &self.victim_call.call,
            victim_actor: Some(&self.victim_actor),
            key: self.key.as_ref(),
            references: &self.references,
            slots: &self.slots,
            leaving: &self.leaving,
            ending: self.ending.as_ref(),
            deleting: self.deleting.as_ref(),
            facts: &self.facts,
        }
    }

    /// The attempts of an attack here, each with the attacker's own log-in name and password where it was made from the
    /// victim's call.
    pub fn attempts(&self, attack: &dyn Attack) -> Vec<Attempt> {
        let mut attempts = attack.attempts(&self.ground());
        for attempt in &mut attempts {
            for call in std::iter::once(&mut attempt.call).chain(&mut attempt.missing) {
                *call = as_oneself(call, &self.credentials);
            }
        }
        attempts
    }
}

/// A call with the caller's own credentials in these slots.
fn as_oneself(call: &Call, credentials: &[(SlotRef, String)]) -> Call {
    let own = |call: Call, (at, value): &(SlotRef, String)| call.with_slot(at, value);
    credentials.iter().fold(call.clone(), own)
}

/// The grounds of one route: the strongest member against the next tenant, then those who belong to nobody or to several.
pub fn grounds(lab: &Lab<'_>, baseline: &Baseline, route: &Route) -> Vec<Prepared> {
    let Some(working) = baseline.working.get(&route.id) else {
        return Vec::new();
    };
    let tenants: Vec<&Tenant> = lab
        .knowledge
        .tenants
        .iter()
        .filter(|t| !t.control)
        .collect();
    let strongest = |t: &Tenant| baseline.strongest(lab, &route.id, &t.key).cloned();
    let mut fit: Vec<(&Tenant, Actor)> = tenants
        .iter()
        .filter_map(|t| Some((*t, strongest(t)?)))
        .collect();
    if let Some((_, others)) = fit.split_first_mut() {
        // Where the owner's own call has nothing to show, nothing is shown by attacks on it either.
        others.sort_by_key(|(_, actor)| !working.shown_to.contains(&actor.id));
    }
    let [(own, member), (victim, victim_actor), ..] = &fit[..] else {
        return Vec::new();
    };
    let mut all = Vec::new();
    all.extend(prepare(
        lab,
        baseline,
        route,
        member.clone(),
        own,
        victim,
        victim_actor,
    ));
    for weaker in lab
        .knowledge
        .actors
        .iter()
        .filter(|a| a.standing == Standing::Member && a.id != member.id)
    {
        let home = tenants
            .iter()
            .find(|t| weaker.tenant.as_deref() == Some(&*t.key));
        let other = fit
            .iter()
            .find(|(t, _)| weaker.tenant.as_deref() != Some(&*t.key));
        if let (Some(home), Some((other, actor)), true) =
            (home, other, working.actors.contains(&weaker.id))
        {
            let ground = prepare(lab, baseline, route, weaker.clone(), home, other, actor);
            all.extend(ground.map(|g| Prepared {
                plain_only: true,
                ..g
            }));
        }
    }
    all.extend(of_nothing(lab, baseline, route, victim, victim_actor));
    let anonymous = Actor::anonymous(Some(own.key.clone()));
    all.extend(prepare(
        lab,
        baseline,
        route,
        anonymous,
        own,
        victim,
        victim_actor,
    ));
    all.extend(outsiders(lab, baseline, route, &fit));
    all
}

/// The ground of the tenant without rows, on reads that worked for it: what falls back to everybody's where there is nothing
/// of one's own shows to nobody else.
fn of_nothing(
    lab: &Lab<'_>,
    baseline: &Baseline,
    route: &Route,
    victim: &Tenant,
    victim_actor: &Actor,
) -> Option<Prepared> {
    let own = lab.knowledge.tenants.iter().find(|t| t.control)?;
    let member = baseline.strongest(lab, &route.id, &own.key)?.clone();
    let ground = prepare(lab, baseline, route, member, own, victim, victim_actor);
    let ground = ground.filter(|_| route.is_safe())?;
    Some(Prepared {
        empty: true,
        ..ground
    })
}

/// The grounds of those who belong to nobody, to nobody any more, or to several.
fn outsiders(
    lab: &Lab<'_>,
    baseline: &Baseline,
    route: &Route,
    fit: &[(&Tenant, Actor)],
) -> Vec<Prepared> {
    let [(own, _), (victim, victim_actor), ..] = fit else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for outsider in &lab.knowledge.actors {
        match outsider.standing {
            Standing::Homeless | Standing::Ended if !lab.locked_out.contains_key(&outsider.id) => {
                let left = outsider
                    .tenant
                    .as_deref()
                    .and_then(|t| lab.knowledge.tenant(t))
                    .unwrap_or(own);
                let ground = prepare(
                    lab,
                    baseline,
                    route,
                    outsider.clone(),
                    left,
                    victim,
                    victim_actor,
                );
                let alive = baseline.alive.get(&outsider.id).cloned();
                all.extend(ground.map(|g| Prepared { alive, ..g }));
            }
            Standing::Double if !lab.locked_out.contains_key(&outsider.id) => {
                let third = fit.iter().find(|(t, _)| !outsider.belongs_to(&t.key));
                let home = outsider
                    .tenant
                    .as_deref()
                    .and_then(|t| lab.knowledge.tenant(t))
                    .unwrap_or(own);
                if let Some((third, actor)) = third {
                    all.extend(prepare(
                        lab,
                        baseline,
                        route,
                        outsider.clone(),
                        home,
                        third,
                        actor,
                    ));
                }
            }
            _ => {}
        }
    }
    all
}

fn prepare(
    lab: &Lab<'_>,
    baseline: &Baseline,
    route: &Route,
    attacker: Actor,
    own: &Tenant,
    victim: &Tenant,
    victim_actor: &Actor,
) -> Option<Prepared> {
    let knowledge = &lab.knowledge;
    let working = baseline.working.get(&route.id)?;
    let mut own_call = working.call(knowledge, route, &attacker, Some(&own.key))?;
    if attacker.standing == Standing::Homeless {
        own_call.call.tenant = Some(own.key.clone());
    }
    let victim_call = working.call(knowledge, route, victim_actor, Some(&victim.key))?;
    let mut facts = lab.facts.clone();
    facts.writable_names = writable_names(lab, route, working);
    facts.choices = choices(lab, route, working);
    facts.beginnings = beginnings(lab, route, working, &own.key);
    facts.foreign_texts = foreign_texts(lab, route, working, &own.key, &victim.key);
    let sides = Sides {
        lab,
        route,
        attacker: &attacker,
        own,
        victim,
        victim_actor,
    };
    let slots = sides.slots(working, &own_call, &victim_call);
    let (key, references) = sides.beside(working);
    facts.uniques = sides.uniques(working);
    facts.absent = sides.absent(working);
    facts.cursor = cursor::between(route, &working.cursors, &own.key, &victim.key);
    let credentials = credentials(working, &attacker);
    Some(Prepared {
        route: route.clone(),
        own: own.clone(),
        victim: victim.clone(),
        victim_actor: victim_actor.clone(),
        own_call,
        victim_call,
        slots,
        key,
        references,
        facts,
        plain_only: false,
        empty: false,
        alive: None,
        leaving: parting::leaving(lab, baseline, &attacker),
        ending: parting::ending(lab, baseline, &attacker, own),
        deleting: parting::deleting(lab, baseline, route, victim),
        attacker,
        credentials,
    })
}

fn credentials(working: &Working, attacker: &Actor) -> Vec<(SlotRef, String)> {
    let own = |(at, source): &(SlotRef, Source)| match source {
        Source::Own(field) => {
            let value = attacker.fields.get(*field).cloned();
            Some((at.clone(), value.unwrap_or_default()))
        }
        Source::Column(_) | Source::Fixed(_) => None,
    };
    working.plan.slots.iter().filter_map(own).collect()
}
