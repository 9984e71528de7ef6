//! The life of a world: the target's starts and stops, freezing, fresh state, the end.

use super::changes::{Compared, RawChange};
use super::postgres::database;
use super::sessions::Sessions;
use super::target::Site;
use super::{State, World, WorldError};

impl World {
    /// Stops the target, where it is ours.
    pub async fn stop_target(&mut self) -> Result<(), WorldError> {
        self.client.disconnect().map_err(WorldError::Description)?;
        self.target.stop(&self.run).await
    }

    /// Starts the target on the current database and waits until it is ready; one that runs is stopped first.
    pub async fn start_target(&mut self) -> Result<(), WorldError> {
        self.client.disconnect().map_err(WorldError::Description)?;
        let site = self.site();
        self.base = self
            .target
            .start(&self.values, site.as_ref(), &self.run)
            .await?;
        self.values.insert("base", self.base.clone());
        Ok(())
    }

    /// What holds on the network of the database's container, where it has one.
    fn site(&self) -> Option<Site> {
        let inside = self.server.inside.as_ref()?;
        let mut values = self.values.clone();
        let roles = self.roles.as_ref()?;
        roles.values(&inside.host, inside.port, self.state.live(), &mut values);
        Some(Site {
            network: inside.network.clone(),
            values,
        })
    }

    /// Whether the target still runs.
    pub fn alive(&mut self) -> bool {
        self.target.alive()
    }

    /// The end of what the target printed, secrets blanked out.
    pub fn log_tail(&self) -> String {
        self.values.redact(&self.target.log_tail())
    }

    /// Makes the seeded database the template, and starts the target on a clone of it whose row changes are watched.
    pub async fn freeze(&mut self) -> Result<(), WorldError> {
        if let State::Borrowed { mark, .. } = &mut self.state {
            *mark = Some(Box::new(Compared::begin(&self.sessions.pool, false).await?));
            return self.sessions.compare().await;
        }
        self.stop_target().await?;
        self.sessions.prepare(&self.server).await?;
        self.sessions.close().await?;
        let admin = &self.server.admin;
        let live = self.state.live().to_owned();
        let template = format!("{}_template", self.server.prefix);
        database::drop(admin, &template).await?;
        database::rename(admin, &live, &template).await?;
        database::clone(admin, &template, &live).await?;
        self.state = State::Cloned { live, template };
        self.wake().await
    }

    /// Fresh state: a new clone under the same name, the target restarted. A target that runs already gets its rows written
    /// back instead.
    pub async fn fresh(&mut self) -> Result<(), WorldError> {
        let (live, template) = match &self.state {
            State::Filling { .. } => return Err(WorldError::NotFrozen),
            State::Cloned { live, template } => (live.clone(), template.clone()),
            State::Borrowed { .. } => return self.write_back().await,
        };
        self.stop_target().await?;
        self.sessions.close().await?;
        database::drop(&self.server.admin, &live).await?;
        database::clone(&self.server.admin, &template, &live).await?;
        self.wake().await
    }

    /// Sessions and the watch on the new clone, then the target: what it does when it starts shows.
    async fn wake(&mut self) -> Result<(), WorldError> {
        self.sessions = Sessions::open(&self.server, self.state.live()).await?;
        self.watch_rows().await?;
        self.start_target().await
    }

    /// Watches the row changes of the current database.
    pub(super) async fn watch_rows(&mut self) -> Result<(), WorldError> {
        if let Some(weaker) = self.sessions.watch(&self.server).await?
            && !self.notes.contains(&weaker)
        {
            self.notes.push(weaker);
        }
        Ok(())
    }

    /// Undoes everything since the freezing.
    async fn write_back(&mut self) -> Result<(), WorldError> {
        let State::Borrowed {
            mark: Some(mark), ..
        } = &mut self.state
        else {
            return Err(WorldError::NotFrozen);
        };
        let changes: Vec<RawChange> = mark.changes(&self.sessions.pool).await?;
        self.sessions.undo(&self.server, &changes).await?;
        // The mark is what was written back, not what had been found before.
        mark.changes(&self.sessions.pool).await?;
        self.sessions.settle().await.map(|_| ())
    }

    /// Ends everything; nothing is left behind.
    pub async fn close(mut self) -> Result<(), WorldError> {
        // Every part is tried, whatever became of the others; the first error is told.
        let mut first = self.stop_target().await;
        for service in std::mem::take(&mut self.services) {
            first = first.and(service.end(&self.run).await);
        }
        first = first.and(self.sessions.close().await);
        first = first.and(self.server.end(&self.run).await);
        first.and(self.run.end())
    }
}
