//! A whole run: world, seed, proof of the pair, baseline, sweep, confirmation, report.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::analytics;
use super::baseline::{self, Baseline};
use super::browse::{self, browse};
use super::confirm::confirm;
use super::crowd;
use super::declared;
use super::error::{RunError, ended};
use super::explore::explore;
use super::findings::group;
use super::guard;
use super::lab::Lab;
use super::masked::Masked;
use super::open::open;
use super::probation;
use super::regressions::{self, Retried};
use super::sweep::sweep;
use super::swept::Swept;
use crate::attack::ATTACKS;
use crate::model::event::{CutShort, Event, Listener, Report};
use crate::model::exit::Exit;
use crate::model::explored::Explored;
use crate::model::finding::Finding;
use crate::model::rows::RowRef;
use crate::model::schema::TableId;
use crate::model::secret::Secrets;
use crate::settings::Settings;
use crate::world::look_for_browser;

/// Runs everything and reports.
pub async fn run(
    settings: Settings,
    listener: &dyn Listener,
    stop: CancellationToken,
) -> Result<Report, RunError> {
    if settings.description.browser.is_some() && browse::is_wanted(&settings) {
        look_for_browser()?;
    }
    let mut clock = Clock::default();
    let listener = &Masked::new(listener, &settings);
    // A run is a deep tree of futures: boxed at its branches, it fits the small stack of any thread.
    let opening = Box::pin(open(&settings, listener, stop.clone(), &mut clock));
    let mut opened = unless_stopped(&stop, opening).await?;
    let outcome = Box::pin(examine(
        &mut opened.lab,
        opened.warnings,
        &opened.generated,
        &mut clock,
    ))
    .await
    .map_err(|error| error.masked(&secrets(&opened.lab)));
    ended(outcome, opened.lab.world.close().await, listener)
}

/// The result of `work`, unless the user stops it: what is dropped half way cleans up behind itself.
pub(super) async fn unless_stopped<T>(
    stop: &CancellationToken,
    work: impl Future<Output = Result<T, RunError>>,
) -> Result<T, RunError> {
    tokio::select! {
        result = work => result,
        () = stop.cancelled() => Err(RunError::Stopped),
    }
}

/// Baseline, sweep and confirmation.
async fn examine(
    lab: &mut Lab<'_>,
    mut warnings: Vec<String>,
    generated: &[(TableId, Vec<RowRef>)],
    clock: &mut Clock,
) -> Result<Report, RunError> {
    let stop = lab.stop.clone();
    let baseline = unless_stopped(&stop, Box::pin(known_good(lab, &mut warnings, generated)))
        .await
        .map_err(|error| error.broke_off(Exit::BaselineFailed))?;
    clock.lap("baseline");
    let again = Box::pin(regressions(lab, &baseline, clock))
        .await
        .map_err(broke_off)?;
    warnings.extend(again.untold);
    stage(lab.listener, "sweep", "attacking");
    unless_stopped(&stop, lab.fresh())
        .await
        .map_err(broke_off)?;
    let deadline = lab.settings.time_limit().map(|time| Instant::now() + time);
    // Before anything is attacked: what the target has summed up when it started is true still.
    let mut figures = Swept::default();
    Box::pin(analytics::sweep(lab, &baseline, deadline, &mut figures))
        .await
        .map_err(broke_off)?;
    let mut swept = Box::pin(sweep(lab, &baseline, deadline))
        .await
        .map_err(broke_off)?;
    swept.take_in(figures);
    swept.violations.extend(again.crossed);
    clock.lap("sweep");
    // Before sequences, which take whatever time there is.
    let browsed = Box::pin(browsed(lab, &mut warnings, deadline, &mut swept, clock))
        .await
        .map_err(broke_off)?;
    let explored = Box::pin(explored(lab, &baseline, deadline, &mut swept))
        .await
        .map_err(broke_off)?;
    if explored.is_some() {
        clock.lap("explore");
    }
    let candidates = group(lab, &swept);
    stage(
        lab.listener,
        "confirm",
        "showing each finding by its cause, on fresh state",
    );
    let total = candidates.len();
    let mut findings = browsed;
    for (done, candidate) in candidates.into_iter().enumerate() {
        lab.tell(&Event::Progress { done, total });
        let unconfirmed = Finding {
            proof: "stopped before it could be confirmed".into(),
            ..candidate.finding.clone()
        };
        let finding = tokio::select! {
            biased;
            () = stop.cancelled() => Some(unconfirmed),
            confirmed = Box::pin(confirm(lab, candidate)) => confirmed.map_err(broke_off)?,
        };
        let Some(finding) = finding else { continue };
        lab.tell(&Event::Found(Box::new(finding.clone())));
        findings.push(finding);
    }
    lab.tell(&Event::Progress { done: total, total });
    clock.lap("confirm");
    findings.sort_by_key(|f| {
        (
            std::cmp::Reverse(f.confidence),
            std::cmp::Reverse(f.severity),
            f.id.clone(),
        )
    });
    warnings.extend(lab.world.take_notes());
    warnings.extend(lab.world.not_reset());
    warnings.extend(declared::never_came(&lab.awaited));
    warnings.extend(lab.storms());
    warnings.extend(
        lab.locked_out
            .iter()
            .map(|(actor, why)| format!("{actor} could not log in: {why}")),
    );
    let report = report(lab, baseline, swept, findings, warnings, clock);
    Ok(Report { explored, ..report })
}

