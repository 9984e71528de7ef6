//! Replays a finding: brings up the same world, makes the recorded calls, and asks the recorded oracle.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use super::analytics::learn;
use super::baseline::{self, Baseline};
use super::browse;
use super::case::take_back;
use super::confirm::rerun;
use super::error::{RunError, ended};
use super::interference;
use super::lab::Lab;
use super::masked::Masked;
use super::open::open;
use super::run::{Clock, secrets, stage};
use crate::model::call::{Call, SlotRef};
use crate::model::discovery::Replayed;
use crate::model::event::Listener;
use crate::model::exchange::{Exchange, Failure, History, Purpose, Watch, is_plain};
use crate::model::replay::Replay;
use crate::model::route::RouteId;
use crate::model::rows::RowRef;
use crate::model::tenant::TenantKey;
use crate::model::verdict::{Reason, Verdict};
use crate::oracle::conservation::Conservation;
use crate::oracle::log::Log;
use crate::oracle::{ORACLES, Oracle};
use crate::settings::Settings;

/// How often the calls are made.
const GOES: usize = 3;

/// Replays the finding in `file`.
pub async fn replay(
    settings: Settings,
    file: &Path,
    listener: &dyn Listener,
) -> Result<Replayed, RunError> {
    let recorded = read(file)?;
    let mut settings = settings;
    settings.seed = recorded.seed;
    let listener = &Masked::new(listener, &settings);
    let mut opened = open(
        &settings,
        listener,
        CancellationToken::new(),
        &mut Clock::default(),
    )
    .await?;
    stage(listener, "replay", "making the recorded calls");
    let replayed = repeat(&mut opened.lab, recorded).await;
    let replayed = replayed.map_err(|error| error.masked(&secrets(&opened.lab)));
    ended(replayed, opened.lab.world.close().await, listener)
}

/// The replay file at that place.
pub fn read(file: &Path) -> Result<Replay, RunError> {
    let text = std::fs::read_to_string(file)
        .map_err(|e| RunError::Replay(format!("{} cannot be read: {e}", file.display())))?;
    Replay::parse(&text).map_err(|e| RunError::Replay(format!("{}: {e}", file.display())))
}

async fn repeat(lab: &mut Lab<'_>, recorded: Replay) -> Result<Replayed, RunError> {
    if !recorded.browsed.is_empty() {
        return in_browser(lab, recorded).await;
    }
    let script = script(lab, &recorded, None).await?;
    let mut verdict = Verdict::Inconclusive(Reason::NotApplicable);
    let mut last = script.clone();
    let mut violated = 0;
    lab.patient = true;
    lab.reads_log = recorded.oracle == Log.id();
    if recorded.oracle == Conservation.id() {
        lab.knowledge.figures = learn(lab).await?;
    }
    for _ in 0..GOES {
        lab.fresh().await?;
        last = all(lab, &script).await?;
        let oracle = ORACLES.iter().find(|o| o.id() == recorded.oracle);
        let oracle = oracle.ok_or_else(|| {
            RunError::Replay(format!("no oracle is called `{}`", recorded.oracle))
        })?;
        let now = match oracle.judge(&last, &lab.knowledge) {
            Ok(found) => match (found.into_iter().next(), unshown(&recorded, &last)) {
                (Some(evidence), _) => Verdict::Violated(evidence),
                (None, Some(reason)) => Verdict::Inconclusive(reason),
                (None, None) => Verdict::Held,
            },
            Err(reason) => Verdict::Inconclusive(reason),
        };
        take_back(lab, &last).await?;
        if matches!(now, Verdict::Violated(_)) {
            violated += 1;
            verdict = now;
        } else if violated == 0 {
            verdict = now;
        }
    }
    Ok(Replayed {
        replay: recorded,
        verdict,
        rate: (violated, GOES),
        history: last,
        schema: lab.knowledge.schema.clone(),
        tenants: lab.knowledge.tenants.clone(),
        world: lab.world.about(),
        secrets: secrets(lab),
    })
}

/// Plays what people did in a browser as often.
async fn in_browser(lab: &mut Lab<'_>, recorded: Replay) -> Result<Replayed, RunError> {
    let goes = browse::again(lab, &recorded, GOES).await?;
    Ok(Replayed {
        replay: recorded,
        verdict: goes.verdict,
        rate: (goes.violated, GOES),
        history: goes.history,
        schema: lab.knowledge.schema.clone(),
        tenants: lab.knowledge.tenants.clone(),
        world: lab.world.about(),
        secrets: secrets(lab),
    })
}

/// The key that each tenant had when it was recorded, with the one that it has now.
pub(super) fn present_keys(lab: &Lab<'_>, recorded: &Replay) -> Vec<(TenantKey, TenantKey)> {
    let tenants = recorded.tenants.iter().filter_map(|(slug, old)| {
        let now = lab.knowledge.tenants.iter().find(|t| t.slug == *slug)?;
        Some((old.clone(), now.key.clone()))
    });
    tenants.collect()
}

