//! Makes tenants, users and memberships by the target's own calls.

use std::sync::Mutex;

use super::again::{met, unlike_others};
use super::{Cast, CastActor};
use crate::model::exchange::Failure;
use crate::model::ownership::Ownership;
use crate::model::rows::{Row, Rows};
use crate::model::schema::{Schema, TableId};
use crate::model::secret::Secrets;
use crate::model::tenant::{Standing, Tenant};
use crate::seed::rows::{execute_as, query, read_rows};
use crate::seed::{SeedError, login_column};
use crate::target::description::Step;
use crate::target::placeholder::Values;
use crate::target::recipe::{Answer, Need, Recipe};
use crate::target::render::Target;
use crate::target::session::Session;
use crate::world::World;

/// What calls need.
pub struct Caller<'a> {
    /// The running world.
    pub world: &'a World,
    /// The target; its tenants grow while they are made.
    pub target: Target,
    /// The tables.
    pub schema: &'a Schema,
    /// Whose rows are whose.
    pub ownership: &'a Ownership,
    /// What its sessions held: that must not be printed.
    pub credentials: Mutex<Secrets>,
}

impl Caller<'_> {
    /// Runs a recipe to its end.
    async fn perform(&self, mut recipe: Recipe, doing: &str) -> Result<Session, SeedError> {
        let mut answer = None;
        loop {
            let need = recipe
                .next(answer.take())
                .map_err(|source| SeedError::Step {
                    doing: doing.to_owned(),
                    source,
                })?;
            answer = Some(match need {
                Need::Send(wire) => match self.world.send(&wire).await.outcome {
                    Ok(response) => {
                        self.world.committed().await?;
                        Answer::Response(response)
                    }
                    Err(failure) => return Err(unanswered(doing, failure)),
                },
                Need::Query(sql) => {
                    let mut connection = self
                        .world
                        .pool()
                        .acquire()
                        .await
                        .map_err(SeedError::database("connect"))?;
                    let rows = query(&mut connection, &sql)
                        .await
                        .map_err(SeedError::database(doing))?;
                    Answer::Value(
                        rows.first()
                            .and_then(|r| r.first())
                            .and_then(|v| v.as_deref().map(str::to_owned)),
                    )
                }
                Need::Execute(sql) => {
                    let mut connection = self
                        .world
                        .pool()
                        .acquire()
                        .await
                        .map_err(SeedError::database("connect"))?;
                    execute_as(&mut connection, &sql, doing).await?;
                    Answer::Value(None)
                }
                Need::Done(session) => {
                    let mut credentials = self.credentials.lock();
                    let known = credentials.as_mut().unwrap_or_else(|e| e.get_mut());
                    known.extend(session.secrets());
                    return Ok(session);
                }
            });
        }
    }

    /// Makes calls; gives what was taken from their answers.
    async fn steps(
        &self,
        steps: &[Step],
        session: Option<Session>,
        values: Values,
        tenant: Option<&Tenant>,
        doing: &str,
    ) -> Result<Session, SeedError> {
        self.perform(
            Recipe::steps(&self.target, steps, session, values, tenant),
            doing,
        )
        .await
    }

    /// Logs an actor in; `None` where no log-in is described for it.
    async fn login(&self, cast: &Cast, actor: &CastActor) -> Result<Option<Session>, SeedError> {
        let who = actor.actor(&cast.tenants);
        let Some(login) = self.target.login_for(&who) else {
            return Ok(None);
        };
        let tenant = who
            .tenant
            .as_deref()
            .and_then(|key| self.target.tenant(key).ok());
        let doing = format!("log {} in", who.id);
        let recipe =
            Recipe::login(&self.target, login, &who, tenant).map_err(|source| SeedError::Step {
                doing: doing.clone(),
                source,
            })?;
        self.world.pace_login().await;
        self.perform(recipe, &doing).await.map(Some)
    }

    async fn rows(&self) -> Result<Rows, SeedError> {
        read_rows(self.world.pool(), self.schema).await
    }
}

