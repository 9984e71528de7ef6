//! The sweep: route × attack × (attacker, victim), in the registry's order. Deterministic; it gives the coverage figure.

use tokio::time::Instant;

use super::baseline::Baseline;
use super::case::{self, Ranked};
use super::controls::Controls;
use super::crowd;
use super::error::RunError;
use super::ground::{Prepared, grounds};
use super::interference;
use super::lab::Lab;
use super::lanes::{self, Progress};
use super::logged;
use super::second;
use super::swept::{Share, Swept, record};
use crate::attack::{ATTACKS, Attack, Attempt};
use crate::model::call::Call;
use crate::model::event::CutShort;
use crate::model::route::Route;
use crate::model::tenant::Standing;
use crate::model::verdict::Reason;
use crate::oracle::contract;

/// Tries every selected attack on every route that works.
pub async fn sweep(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    deadline: Option<Instant>,
) -> Result<Swept, RunError> {
    let routes: Vec<Route> = baseline
        .working
        .keys()
        .filter_map(|id| lab.route(id).cloned())
        .collect();
    lab.calls_before = lab.calls;
    let Share { mut swept, later } =
        Box::pin(lanes::sweep(lab, baseline, routes, deadline)).await?;
    // Where the time is up, too: what is not asked again may be nothing.
    second::ask(lab, &mut swept).await?;
    if swept.cut_short.is_some() {
        return Ok(swept);
    }
    Box::pin(crowd::sweep(lab, baseline, deadline, &mut swept)).await?;
    if swept.cut_short.is_some() {
        return Ok(swept);
    }
    Box::pin(interference::sweep(lab, later, deadline, &mut swept)).await?;
    if swept.cut_short.is_some() {
        return Ok(swept);
    }
    Box::pin(logged::sweep(lab, baseline, deadline, &mut swept)).await?;
    Ok(swept)
}

/// Tries every selected attack on some of the routes, those aside that are tried on all routes at once.
pub async fn share(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    routes: &[Route],
    deadline: Option<Instant>,
    progress: &Progress,
) -> Result<Share, RunError> {
    let mut swept = Swept::default();
    let mut later: Vec<Later> = Vec::new();
    for route in routes {
        let wanted: Vec<(usize, &'static dyn Attack)> = ATTACKS
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, a)| lab.settings.selects(a.id(), &route.id))
            .collect();
        let grounds = if wanted.is_empty() {
            Vec::new()
        } else {
            grounds(lab, baseline, route)
        };
        if grounds.is_empty() && !wanted.is_empty() {
            let cases = swept.shown.entry(route.id.clone()).or_default();
            cases.show_nothing(Reason::Alone);
        }
        for ground in grounds {
            if let Some(why) = ended(lab, deadline) {
                swept.cut_short = Some(why);
                return Ok(Share { swept, later });
            }
            Box::pin(on_ground(lab, baseline, &ground, &wanted, &mut swept)).await?;
            lab.revive(&route.id).await?;
            later.extend(apart(ground, &wanted));
        }
        lab.tell(&progress.step());
    }
    Ok(Share { swept, later })
}

/// An attempt that is made with those of all other routes together.
pub struct Later {
    /// The attack's place in the registry.
    pub rank: usize,
    /// The attack.
    pub attack: &'static dyn Attack,
    /// Its ground.
    pub ground: Prepared,
    /// The attempt.
    pub attempt: Attempt,
}