/// Why it says nothing that nothing crosses any more: the attack was not answered, or what was served when it was recorded
/// (controls, the steps before) is refused now. A legitimate call must be served itself.
pub fn unshown(recorded: &Replay, now: &History) -> Option<Reason> {
    let refused = |e: &Exchange| e.response().is_none_or(|r| r.status >= 400);
    let mut attacks = now.of(Purpose::Attack);
    let unanswered = attacks.find_map(|attack| match attack.response() {
        None => Some(Reason::NoAnswer),
        Some(response) if response.status >= 500 => Some(Reason::ServerError),
        Some(_) => {
            (is_plain(&recorded.attack) && refused(attack)).then_some(Reason::OwnControlFailed)
        }
    });
    let mut made = recorded.steps.iter().zip(&now.exchanges);
    unanswered.or_else(|| {
        made.find_map(|(step, (purpose, exchange))| {
            let status: Option<u16> = step.answered.parse().ok();
            let served_then = status.is_some_and(|status| status < 400);
            // Where rows are taken away, or others call too, further calls stand between.
            let is_it = step.purpose == *purpose;
            let lost = is_it && served_then && refused(exchange);
            match purpose {
                Purpose::OwnerControl | Purpose::VictimBefore => {
                    lost.then_some(Reason::OwnerControlFailed)
                }
                Purpose::OwnControl | Purpose::Setup => lost.then_some(Reason::OwnControlFailed),
                _ => None,
            }
        })
    })
}

/// Controls first, then the rest, all for real.
pub async fn all(lab: &mut Lab<'_>, script: &History) -> Result<History, RunError> {
    let mut controlled = script.clone();
    for (purpose, exchange) in &mut controlled.exchanges {
        if matches!(purpose, Purpose::OwnerControl | Purpose::OwnControl) {
            *exchange = lab.perform_own(&exchange.call).await?;
            lab.undo(&exchange.changes).await?;
        }
    }
    rerun(lab, &controlled).await
}

/// The recorded history with tenants and rows as they are now: keys that the target made itself differ in every world, those
/// that were generated with every seed. The baseline is established where it is not known yet and rows are to be found anew.
pub async fn script(
    lab: &mut Lab<'_>,
    recorded: &Replay,
    baseline: Option<&Baseline>,
) -> Result<History, RunError> {
    let mut calls: Vec<Call> = recorded.steps.iter().map(|s| s.call.clone()).collect();
    let tenants = present_keys(lab, recorded);
    let key = |old: &TenantKey| {
        tenants
            .iter()
            .find(|(o, _)| o == old)
            .map_or_else(|| old.clone(), |(_, n)| n.clone())
    };
    let mut company = recorded.company.clone();
    for call in calls.iter_mut().chain(&mut company) {
        call.tenant = call.tenant.as_ref().map(&key);
        *call = renamed(call, &tenants)?;
    }
    let known = |row: &crate::model::replay::NamedRow| {
        row.resolve(&lab.knowledge.schema)
            .filter(|at| lab.knowledge.rows.get(at).is_some())
    };
    let same_rows = recorded.links.is_empty() || recorded.seed == lab.settings.seed;
    let stands = same_rows && recorded.reached.iter().all(|row| known(row).is_some());
    let mut reached: Vec<_> = recorded.reached.iter().filter_map(known).collect();
    if !stands {
        let established = match baseline {
            Some(_) => None,
            None => Some(narrow_baseline(lab, &calls).await?),
        };
        if let Some(baseline) = baseline.or(established.as_ref()) {
            reached = rebind(lab, baseline, recorded, &mut calls, &key);
        }
    }
    let away = away(lab, recorded, &key);
    let exchanges = recorded
        .steps
        .iter()
        .zip(calls)
        .map(|(step, call)| (step.purpose, pending(call)));
    Ok(History {
        attack: recorded.attack.clone(),
        variant: recorded.variant.clone(),
        attacker: recorded.attacker.clone(),
        attacker_tenants: recorded.attacker_tenants.iter().map(&key).collect(),
        victim: recorded
            .victim
            .as_ref()
            .map(&key)
            .filter(|_| !is_plain(&recorded.attack)),
        slots: recorded.slots.clone(),
        reached,
        away,
        company: company.into(),
        links: recorded.links.clone(),
        browsed: recorded.browsed.clone().into(),
        exchanges: exchanges.collect(),
    })
}

/// Keys shorter than this may stand for something else: numbers, words.
const UNMISTAKABLE: usize = 8;

/// A call in whose headers, claims and fields, too, tenants have the keys that they have now; or what else was recorded.
pub(super) fn renamed<T: Clone + Serialize + DeserializeOwned>(
    recorded: &T,
    tenants: &[(TenantKey, TenantKey)],
) -> Result<T, RunError> {
    let changed: Vec<&(TenantKey, TenantKey)> = tenants
        .iter()
        .filter(|(old, new)| old != new && old.len() >= UNMISTAKABLE)
        .collect();
    if changed.is_empty() {
        return Ok(recorded.clone());
    }
    let broken = |error: serde_json::Error| RunError::Replay(format!("a call of it: {error}"));
    let mut text = serde_json::to_string(recorded).map_err(broken)?;
    for (nth, (old, _)) in changed.iter().enumerate() {
        text = text.replace(&**old, &placeholder(nth));
    }
    for (nth, (_, new)) in changed.iter().enumerate() {
        text = text.replace(&placeholder(nth), new);
    }
    serde_json::from_str(&text).map_err(broken)
}

