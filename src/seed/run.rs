//! Seeds a running target: its own command, calls and SQL first, then generated rows in what stays empty.

use std::sync::Mutex;

use sqlx::PgPool;

use super::cast::{self, Caller, Cast};
use super::error::SeedError;
use super::generate::{Filled, Generator};
use super::introspect::introspect;
use super::ownership::{again, ownership};
use super::rows::{execute_as, read_rows, shortened};
use super::told;
use crate::model::event::{Event, Listener};
use crate::model::ownership::Ownership;
use crate::model::route::Route;
use crate::model::rows::RowRef;
use crate::model::schema::{Schema, TableId};
use crate::model::secret::Secrets;
use crate::model::tenant::{Actor, Tenant};
use crate::settings::Settings;
use crate::target::address::addressing;
use crate::target::description::Description;
use crate::target::placeholder::{Values, fill};
use crate::target::render::Target;
use crate::world::World;

/// A seeded database.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// The tables.
    pub schema: Schema,
    /// Whose rows are whose.
    pub ownership: Ownership,
    /// The tenants; the control tenant last.
    pub tenants: Vec<Tenant>,
    /// The cast, the anonymous caller included.
    pub actors: Vec<Actor>,
    /// Generated rows, parents first, for probation: a table may stand twice, the second time with its rows of no tenant.
    pub generated: Vec<(TableId, Vec<RowRef>)>,
    /// What is worth saying.
    pub notes: Vec<String>,
    /// What weakens the result: tables that could not be filled, and why.
    pub warnings: Vec<String>,
    /// Credentials that its calls used.
    pub secrets: Secrets,
}

/// Seeds the database that the target runs on. The target must answer where the description seeds by calls.
pub async fn run(
    world: &mut World,
    settings: &Settings,
    routes: &[Route],
    listener: &dyn Listener,
) -> Result<Seeded, SeedError> {
    let description = &settings.description;
    if let Some(line) = &description.seed.command {
        listener.on(&Event::Note(format!(
            "seeding with the target's own command: {line}"
        )));
        world.command(line).await?;
    }
    let pool = world.pool().clone();
    Run {
        world: Some(world),
        pool: &pool,
        description,
        routes,
        seed: settings.seed,
    }
    .seed()
    .await
}

/// Seeds a database by SQL and rows alone: no command and no calls of the target.
pub async fn run_rows(
    pool: &PgPool,
    description: &Description,
    routes: &[Route],
    seed: u64,
) -> Result<Seeded, SeedError> {
    Run {
        world: None,
        pool,
        description,
        routes,
        seed,
    }
    .seed()
    .await
}

struct Run<'a> {
    world: Option<&'a World>,
    pool: &'a PgPool,
    description: &'a Description,
    routes: &'a [Route],
    seed: u64,
}