fn unanswered(doing: &str, failure: Failure) -> SeedError {
    SeedError::Unanswered {
        doing: doing.to_owned(),
        failure,
    }
}

/// What placeholders of a seeding step stand for: the user and the tenant that it is about.
fn values(cast: &Cast, actor: &CastActor, tenant: Option<usize>, taken: &Values) -> Values {
    let mut values = taken.clone();
    for (name, value) in &actor.fields {
        values.insert(format!("user.{name}"), value.clone());
    }
    if let Some(email) = actor.fields.get("email") {
        values.insert("user.login", email.clone());
    }
    if let Some(tenant) = tenant.map(|t| &cast.tenants[t]) {
        values.insert("tenant.slug", tenant.slug.clone());
        values.insert("tenant.name", tenant.name.clone());
        if let Some(key) = &tenant.key {
            values.insert("tenant.key", &**key);
            values.insert("tenant.id", &**key);
        }
    }
    values
}

/// Registers users, makes tenants and memberships, as far as the description has calls for them.
pub async fn make_by_calls(caller: &mut Caller<'_>, cast: &mut Cast) -> Result<(), SeedError> {
    let seed = caller.target.description.seed.clone();
    let mut sessions: Vec<Option<Session>> = vec![None; cast.actors.len()];
    let mut registered = false;
    for index in 0..cast.actors.len() {
        let actor = cast.actors[index].clone();
        if actor.bystander {
            continue;
        }
        let home = actor.home;
        let first = home.is_some_and(|t| cast.first_of(t) == Some(index));
        let makes_tenant = first && !seed.create_tenant.is_empty();
        let before = caller.rows().await?;
        if met(caller, cast, index, &before)? {
            registered = true;
            continue;
        }
        if let Some(home) = home.filter(|_| makes_tenant) {
            unlike_others(&mut cast.tenants[home], &actor, caller.ownership, &before);
        }
        let mut taken = Values::new();
        let registers =
            !seed.register.is_empty() && (makes_tenant || !seed.copy_hash || !registered);
        if registers {
            let given = values(cast, &actor, home, &taken);
            let doing = format!("register {}", actor.id);
            let session = caller
                .steps(&seed.register, None, given, None, &doing)
                .await?;
            taken.extend(&session.taken);
            adopt(caller, cast, index, &before).await?;
        }
        if makes_tenant && home.is_some_and(|t| cast.tenants[t].key.is_none()) {
            // Somebody who is registered makes the tenant as itself; else the call makes both.
            let session = if registers {
                caller.login(cast, &cast.actors[index]).await?
            } else {
                None
            };
            let given = values(cast, &cast.actors[index], home, &taken);
            let doing = format!(
                "create the tenant {}",
                home.map_or("", |t| cast.tenants[t].slug.as_str())
            );
            let made = caller
                .steps(&seed.create_tenant, session, given, None, &doing)
                .await?;
            taken.extend(&made.taken);
            adopt(caller, cast, index, &before).await?;
        }
        registered |= cast.actors[index].row.is_some();
        if !seed.add_member.is_empty() && !first {
            for tenant in actor.memberships {
                add_member(
                    caller,
                    cast,
                    index,
                    tenant,
                    &seed.add_member,
                    &taken,
                    &mut sessions,
                )
                .await?;
            }
            adopt(caller, cast, index, &before).await?;
        }
    }
    Ok(())
}

