//! World up: the dead are reaped, a server found, roles and an empty database made, companions and the target started.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::AssertSqlSafe;

use super::changes::Pending;
use super::container::Engine;
use super::postgres::{self, Server, database, roles::Roles};
use super::program::{self, Surroundings};
use super::run::Run;
use super::sessions::Sessions;
use super::target::Target;
use super::{State, World, WorldError, guard, http, services, system};
use crate::model::event::{Event, Listener};
use crate::model::schema::quote;
use crate::settings::Settings;
use crate::target::description::Description;
use crate::target::placeholder::Values;

/// How long a command of the description may take.
pub const COMMAND: Duration = Duration::from_mins(5);

/// How long a set-up command may take: it may install and compile.
const SETUP: Duration = Duration::from_mins(30);

impl World {
    /// Starts everything; the target runs on a database with empty tables when this returns.
    pub async fn up(settings: &Settings, listener: &dyn Listener) -> Result<Self, WorldError> {
        let description = &settings.description;
        let note = |text: String| listener.on(&Event::Note(text));
        let (run, reaped) = Run::begin()?;
        reaped.into_iter().for_each(note);
        let surroundings = surroundings(settings, &run)?;
        let target = Target::of(&description.target, surroundings.clone())?;
        let client = http::Client::new(&description.limits, &description.target.allow_hosts)
            .map_err(WorldError::Description)?;

        let parts = Parts {
            settings,
            description,
            listener,
        };
        let (server, roles, state, sessions, values) = match &target {
            Target::Ours(_) => parts.scratch(&run).await?,
            Target::Running { url } => parts.borrowed(url, &run).await?,
        };
        let pending = Pending::new(server.application()).into();
        let mut world = Self {
            client,
            target,
            services: Vec::new(),
            sessions,
            state,
            server,
            run,
            roles,
            description: description.clone(),
            surroundings,
            values,
            base: String::new(),
            pending,
            notes: Vec::new(),
        };
        note(world.about());
        let started = match world.set_up(listener).await {
            Ok(()) => world.first_start().await,
            failed => failed,
        };
        match started {
            Ok(()) => Ok(world),
            Err(error) => {
                if let Err(second) = world.close().await {
                    note(format!("what was started could not be ended: {second}"));
                }
                Err(error)
            }
        }
    }

    /// Companions and set-up commands.
    async fn set_up(&mut self, listener: &dyn Listener) -> Result<(), WorldError> {
        for service in &self.description.service {
            let started =
                services::start(service, &self.surroundings.dir, &self.values, &self.run).await?;
            self.services.push(started);
        }
        let target = &self.description.target;
        if let Some(image) = &target.image {
            Engine::find().await?.announce(image, listener).await?;
        }
        let done = target
            .setup_done
            .as_ref()
            .is_some_and(|path| self.surroundings.dir.join(path).exists());
        if done {
            return Ok(());
        }
        for line in &target.setup {
            listener.on(&Event::Note(format!("set-up: {line}")));
            let command = self
                .surroundings
                .installer("target.setup", line, &self.values)?;
            program::finish(command, line, SETUP, &self.values).await?;
        }
        Ok(())
    }

    /// Starts the target. Somebody else may have taken its port since it was found free: then it gets another one.
    pub(super) async fn first_start(&mut self) -> Result<(), WorldError> {
        for _ in 0..2 {
            match self.start_target().await {
                Err(
                    WorldError::NotReady { output: said, .. }
                    | WorldError::Container { what: said, .. },
                ) if taken(&said) => {
                    let port = free_port()?;
                    self.values.insert("port", port.to_string());
                }
                other => return other,
            }
        }
        self.start_target().await
    }
}

/// Whether a program failed since its port was taken.
fn taken(output: &str) -> bool {
    let output = output.to_lowercase();
    [
        "address already in use",
        "eaddrinuse",
        "port is already allocated",
    ]
    .iter()
    .any(|said| output.contains(said))
}

/// A port that nobody listens on now.
pub(super) fn free_port() -> Result<u16, WorldError> {
    system::free_port().map_err(WorldError::file("find a free port below", "/"))
}

/// The target's folder must be there: a program that cannot be found for it would be a riddle.
fn surroundings(settings: &Settings, run: &Run) -> Result<Surroundings, WorldError> {
    let target = &settings.description.target;
    let base = if settings.dir.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        settings.dir.clone()
    };
    let dir = base.join(target.dir.clone().unwrap_or_default());
    let dir = dir
        .canonicalize()
        .map_err(WorldError::file("find target.dir", &dir))?;
    Ok(Surroundings {
        dir,
        env: target.env.clone(),
        mark: format!("{}:target", run.token()),
    })
}

