//! A whole run: world, seed, proof of the pair, baseline, sweep, confirmation, report.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::baseline::{self, Baseline};
use super::confirm::confirm;
use super::error::{RunError, ended};
use super::findings::group;
use super::guard;
use super::lab::Lab;
use super::probation;
use super::sweep::{Swept, sweep};
use crate::attack::ATTACKS;
use crate::model::event::{Event, Listener, Report};
use crate::model::finding::Finding;
use crate::model::knowledge::{Background, Expectation, Knowledge};
use crate::model::reference::learn_references;
use crate::model::route::{Route, RouteId};
use crate::model::rows::RowRef;
use crate::model::schema::{ColumnRef, Schema, TableId};
use crate::model::secret::Secrets;
use crate::model::tenant::{Actor, Standing};
use crate::seed;
use crate::settings::{Settings, SettingsError};
use crate::target::description::Promise;
use crate::target::render::Target;
use crate::target::route::pattern;
use crate::target::{address, route};
use crate::world::{PortOwner, World};

/// Runs everything and reports.
pub async fn run(
    settings: Settings,
    listener: &dyn Listener,
    stop: CancellationToken,
) -> Result<Report, RunError> {
    let mut clock = Clock::default();
    let mut opened = open(&settings, listener, stop, &mut clock).await?;
    let outcome = examine(
        &mut opened.lab,
        opened.warnings,
        &opened.generated,
        &mut clock,
    )
    .await;
    ended(outcome, opened.lab.world.close().await, listener)
}

/// A lab with what was said while it was set up.
pub struct Opened<'a> {
    /// The lab.
    pub lab: Lab<'a>,
    /// What weakens the result.
    pub warnings: Vec<String>,
    /// The generated rows, table by table.
    pub generated: Vec<(TableId, Vec<RowRef>)>,
}

/// Brings up the world, seeds it, freezes it, and logs everybody in on first use.
pub async fn open<'a>(
    settings: &'a Settings,
    listener: &'a dyn Listener,
    stop: CancellationToken,
    clock: &mut Clock,
) -> Result<Opened<'a>, RunError> {
    stage(listener, "world", "starting Postgres and the target");
    let mut world = World::up(settings, listener).await?;
    clock.lap("world");
    match set_up(settings, &mut world, listener, clock).await {
        Ok((target, routes, knowledge, warnings, generated)) => {
            let mut lab = Lab::new(settings, world, target, routes, knowledge, listener, stop);
            match lab.learn_facts().await {
                Ok(()) => Ok(Opened {
                    lab,
                    warnings,
                    generated,
                }),
                Err(error) => ended(Err(error), lab.world.close().await, listener),
            }
        }
        Err(error) => ended(Err(error), world.close().await, listener),
    }
}

type SetUp = (
    Target,
    Vec<Route>,
    Knowledge,
    Vec<String>,
    Vec<(TableId, Vec<RowRef>)>,
);

async fn set_up(
    settings: &Settings,
    world: &mut World,
    listener: &dyn Listener,
    clock: &mut Clock,
) -> Result<SetUp, RunError> {
    let description = &settings.description;
    let document = document(settings, world).await?;
    let routes = route::routes(document.as_ref(), &description.routes)
        .map_err(|e| settings.route_error(&e))?;
    let ids: Vec<RouteId> = routes.iter().map(|r| r.id.clone()).collect();
    let attacks: Vec<&str> = ATTACKS.iter().map(|a| a.id()).collect();
    if let Some(word) = settings.fits_nothing(&attacks, &ids) {
        let (kind, shows) = if word.contains(['/', ' ']) {
            ("route", "discover")
        } else {
            ("attack", "list attacks")
        };
        return Err(RunError::FitsNothing {
            word: word.to_owned(),
            kind,
            shows,
        });
    }
    stage(listener, "seed", "making tenants, users and rows");
    let seeded = seed::run(world, settings, &routes, listener).await?;
    clock.lap("seed");
    stage(
        listener,
        "freeze",
        "keeping the seeded database as a template",
    );
    world.freeze().await?;
    let pool = world.pool();
    let schema = seed::introspect(pool, Some(&seeded.schema)).await?;
    let rows = seed::read_rows(pool, &schema).await?;
    let canaries = seed::canaries(&schema, &seeded.ownership, &rows, &seeded.tenants);
    let visibility = seed::visibility(
        pool,
        &schema,
        &seeded.ownership,
        &seeded.tenants,
        description,
    )
    .await?;
    let addressing = address::addressing(description, &routes, &schema, &seeded.ownership)?;
    let target = Target::new(
        description.clone(),
        world.base(),
        world.port(),
        addressing,
        seeded.tenants.clone(),
        world.values().clone(),
    );
    let references = learn_references(&schema, &rows);
    let open_references = open_references(settings, &schema)?;
    let public = routes
        .iter()
        .filter(|r| r.public)
        .map(|r| r.id.clone())
        .collect();
    let mut actors = seeded.actors;
    if !actors.iter().any(|a| a.standing == Standing::Anonymous) {
        actors.push(Actor::anonymous(
            seeded.tenants.first().map(|t| t.key.clone()),
        ));
    }
    let knowledge = Knowledge {
        schema,
        ownership: seeded.ownership,
        rows,
        canaries,
        tenants: seeded.tenants,
        actors,
        visibility,
        background: Background::default(),
        sent: std::collections::HashMap::new(),
        expectations: expectations(settings),
        public_routes: public,
        open_routes: HashSet::new(),
        references,
        open_references,
    };
    clock.lap("freeze");
    for note in seeded.notes {
        listener.on(&Event::Note(note));
    }
    for warning in &seeded.warnings {
        listener.on(&Event::Warning(warning.clone()));
    }
    Ok((target, routes, knowledge, seeded.warnings, seeded.generated))
}