/// What crosses again of what did once.
async fn regressions(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    clock: &mut Clock,
) -> Result<Retried, RunError> {
    let kept = regressions::kept(&lab.settings.dir)?;
    if kept.is_empty() {
        return Ok(Retried::default());
    }
    stage(
        lab.listener,
        "regressions",
        "trying the histories that are kept beside the description",
    );
    let retried = regressions::retry(lab, baseline, &kept).await?;
    for untold in &retried.untold {
        lab.tell(&Event::Warning(untold.clone()));
    }
    clock.lap("regressions");
    Ok(retried)
}

/// What sequences show, where the budget has any left for them.
async fn explored(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    deadline: Option<Instant>,
    swept: &mut Swept,
) -> Result<Option<Explored>, RunError> {
    let sequences = lab.settings.sequences();
    let ended = matches!(swept.cut_short, Some(CutShort::Budget | CutShort::Stopped));
    let mut ids = ATTACKS.iter().map(|attack| attack.id());
    let any = ids.any(|id| !id.starts_with("browser.") && lab.settings.selects_attack(id));
    if ended || !any || sequences == Some(0) {
        return Ok(None);
    }
    stage(
        lab.listener,
        "explore",
        "playing sequences of several tenants' steps",
    );
    let explored = explore(lab, baseline, sequences, deadline, swept).await?;
    Ok(Some(explored))
}

/// What crosses in a browser, where the description says how people use the target in one.
async fn browsed(
    lab: &mut Lab<'_>,
    warnings: &mut Vec<String>,
    deadline: Option<Instant>,
    swept: &mut Swept,
    clock: &mut Clock,
) -> Result<Vec<Finding>, RunError> {
    if lab.target.browser().is_none() || swept.cut_short.is_some() {
        return Ok(Vec::new());
    }
    stage(
        lab.listener,
        "browser",
        "doing what people do, several of them, in two tenants",
    );
    let kept = regressions::browsed(lab)?;
    let found = browse(lab, &kept, swept, warnings, deadline).await?;
    clock.lap("browser");
    Ok(found)
}

/// What breaks once attacks have begun leaves open whether the wall holds.
fn broke_off(error: RunError) -> RunError {
    error.broke_off(Exit::Inconclusive)
}