impl Run<'_> {
    async fn seed(&self) -> Result<Seeded, SeedError> {
        let schema = introspect(self.pool, None).await?;
        let rows = read_rows(self.pool, &schema).await?;
        let early = self.early(&schema);
        let owners = ownership(&schema, &rows, &early)?;
        let mut generator =
            Generator::new(&schema, &owners, rows, self.routes, &early.seed, self.seed)?;
        generator.placeholders = self.values();
        let mut caller = self.caller(&schema, &owners)?;
        let cast = if self.description.seed.existing {
            self.sql().await?;
            let rows = read_rows(self.pool, &schema).await?;
            let cast = cast::existing(&schema, &owners, &rows, self.description)?;
            generator.tenants = cast.tenants(owners.slug.is_some());
            cast
        } else {
            let mut cast = cast::plan(&mut generator, self.description);
            if let Some(caller) = &mut caller {
                cast::make_by_calls(caller, &mut cast).await?;
            }
            self.sql().await?;
            generator.reload(read_rows(self.pool, &schema).await?);
            cast::write(self.pool, &mut generator, &mut cast, self.description).await?;
            cast
        };
        if let Some(caller) = &mut caller {
            caller.target.tenants = cast.tenants(owners.slug.is_some());
            cast::run_calls(caller, &cast).await?;
        }
        // The target may have made tables of its own when it was called first.
        let grown = introspect(self.pool, Some(&schema)).await?;
        let rows = read_rows(self.pool, &grown).await?;
        let now = again(&grown, &rows, self.description, &owners)?;
        let described = &self.description.seed;
        let mut generator = generator.moved(&grown, &now, rows, self.routes, described)?;
        let filled = generator.fill(self.pool).await?;
        drop(generator);
        let credentials = caller.map(|c| c.credentials.into_inner());
        let mut seeded = conclude(self.pool, grown, now, cast, filled, self.description).await?;
        if let Some(Ok(credentials)) = credentials {
            seeded.secrets = credentials;
        }
        Ok(seeded)
    }

    /// The description as it can be read before any call: tables that it names and that are not there yet may come by one.
    fn early(&self, schema: &Schema) -> Description {
        let mut early = self.description.clone();
        let seed = &mut early.seed;
        let calls = [
            &seed.register,
            &seed.create_tenant,
            &seed.add_member,
            &seed.calls,
        ];
        if seed.sql.is_empty() && (self.world.is_none() || calls.iter().all(|c| c.is_empty())) {
            return early;
        }
        let stands = |table: &str| schema.by_name(table).is_some();
        let column_stands = |name: &str| name.rsplit_once('.').is_none_or(|(t, _)| stands(t));
        seed.words.retain(|name, _| column_stands(name));
        seed.values.retain(|name, _| column_stands(name));
        seed.skip.retain(|name| stands(name));
        early.tenant.columns.retain(|name, _| stands(name));
        early
    }

    fn values(&self) -> Values {
        self.world
            .map_or_else(Values::new, |world| world.values().clone())
    }

    fn caller<'a>(
        &'a self,
        schema: &'a Schema,
        ownership: &'a Ownership,
    ) -> Result<Option<Caller<'a>>, SeedError> {
        let Some(world) = self.world else {
            return Ok(None);
        };
        let addressing =
            addressing(self.description, self.routes, schema, ownership).map_err(|source| {
                SeedError::Step {
                    doing: "tell how tenants are addressed".into(),
                    source,
                }
            })?;
        let target = Target {
            description: self.description.clone(),
            base: world.base().to_owned(),
            port: world.port(),
            addressing,
            tenants: Vec::new(),
            values: world.values().clone(),
        };
        Ok(Some(Caller {
            world,
            target,
            schema,
            ownership,
            credentials: Mutex::default(),
        }))
    }

    /// The description's SQL, before any row is generated.
    async fn sql(&self) -> Result<(), SeedError> {
        let mut connection = self
            .pool
            .acquire()
            .await
            .map_err(SeedError::database("connect"))?;
        for (index, sql) in self.description.seed.sql.iter().enumerate() {
            let filled = fill(sql, &self.values()).map_err(|e| SeedError::Unreadable {
                key: format!("seed.sql[{index}]"),
                why: e.to_string(),
            })?;
            // As it was written: what fills it may be a secret.
            let doing = format!("run seed.sql[{index}], `{}`", shortened(sql));
            execute_as(&mut connection, &filled, &doing).await?;
        }
        Ok(())
    }
}

/// Rules that depend on rows (schemas of tenants, undeclared references) are found anew once the rows are there.
async fn conclude(
    pool: &PgPool,
    schema: Schema,
    before: Ownership,
    mut cast: Cast,
    filled: Vec<Filled>,
    description: &Description,
) -> Result<Seeded, SeedError> {
    let schema = introspect(pool, Some(&schema)).await?;
    let rows = read_rows(pool, &schema).await?;
    let owners = ownership(&schema, &rows, description)?;
    let mut warnings = told::warnings(&schema, &filled);
    warnings.extend(told::empty(
        &schema,
        &owners,
        &rows,
        &cast,
        &filled,
        description,
    ));
    for table in &schema.tables {
        let (was, is) = (before.rules.get(table.id.0), owners.rule(table.id));
        if was.is_some_and(|was| was != is) {
            warnings.push(format!(
                "{table}: once rows were there, its owner is found otherwise ({})",
                owners.reasons[table.id.0]
            ));
        }
    }
    cast::finish(&mut cast, &schema, &owners, &rows, description)?;
    let tenants = cast.tenants(owners.slug.is_some());
    let mut actors: Vec<Actor> = cast
        .actors
        .iter()
        .filter(|a| !a.bystander)
        .map(|a| a.actor(&cast.tenants))
        .collect();
    actors.push(Actor::anonymous(tenants.first().map(|t| t.key.clone())));
    let notes = told::notes(&schema, &owners, &tenants, &actors, &filled);
    let generated = filled
        .into_iter()
        .flat_map(|f| [(f.table, f.rows), (f.table, f.shared)])
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    Ok(Seeded {
        schema,
        ownership: owners,
        tenants,
        actors,
        generated,
        notes,
        warnings,
        secrets: Secrets::default(),
    })
}
