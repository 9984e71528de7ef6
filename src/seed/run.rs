//! Seeds a running target: its own command, calls and SQL first, then generated rows in what stays empty.

use super::cast::{self, Caller, Cast};
use super::error::SeedError;
use super::generate::{Filled, Generator};
use super::introspect::introspect;
use super::ownership::ownership;
use super::rows::{execute, read_rows};
use crate::model::event::{Event, Listener};
use crate::model::ownership::Ownership;
use crate::model::route::Route;
use crate::model::rows::RowRef;
use crate::model::schema::{Schema, TableId};
use crate::model::tenant::{Actor, Tenant};
use crate::settings::Settings;
use crate::target::address::addressing;
use crate::target::description::Description;
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
        listener.on(&Event::Note(format!("seeding with the target's own command: {line}")));
        world.command(line).await?;
    }
    let pool = world.pool().clone();
    let schema = introspect(&pool, None).await?;
    let rows = read_rows(&pool, &schema).await?;
    let owners = ownership(&schema, &rows, description)?;
    let mut generator = Generator::new(&schema, &owners, rows, routes, &description.seed, settings.seed)?;
    generator.placeholders = world.values().clone();
    let mut cast = if description.seed.existing {
        execute_all(world, description).await?;
        let rows = read_rows(&pool, &schema).await?;
        cast::existing(&schema, &owners, &rows, description)?
    } else {
        cast::plan(&mut generator, description)
    };
    let mut caller = Caller {
        world,
        target: target(world, description, routes, &schema, &owners)?,
        schema: &schema,
        ownership: &owners,
    };
    if description.seed.existing {
        generator.reload(read_rows(&pool, &schema).await?);
        generator.tenants = cast.tenants(owners.slug.is_some());
    } else {
        cast::make_by_calls(&mut caller, &mut cast).await?;
        execute_all(world, description).await?;
        generator.reload(read_rows(&pool, &schema).await?);
        cast::write(&pool, &mut generator, &mut cast, description).await?;
    }
    caller.target.tenants = cast.tenants(owners.slug.is_some());
    cast::run_calls(&caller, &cast).await?;
    generator.reload(read_rows(&pool, &schema).await?);
    let filled = generator.fill(&pool).await?;
    drop(generator);
    conclude(&pool, schema, owners, cast, filled, description).await
}

/// Rules that depend on rows (schemas of tenants, undeclared references) are found anew once the rows are there.
async fn conclude(
    pool: &sqlx::PgPool,
    schema: Schema,
    before: Ownership,
    mut cast: Cast,
    filled: Vec<Filled>,
    description: &Description,
) -> Result<Seeded, SeedError> {
    let schema = introspect(pool, Some(&schema)).await?;
    let rows = read_rows(pool, &schema).await?;
    let owners = ownership(&schema, &rows, description)?;
    let mut warnings = warnings(&schema, &filled);
    for table in &schema.tables {
        let (was, is) = (before.rules.get(table.id.0), owners.rule(table.id));
        if was.is_some_and(|was| was != is) {
            warnings.push(format!("{table}: once rows were there, its owner is found otherwise ({})", owners.reasons[table.id.0]));
        }
    }
    cast::finish(&mut cast, &schema, &owners, &rows, description)?;
    let tenants = cast.tenants(owners.slug.is_some());
    let mut actors: Vec<Actor> = cast.actors.iter().map(|a| a.actor(&cast.tenants)).collect();
    actors.push(Actor::anonymous(tenants.first().map(|t| t.key.clone())));
    let notes = notes(&schema, &owners, &tenants, &actors, &filled);
    let generated = filled
        .into_iter()
        .flat_map(|f| [(f.table, f.rows), (f.table, f.shared)])
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    Ok(Seeded { schema, ownership: owners, tenants, actors, generated, notes, warnings })
}

async fn execute_all(world: &World, description: &Description) -> Result<(), SeedError> {
    let mut connection = world.pool().acquire().await.map_err(SeedError::database("connect"))?;
    for (index, sql) in description.seed.sql.iter().enumerate() {
        let filled = crate::target::placeholder::fill(sql, world.values()).map_err(|e| SeedError::Unreadable {
            key: format!("seed.sql[{index}]"),
            why: e.to_string(),
        })?;
        execute(&mut connection, &filled).await?;
    }
    Ok(())
}

fn target(
    world: &World,
    description: &Description,
    routes: &[Route],
    schema: &Schema,
    ownership: &Ownership,
) -> Result<Target, SeedError> {
    let addressing = addressing(description, routes, schema, ownership)
        .map_err(|source| SeedError::Step { doing: "tell how tenants are addressed".into(), source })?;
    Ok(Target {
        description: description.clone(),
        base: world.base().to_owned(),
        port: world.port(),
        addressing,
        tenants: Vec::new(),
        values: world.values().clone(),
    })
}

fn warnings(schema: &Schema, filled: &[Filled]) -> Vec<String> {
    let failed = filled.iter().filter_map(|f| Some((f, f.failure.as_ref()?)));
    failed
        .map(|(f, why)| {
            let table = schema.table(f.table);
            if f.rows.is_empty() {
                format!("{table} could not be filled and stays empty: {why}; see seed.values, seed.words and seed.sql")
            } else {
                format!("{table} could not be filled for every tenant: {why}")
            }
        })
        .collect()
}

fn notes(
    schema: &Schema,
    ownership: &Ownership,
    tenants: &[Tenant],
    actors: &[Actor],
    filled: &[Filled],
) -> Vec<String> {
    let rows: usize = filled.iter().map(|f| f.rows.len() + f.shared.len()).sum();
    let tables = filled.iter().filter(|f| !f.rows.is_empty()).count();
    let slugs: Vec<&str> = tenants.iter().map(|t| t.slug.as_str()).collect();
    vec![format!(
        "{} tenants in {} ({}), {} actors, {rows} generated rows in {tables} tables",
        tenants.len(),
        schema.table(ownership.tenants),
        slugs.join(", "),
        actors.len(),
    )]
}