/// Makes a user a member, as the tenant's first user.
async fn add_member(
    caller: &Caller<'_>,
    cast: &Cast,
    index: usize,
    tenant: usize,
    steps: &[Step],
    taken: &Values,
    sessions: &mut [Option<Session>],
) -> Result<(), SeedError> {
    let Some(first) = cast
        .first_of(tenant)
        .filter(|f| cast.actors[*f].row.is_some())
    else {
        return Ok(());
    };
    if sessions[first].is_none() {
        sessions[first] = caller.login(cast, &cast.actors[first]).await?;
    }
    let key = cast.tenants[tenant].key.clone();
    let known = key
        .as_deref()
        .and_then(|k| caller.target.tenant(k).ok())
        .cloned();
    let mut given = values(cast, &cast.actors[index], Some(tenant), taken);
    for (actor, prefixes) in [(first, ["first", "owner"].as_slice()), (index, &["member"])] {
        for (name, value) in &cast.actors[actor].fields {
            for prefix in prefixes {
                given.insert(format!("{prefix}.{name}"), value.clone());
            }
        }
    }
    let doing = format!(
        "make {} a member of {}",
        cast.actors[index].id, cast.tenants[tenant].slug
    );
    caller
        .steps(
            steps,
            sessions[first].clone(),
            given,
            known.as_ref(),
            &doing,
        )
        .await
        .map(|_| ())
}

/// Finds the rows that calls made: the user by its log-in name, and a tenant that was not there before.
async fn adopt(
    caller: &mut Caller<'_>,
    cast: &mut Cast,
    index: usize,
    before: &Rows,
) -> Result<(), SeedError> {
    let rows = caller.rows().await?;
    let ownership = caller.ownership;
    if let Some(users) = ownership.users {
        let table = caller.schema.table(users);
        let column = login_column(table, &caller.target.description)?;
        let fresh = new_rows(before, &rows, users);
        let named = column.and_then(|c| {
            let names: Vec<&String> = cast.actors[index].fields.values().collect();
            let is = |row: &&Row| {
                row[c]
                    .as_deref()
                    .is_some_and(|v| names.iter().any(|n| n.eq_ignore_ascii_case(v)))
            };
            rows.of(users).map(|(_, row)| row).find(is).cloned()
        });
        let row = named.or_else(|| fresh.first().cloned());
        if let Some(row) = row {
            super::found::take_fields(
                &mut cast.actors[index],
                table,
                &row,
                &caller.target.description,
            )?;
        }
    }
    let Some(home) = cast.actors[index].home else {
        return Ok(());
    };
    if cast.tenants[home].key.is_some() || cast.actors[index].standing != Standing::Member {
        return Ok(());
    }
    let slugged = |row: &&Row| {
        ownership
            .slug
            .is_some_and(|s| row[s].as_deref() == Some(cast.tenants[home].slug.as_str()))
    };
    let made = new_rows(before, &rows, ownership.tenants);
    let stands = made.iter().find(slugged).or(made.first());
    if let Some(row) = stands {
        let tenant = &mut cast.tenants[home];
        tenant.key.clone_from(&row[ownership.key]);
        if let Some(slug) = ownership.slug.and_then(|s| row[s].as_deref()) {
            slug.clone_into(&mut tenant.slug);
        }
        caller.target.tenants = cast.tenants(ownership.slug.is_some());
    }
    Ok(())
}

/// Rows that were not there before, in a stable order.
fn new_rows(before: &Rows, after: &Rows, table: TableId) -> Vec<Row> {
    let mut fresh: Vec<_> = after
        .of(table)
        .filter(|(at, _)| before.get(at).is_none())
        .collect();
    fresh.sort();
    fresh.into_iter().map(|(_, row)| row.clone()).collect()
}

/// The description's own calls, once a tenant, as its strongest user.
pub async fn run_calls(caller: &Caller<'_>, cast: &Cast) -> Result<(), SeedError> {
    let steps = &caller.target.description.seed.calls;
    if steps.is_empty() {
        return Ok(());
    }
    for (index, tenant) in cast.tenants.iter().enumerate().filter(|(_, t)| !t.control) {
        let Some(first) = cast.first_of(index) else {
            continue;
        };
        let actor = &cast.actors[first];
        let session = caller.login(cast, actor).await?;
        let known = tenant
            .key
            .as_deref()
            .and_then(|k| caller.target.tenant(k).ok())
            .cloned();
        let given = values(cast, actor, Some(index), &Values::new());
        let doing = format!("make the calls of seed.calls as {}", actor.id);
        caller
            .steps(steps, session, given, known.as_ref(), &doing)
            .await?;
    }
    Ok(())
}