/// The attempts on a ground that are made while the rows of others are away.
pub(super) fn apart(ground: Prepared, wanted: &[(usize, &'static dyn Attack)]) -> Option<Later> {
    let mut suited = wanted.iter().filter(|(_, attack)| suits(&ground, *attack));
    let (rank, attack, attempt) = suited.find_map(|&(rank, attack)| {
        let mut attempts = ground.attempts(attack).into_iter();
        Some((rank, attack, attempts.find(|a| a.without_others)?))
    })?;
    Some(Later {
        rank,
        attack,
        ground,
        attempt,
    })
}

/// Why no further case is tried, where that is so.
pub fn ended(lab: &Lab<'_>, deadline: Option<Instant>) -> Option<CutShort> {
    if lab.stop.is_cancelled() {
        return Some(CutShort::Stopped);
    }
    deadline
        .filter(|d| Instant::now() > *d)
        .map(|_| CutShort::Budget)
}

async fn on_ground(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    ground: &Prepared,
    wanted: &[(usize, &'static dyn Attack)],
    swept: &mut Swept,
) -> Result<(), RunError> {
    let mut controls = Controls::default();
    let attempts = attempts(lab, ground, wanted);
    let ranked = attempts.iter().map(|(rank, attack, a)| (*rank, *attack, a));
    let (reads, writes): (Vec<Ranked<'_>>, Vec<_>) = ranked.partition(|(_, _, a)| is_quiet(a));
    let (likely_refused, alone): (Vec<_>, Vec<_>) = writes
        .into_iter()
        .partition(|(_, attack, a)| is_single(a) && !swept.is_eventful(ground, *attack, a));
    for batch in likely_refused.chunks(BATCH) {
        if lab.stop.is_cancelled() {
            return Ok(());
        }
        if lab.is_silent() {
            one_by_one(lab, baseline, ground, &mut controls, batch.to_vec(), swept).await?;
            continue;
        }
        let (refused, others) = case::run_refused(lab, ground, &mut controls, batch).await?;
        for ((rank, attack, _), case) in refused {
            record(swept, ground, attack, rank, case, lab.swept_calls());
        }
        // What was served is what may have crossed: it is looked at before anything else is tried.
        one_by_one(lab, baseline, ground, &mut controls, others, swept).await?;
    }
    one_by_one(lab, baseline, ground, &mut controls, alone, swept).await?;
    for batch in reads.chunks(BATCH) {
        if lab.stop.is_cancelled() {
            return Ok(());
        }
        let cases = if lab.is_silent() {
            let unanswered =
                |(_, attack, a): &Ranked<'_>| case::unanswered(lab, ground, *attack, a);
            batch.iter().map(unanswered).collect()
        } else {
            case::run_reads(lab, ground, &mut controls, batch).await?
        };
        for ((rank, attack, _), case) in batch.iter().zip(cases) {
            record(swept, ground, *attack, *rank, case, lab.swept_calls());
        }
    }
    Ok(())
}

async fn one_by_one(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    ground: &Prepared,
    controls: &mut Controls,
    mut attempts: Vec<Ranked<'_>>,
    swept: &mut Swept,
) -> Result<(), RunError> {
    attempts.sort_by_key(|(rank, _, _)| *rank);
    for (rank, attack, attempt) in attempts {
        if lab.stop.is_cancelled() {
            return Ok(());
        }
        let case = if lab.is_silent() {
            case::unanswered(lab, ground, attack, attempt)
        } else {
            Box::pin(case::run(lab, baseline, ground, controls, attack, attempt)).await?
        };
        record(swept, ground, attack, rank, case, lab.swept_calls());
    }
    Ok(())
}

/// An attempt with its attack, and that one's place in the registry.
pub(super) type Made = (usize, &'static dyn Attack, Attempt);

/// The attempts on a ground: one of each attack before the second of any, since most of what crosses does so in the first
/// variant of its attack.
pub(super) fn attempts(
    lab: &Lab<'_>,
    ground: &Prepared,
    wanted: &[(usize, &'static dyn Attack)],
) -> Vec<Made> {
    let suited = wanted.iter().filter(|(_, attack)| suits(ground, *attack));
    let mut all: Vec<(usize, Made)> = suited
        .flat_map(|&(rank, attack)| {
            let attempts = ground.attempts(attack);
            // What only a promise can judge needs one.
            let promised = contract::is_promised(&lab.knowledge, attack.id());
            let attempts = attempts
                .into_iter()
                .filter(move |a| (promised || !a.promise_only) && !a.without_others);
            attempts.map(move |a| (rank, attack, a)).enumerate()
        })
        .collect();
    all.sort_by_key(|(nth, _)| *nth);
    all.into_iter().map(|(_, attempt)| attempt).collect()
}

/// How many calls share one look at the row changes.
const BATCH: usize = 32;

/// Whether an attempt shares nothing with others in flight: it promises to change nothing, and needs no step before it.
fn is_quiet(attempt: &Attempt) -> bool {
    is_single(attempt) && attempt.call.is_safe() && attempt.missing.iter().all(Call::is_safe)
}

/// Whether an attempt needs no step before it, and the database as it stands.
pub fn is_single(attempt: &Attempt) -> bool {
    let bent = &attempt.call.tampering;
    attempt.first.is_empty() && attempt.victim_then.is_none() && !bent.suspended
}

/// Outsiders try what speaks of them; the strongest member tries everything.
fn suits(ground: &Prepared, attack: &dyn Attack) -> bool {
    let family = attack.id().split('.').next().unwrap_or_default();
    if ground.empty {
        return attack.id() == "plain.without-others";
    }
    if ground.plain_only {
        return matches!(attack.id(), "plain.call" | "token.ended-membership");
    }
    match ground.attacker.standing {
        Standing::Member | Standing::Privileged => true,
        Standing::Anonymous => matches!(family, "plain" | "header" | "token" | "id"),
        Standing::Double | Standing::Ended | Standing::Homeless => {
            matches!(family, "plain" | "id" | "host")
        }
    }
}