/// The baseline, without the generated rows that break reads, and the proof that it was taken of the right database.
pub(super) async fn known_good(
    lab: &mut Lab<'_>,
    warnings: &mut Vec<String>,
    generated: &[(TableId, Vec<RowRef>)],
) -> Result<Baseline, RunError> {
    stage(
        lab.listener,
        "baseline",
        "calling every route as its rightful tenants",
    );
    let mut baseline = baseline::establish(lab).await?;
    let taken_back = probation::settle(lab, &baseline, generated).await?;
    if !taken_back.is_empty() {
        baseline = baseline::establish(lab).await?;
        warnings.extend(taken_back);
    }
    proven(lab, &baseline)?;
    warnings.extend(baseline.pair.doubt(lab));
    for weaker in guard::check(lab, &baseline).await? {
        lab.tell(&Event::Warning(weaker.clone()));
        warnings.push(weaker);
    }
    crowd::try_each(lab, &baseline).await?;
    lab.learn_facts().await?;
    Ok(baseline)
}

/// The first legitimate answers and writes must show in the database that is watched.
fn proven(lab: &Lab<'_>, baseline: &Baseline) -> Result<(), RunError> {
    let tried = baseline
        .table
        .iter()
        .filter(|r| {
            !lab.routes
                .iter()
                .any(|x| x.id == r.route && x.skipped.is_some())
        })
        .count();
    if baseline.working.is_empty() {
        let example = baseline
            .table
            .iter()
            .find_map(|r| Some(format!("{}: {}", r.route, r.reason.as_ref()?)));
        return Err(RunError::Baseline(format!(
            "none of {tried} routes worked for its rightful tenant ({}); check [[login]], [tenant] and the target's log",
            example.unwrap_or_else(|| "no routes".into())
        )));
    }
    if !lab.witnessed && !baseline.carried {
        return Err(RunError::Pair(format!(
            "{} of {tried} routes answered, but no answer held a value of the database that partywall seeded and no call \
             changed a row in it; does the target connect to the database that `{{database.app.url}}` names?",
            baseline.working.len()
        )));
    }
    Ok(())
}

fn report(
    lab: &Lab<'_>,
    baseline: Baseline,
    swept: Swept,
    findings: Vec<Finding>,
    warnings: Vec<String>,
    clock: &mut Clock,
) -> Report {
    let attacks = ATTACKS
        .iter()
        .filter_map(|a| Some((a.id().to_owned(), *swept.tallies.get(a.id())?)));
    let (unshown, inconclusive_by_route) = (swept.unshown(), swept.inconclusive());
    Report {
        target: lab.settings.target_name(),
        seed: lab.settings.seed,
        findings,
        advisories: swept.advisories.into_iter().collect(),
        baseline: baseline.table,
        attacks: attacks.collect(),
        unshown,
        inconclusive_by_route,
        inconclusive: swept.reasons.into_iter().collect(),
        warnings,
        world: lab.world.about(),
        watch: lab.world.watch(),
        calls: lab.calls,
        stages: std::mem::take(&mut clock.laps),
        cut_short: swept.cut_short,
        explored: None,
        schema: lab.knowledge.schema.clone(),
        tenants: lab.knowledge.tenants.clone(),
        secrets: secrets(lab),
    }
}

/// Everything that must not be printed.
pub fn secrets(lab: &Lab<'_>) -> Secrets {
    let mut secrets = lab.known_secrets();
    for actor in &lab.knowledge.actors {
        secrets.extend(actor.fields.get("password").cloned());
    }
    secrets
}

/// Tells that a stage begins.
pub fn stage(listener: &dyn Listener, name: &'static str, about: &str) {
    listener.on(&Event::Stage {
        name,
        about: about.to_owned(),
    });
}

/// How long stages take.
#[derive(Debug)]
pub struct Clock {
    since: Instant,
    /// Stages with their duration.
    pub laps: Vec<(String, Duration)>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            laps: Vec::new(),
        }
    }
}

impl Clock {
    /// Ends a stage.
    pub fn lap(&mut self, name: &str) {
        self.laps.push((name.to_owned(), self.since.elapsed()));
        self.since = Instant::now();
    }
}