/// The columns that patterns like `comments.parent_id` or `project*.lead_id` name; each must name one.
fn open_references(
    settings: &Settings,
    schema: &Schema,
) -> Result<HashSet<ColumnRef>, SettingsError> {
    let mut open = HashSet::new();
    for (nth, wanted) in settings
        .description
        .tenant
        .open_references
        .iter()
        .enumerate()
    {
        let before = open.len();
        for table in &schema.tables {
            let columns = table.columns.iter().enumerate();
            let named = columns
                .filter(|(_, c)| pattern::glob(wanted, &format!("{}.{}", table.name, c.name)));
            open.extend(named.map(|(column, _)| ColumnRef {
                table: table.id,
                column,
            }));
        }
        if open.len() == before {
            return Err(settings.error_at(
                &format!("tenant.open_references[{nth}]"),
                format!("`{wanted}` names no column of any table"),
                Some("write `table.column`; `*` stands for any letters".to_owned()),
            ));
        }
    }
    Ok(open)
}

/// The document that tells the routes: a file, a URL, or a path of the running target.
async fn document(
    settings: &Settings,
    world: &World,
) -> Result<Option<serde_json::Value>, RunError> {
    let Some(place) = &settings.description.routes.openapi else {
        return Ok(None);
    };
    let remote = ["/", "http://", "https://"]
        .iter()
        .any(|s| place.starts_with(s));
    let text = if remote && !settings.dir.join(place).exists() {
        world.fetch(place).await?
    } else {
        let path = settings.dir.join(place);
        std::fs::read_to_string(&path).map_err(|e| {
            RunError::Baseline(format!(
                "the routes' document {} cannot be read: {e}",
                path.display()
            ))
        })?
    };
    Ok(Some(
        route::parse_document(&text).map_err(|e| settings.route_error(&e))?,
    ))
}

fn expectations(settings: &Settings) -> Vec<Expectation> {
    let promise = |(attack, promise): (&String, &Promise)| match promise {
        Promise::Status(status) => Expectation {
            attack: attack.clone(),
            routes: Vec::new(),
            status: Some(*status),
            body: None,
        },
        Promise::Full {
            status,
            body,
            routes,
        } => Expectation {
            attack: attack.clone(),
            routes: routes.clone(),
            status: *status,
            body: body.clone(),
        },
    };
    settings.description.expect.iter().map(promise).collect()
}

/// Baseline, sweep and confirmation.
async fn examine(
    lab: &mut Lab<'_>,
    mut warnings: Vec<String>,
    generated: &[(TableId, Vec<RowRef>)],
    clock: &mut Clock,
) -> Result<Report, RunError> {
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
    for weaker in guard::check(lab, &baseline).await? {
        lab.tell(&Event::Warning(weaker.clone()));
        warnings.push(weaker);
    }
    lab.learn_facts().await?;
    clock.lap("baseline");
    stage(lab.listener, "sweep", "attacking");
    lab.fresh().await?;
    let swept = sweep(lab, &baseline).await?;
    clock.lap("sweep");
    let candidates = group(lab, &swept);
    stage(
        lab.listener,
        "confirm",
        "showing each finding by its cause, on fresh state",
    );
    let total = candidates.len();
    let mut findings = Vec::new();
    for (done, candidate) in candidates.into_iter().enumerate() {
        lab.tell(&Event::Progress { done, total });
        let finding = if lab.stop.is_cancelled() {
            Finding {
                proof: "stopped before it could be confirmed".into(),
                ..candidate.finding
            }
        } else {
            confirm(lab, candidate).await?
        };
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
    warnings.extend(
        lab.locked_out
            .iter()
            .map(|(actor, why)| format!("{actor} could not log in: {why}")),
    );
    Ok(report(lab, baseline, swept, findings, warnings, clock))
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
    if let PortOwner::Other(who) = lab.world.port_owner() {
        return Err(RunError::Pair(format!(
            "another program answers on the target's port: {who}"
        )));
    }
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
    if !baseline.paired {
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
    let unshown = swept.unshown();
    Report {
        target: lab.settings.target_name(),
        seed: lab.settings.seed,
        findings,
        advisories: swept.advisories.into_iter().collect(),
        baseline: baseline.table,
        attacks: attacks.collect(),
        unshown,
        inconclusive: swept.reasons.into_iter().collect(),
        warnings,
        world: lab.world.about(),
        watch: lab.world.watch(),
        calls: lab.calls,
        stages: std::mem::take(&mut clock.laps),
        cut_short: swept.cut_short,
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
