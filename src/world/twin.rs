//! A twin of a frozen world: another target on a clone of its own, on the same server, so that calls go on side by side.

use sqlx::postgres::PgConnectOptions;

use super::changes::Pending;
use super::owner;
use super::postgres::roles::Roles;
use super::postgres::{Inside, Server, database};
use super::program::Surroundings;
use super::run::Run;
use super::sessions::Sessions;
use super::target::Target;
use super::up::free_port;
use super::{State, World, WorldError, http};
use crate::target::description::Description;
use crate::target::placeholder::Values;

/// What a twin is made from; it may be taken to another thread, whose runtime the twin's sessions then belong to.
pub struct Twin {
    options: PgConnectOptions,
    inside: Option<Inside>,
    login: (String, String),
    origin: String,
    roles: Roles,
    template: String,
    description: Description,
    surroundings: Surroundings,
    values: Values,
}

impl World {
    /// What a twin is made from; or why there can be none, in words.
    pub fn twin(&self) -> Result<Twin, &'static str> {
        let (State::Cloned { template, .. }, Some(roles)) = (&self.state, &self.roles) else {
            return Err("the target runs already, on a database that cannot be cloned");
        };
        if !self.services.is_empty() {
            return Err("what its companions keep cannot be cloned");
        }
        if self.description.target.compose.is_some() {
            return Err("what the other services of its Compose file keep cannot be cloned");
        }
        let server = &self.server;
        Ok(Twin {
            options: server.options.clone(),
            inside: server.inside.clone(),
            login: (server.user.clone(), server.password.clone()),
            origin: server.origin.clone(),
            roles: roles.clone(),
            template: template.clone(),
            description: self.description.clone(),
            surroundings: self.surroundings.clone(),
            values: self.values.clone(),
        })
    }
}

impl Twin {
    /// Clones the template and starts a target on the clone.
    pub async fn up(self) -> Result<World, WorldError> {
        // What a dead run left was removed when the first world came up.
        let (run, _) = Run::begin()?;
        let prefix = owner::prefix(&run);
        let mut server = Server::meet(self.options, self.login, prefix, self.origin).await?;
        server.inside = self.inside;
        let live = format!("{}_app", server.prefix);
        database::clone(&server.admin, &self.template, &live).await?;
        let mut values = self.values;
        values.insert("port", free_port()?.to_string());
        self.roles
            .values(&server.host, server.port, &live, &mut values);
        let surroundings = Surroundings {
            mark: format!("{}:target", run.token()),
            ..self.surroundings
        };
        let limits = &self.description.limits;
        let target = &self.description.target;
        let pending = Pending::new(server.application()).into();
        let mut world = World {
            client: http::Client::new(limits, &target.allow_hosts)
                .map_err(WorldError::Description)?,
            target: Target::of(target, surroundings.clone())?,
            services: Vec::new(),
            sessions: Sessions::open(&server, &live).await?,
            state: State::Cloned {
                live,
                template: self.template,
            },
            server,
            run,
            roles: Some(self.roles),
            description: self.description,
            surroundings,
            values,
            base: String::new(),
            pending,
            notes: Vec::new(),
        };
        world.watch_rows().await?;
        world.first_start().await?;
        Ok(world)
    }
}