/// What stands in no call: keys may have changed places.
fn placeholder(nth: usize) -> String {
    format!("{{partywall-tenant-{nth}}}")
}

/// The rows that are to be away: those recorded, or, where they have other keys now, all of other tenants in their tables.
fn away(lab: &Lab<'_>, recorded: &Replay, key: &dyn Fn(&TenantKey) -> TenantKey) -> Vec<RowRef> {
    let schema = &lab.knowledge.schema;
    let rows: Vec<RowRef> = recorded
        .away
        .iter()
        .filter_map(|r| r.resolve(schema))
        .collect();
    if rows.iter().all(|at| lab.knowledge.rows.get(at).is_some()) {
        return rows;
    }
    let own: Vec<TenantKey> = recorded.attacker_tenants.iter().map(key).collect();
    let mut others = interference::others_rows(&lab.knowledge, &own);
    others.retain(|at| rows.iter().any(|r| r.table == at.table));
    others
}

/// The baseline of the routes that calls go to, and of reads.
async fn narrow_baseline(lab: &mut Lab<'_>, calls: &[Call]) -> Result<Baseline, RunError> {
    let routes: Vec<RouteId> = calls.iter().map(|c| c.route.clone()).collect();
    lab.routes
        .retain(|r| routes.contains(&r.id) || r.method == "GET");
    baseline::establish(lab).await
}

/// Rows that are not there any more are replaced by the ones that the baseline binds to the same slots.
fn rebind(
    lab: &Lab<'_>,
    baseline: &Baseline,
    recorded: &Replay,
    calls: &mut [Call],
    key: &dyn Fn(&TenantKey) -> TenantKey,
) -> Vec<RowRef> {
    let mut reached = Vec::new();
    for (step, call) in recorded.steps.iter().zip(calls.iter_mut()) {
        let Some(route) = lab.route(&call.route).cloned() else {
            continue;
        };
        let Some(working) = baseline.working.get(&route.id) else {
            continue;
        };
        let hostile = matches!(step.purpose, Purpose::Attack);
        for (slot, _) in working.plan.slots.clone() {
            let foreign = hostile && recorded.slots.contains(&slot);
            let owner = if foreign {
                recorded.victim.as_ref().map(key)
            } else {
                call.tenant.clone()
            };
            let Some(value) = value_for(
                lab,
                working,
                &route,
                owner.as_ref(),
                &slot,
                foreign.then_some(&mut reached),
            ) else {
                continue;
            };
            if step.purpose != Purpose::Missing || !recorded.slots.contains(&slot) {
                *call = call.clone().with_slot(&slot, &value);
            }
        }
    }
    reached
}

fn value_for(
    lab: &Lab<'_>,
    working: &baseline::Working,
    route: &crate::model::route::Route,
    owner: Option<&TenantKey>,
    slot: &SlotRef,
    reached: Option<&mut Vec<RowRef>>,
) -> Option<String> {
    let actor = lab
        .knowledge
        .actors
        .iter()
        .find(|a| a.tenant.as_ref() == owner && working.actors.contains(&a.id))?;
    let concrete = working.call(&lab.knowledge, route, actor, owner)?;
    if let Some(reached) = reached {
        reached.extend(
            concrete
                .named
                .iter()
                .filter(|(at, ..)| at == slot)
                .map(|(_, _, row)| row.clone()),
        );
    }
    concrete.call.slot(slot)
}

/// An exchange that has not happened yet.
pub fn pending(call: Call) -> Exchange {
    Exchange {
        call,
        outcome: Err(Failure::NotSent("not made yet".into())),
        elapsed: std::time::Duration::ZERO,
        changes: Vec::new(),
        logged: None,
        watch: Watch::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_have_their_present_keys_wherever_a_call_names_them() {
        let call = Call {
            headers: vec![("X-Tenant".to_owned(), "tenant-old-1".to_owned())],
            query: vec![("of".to_owned(), "tenant-old-2".to_owned())],
            ..crate::oracle::testing::call("acme.admin", "GET /items", "tenant-old-1", "7")
        };
        let pair = |old: &str, new: &str| (TenantKey::from(old), TenantKey::from(new));
        let now = [
            pair("tenant-old-1", "tenant-old-2"),
            pair("tenant-old-2", "tenant-new-2"),
            pair("1", "2"),
        ];
        let renamed = renamed(&call, &now).unwrap();
        assert_eq!(renamed.headers[0].1, "tenant-old-2");
        assert_eq!(renamed.query[0].1, "tenant-new-2");
        assert_eq!(renamed.actor, call.actor);
    }
}
