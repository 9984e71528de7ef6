//! Opens a lab: the world comes up, is seeded and frozen, and what the description names is checked against what is there.

use std::collections::{HashMap, HashSet};

use tokio_util::sync::CancellationToken;

use super::declared;
use super::error::{RunError, ended};
use super::lab::Lab;
use super::run::{Clock, stage};
use crate::attack::ATTACKS;
use crate::model::event::{Event, Listener};
use crate::model::knowledge::{Background, Knowledge};
use crate::model::observed::Observed;
use crate::model::reference::learn_references;
use crate::model::route::{Route, RouteId};
use crate::model::rows::RowRef;
use crate::model::schema::TableId;
use crate::model::secret::Secrets;
use crate::model::tenant::{Actor, Standing};
use crate::seed::{self, SeedError};
use crate::settings::Settings;
use crate::target::TargetError;
use crate::target::render::Target;
use crate::target::{address, route};
use crate::world::{PortOwner, World};

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
    declared::attacks(settings)?;
    stage(listener, "world", "starting Postgres and the target");
    let mut world = World::up(settings, listener)
        .await
        .map_err(|error| RunError::from(error).masked(&settings.known_secrets()))?;
    clock.lap("world");
    match set_up(settings, &mut world, listener, clock).await {
        Ok((target, routes, knowledge, warnings, generated, secrets)) => {
            let mut lab = Lab::new(settings, world, target, routes, knowledge, listener, stop);
            lab.note_secrets(&secrets);
            match lab.learn_facts().await {
                Ok(()) => Ok(Opened {
                    lab,
                    warnings,
                    generated,
                }),
                Err(error) => ended(Err(error), lab.world.close().await, listener),
            }
        }
        Err(error) => {
            let mut secrets = settings.known_secrets();
            secrets.extend(world.values().secrets());
            ended(Err(error.masked(&secrets)), world.close().await, listener)
        }
    }
}

type SetUp = (
    Target,
    Vec<Route>,
    Knowledge,
    Vec<String>,
    Vec<(TableId, Vec<RowRef>)>,
    Secrets,
);

async fn set_up(
    settings: &Settings,
    world: &mut World,
    listener: &dyn Listener,
    clock: &mut Clock,
) -> Result<SetUp, RunError> {
    if let PortOwner::Other(who) = world.port_owner() {
        return Err(RunError::Pair(format!(
            "another program answers on the target's port: {who}"
        )));
    }
    let description = &settings.description;
    let document = document(settings, world).await?;
    let ready = description.target.ready.as_ref();
    let routes = route::routes(document.as_ref(), &description.routes, ready)
        .map_err(|e| settings.route_error(&e))?;
    selected(settings, &routes)?;
    declared::routes(settings, &routes)?;
    declared::aggregates(settings, &routes)?;
    stage(listener, "seed", "making tenants, users and rows");
    let seeded = match seed::run(world, settings, &routes, listener).await {
        Ok(seeded) => seeded,
        Err(error) => return Err(explained(settings, world, error).await),
    };
    clock.lap("seed");
    declared::names(settings, &seeded.schema, seeded.ownership.users)?;
    stage(
        listener,
        "freeze",
        "keeping the seeded database as a template",
    );
    world.freeze().await?;
    let pool = world.pool();
    let schema = seed::introspect(pool, Some(&seeded.schema)).await?;
    let rows = seed::read_rows(pool, &schema).await?;
    let mut canaries = seed::canaries(&schema, &seeded.ownership, &rows, &seeded.tenants);
    if let Some(document) = &document {
        seed::bar_document(&mut canaries, document);
    }
    let visibility = seed::visibility(
        pool,
        &schema,
        &seeded.ownership,
        &seeded.tenants,
        description,
    )
    .await
    .map_err(|error| placed(settings, error))?;
    let addressing = address::addressing(description, &routes, &schema, &seeded.ownership)
        .map_err(|error| settings.error_at("tenant.address", error.to_string(), None))?;
    let target = Target::new(
        description.clone(),
        world.base(),
        world.port(),
        addressing,
        seeded.tenants.clone(),
        world.values().clone(),
    );
    let references = learn_references(&schema, &rows);
    let open_references = declared::open_references(settings, &schema)?;
    let public = routes.iter().filter(|r| r.public);
    let public = public.map(|r| r.id.clone()).collect();
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
        observed: Observed::default(),
        tenants: seeded.tenants,
        actors,
        visibility,
        background: Background::default(),
        sent: HashMap::new(),
        expectations: declared::expectations(settings),
        log: settings.description.log.clone(),
        figures: Vec::new(),
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
    Ok((
        target,
        routes,
        knowledge,
        seeded.warnings,
        seeded.generated,
        seeded.secrets,
    ))
}

/// Every word of `--only` and `--skip` fits something.
fn selected(settings: &Settings, routes: &[Route]) -> Result<(), RunError> {
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
    Ok(())
}

/// A seeding error with its place in the description, where it has one.
fn placed(settings: &Settings, error: SeedError) -> RunError {
    let key = match &error {
        SeedError::UnknownTable { key, .. }
        | SeedError::UnknownColumn { key, .. }
        | SeedError::Unreadable { key, .. } => key,
        SeedError::Step {
            source: TargetError::Placeholder { at, .. } | TargetError::Astray { at, .. },
            ..
        } => at,
        _ => return error.into(),
    };
    settings.error_at(key, error.to_string(), None).into()
}

/// A call or a statement may have failed over a name that does not exist: then that is what is told.
async fn explained(settings: &Settings, world: &World, error: SeedError) -> RunError {
    let pool = world.pool();
    let named = async {
        let schema = seed::introspect(pool, None).await.ok()?;
        let rows = seed::read_rows(pool, &schema).await.ok()?;
        let owners = seed::ownership(&schema, &rows, &settings.description).ok()?;
        declared::names(settings, &schema, owners.users).err()
    };
    match named.await {
        Some(named) => named.into(),
        None => placed(settings, error),
    }
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
            let said = format!("{} cannot be read: {e}", path.display());
            let help =
                "write a file, a url, or a path of the target such as `/openapi.json`".to_owned();
            settings.error_at("routes.openapi", said, Some(help))
        })?
    };
    Ok(Some(
        route::parse_document(&text).map_err(|e| settings.route_error(&e))?,
    ))
}