/// What the making of databases needs.
struct Parts<'a> {
    settings: &'a Settings,
    description: &'a Description,
    listener: &'a dyn Listener,
}

type Made = (Server, Option<Roles>, State, Sessions, Values);

impl Parts<'_> {
    /// A server, roles and an empty database of ours.
    async fn scratch(&self, run: &Run) -> Result<Made, WorldError> {
        let mut server = postgres::serve(self.description, run, self.listener).await?;
        match self.prepared(&server).await {
            Ok((roles, state, sessions, values)) => {
                Ok((server, Some(roles), state, sessions, values))
            }
            Err(error) => {
                if let Err(second) = server.end(run).await {
                    let said = format!("what was started could not be ended: {second}");
                    self.listener.on(&Event::Note(said));
                }
                Err(error)
            }
        }
    }

    /// Roles and an empty database of ours, once what the dead left is removed.
    async fn prepared(
        &self,
        server: &Server,
    ) -> Result<(Roles, State, Sessions, Values), WorldError> {
        let database = &self.description.database;
        for said in server.reap().await? {
            self.listener.on(&Event::Note(said));
        }
        let roles = Roles::plan(database, &server.prefix)?;
        roles.create(server).await?;
        let live = format!("{}_app", server.prefix);
        database::create(&server.admin, &live, &roles.owner, database).await?;
        let sessions = Sessions::open(server, &live).await?;
        roles.settle_in(&sessions.pool).await?;
        let mut values = self.values()?;
        values.insert("port", free_port()?.to_string());
        roles.values(&server.host, server.port, &live, &mut values);
        self.set_up_database(&sessions, &values).await?;
        Ok((roles, State::Filling { live }, sessions, values))
    }

    /// The database that a running target uses: nothing is made or dropped in it.
    async fn borrowed(&self, url: &str, run: &Run) -> Result<Made, WorldError> {
        let allow = &self.description.target.allow_hosts;
        let parsed = url::Url::parse(url)
            .map_err(|e| WorldError::Description(format!("target.url `{url}`: {e}")))?;
        let host = parsed.host_str().unwrap_or_default();
        if !guard::allowed(host, allow).await {
            return Err(WorldError::NotAllowed(format!("the target at {host}")));
        }
        let named = self.description.database.url.as_deref().ok_or_else(|| {
            WorldError::Description(
                "target.url names a target that runs already: database.url must name the database that it uses, or nobody could say whose rows it shows"
                    .to_owned(),
            )
        })?;
        let server = postgres::connect(named, allow, run).await?;
        let live = server.maintenance().to_owned();
        let sessions = Sessions::open(&server, &live).await?;
        let mut values = self.values()?;
        let port = parsed.port_or_known_default().unwrap_or_default();
        values.insert("port", port.to_string());
        Ok((
            server,
            None,
            State::Borrowed { live, mark: None },
            sessions,
            values,
        ))
    }

    /// Secrets and the ports of companions.
    fn values(&self) -> Result<Values, WorldError> {
        let mut values = self.settings.secrets.clone();
        services::assign_ports(&self.description.service, &mut values)?;
        Ok(values)
    }

    /// Extensions and the description's own SQL, as superuser.
    async fn set_up_database(
        &self,
        sessions: &Sessions,
        values: &Values,
    ) -> Result<(), WorldError> {
        let database = &self.description.database;
        let extensions = database.extensions.iter().map(|e| {
            (
                "database.extensions",
                format!("CREATE EXTENSION IF NOT EXISTS {}", quote(e)),
            )
        });
        let mut statements: Vec<(&str, String)> = extensions.collect();
        for template in &database.setup {
            let sql = program::filled("database.setup", template, values)?;
            statements.push(("database.setup", sql));
        }
        for (key, sql) in statements {
            sqlx::raw_sql(AssertSqlSafe(sql.clone()))
                .execute(&sessions.pool)
                .await
                .map_err(|source| WorldError::Sql {
                    key: key.to_owned(),
                    sql: values.redact(&sql),
                    source,
                })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_recognised() {
        assert!(taken("OSError: [Errno 98] Address already in use"));
        assert!(taken("Error: listen EADDRINUSE: :::3000"));
        assert!(!taken("no such table"));
    }
}
