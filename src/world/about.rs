//! What a world is made of, in words.

use super::{State, World};
use crate::model::exchange::Watch;

impl World {
    /// Postgres, target and watch in one sentence.
    pub fn about(&self) -> String {
        let server = &self.server;
        let reason = server
            .reason
            .as_ref()
            .map(|r| format!(", {r}"))
            .unwrap_or_default();
        let rows = match self.watch() {
            Watch::None => "rows not watched yet",
            Watch::Exact => "rows streamed",
            Watch::Compared => "rows compared",
        };
        format!(
            "PostgreSQL {} ({}{reason}); {}; {rows}",
            server.powers.version,
            server.origin,
            self.target.about()
        )
    }

    /// Whether triggers and foreign keys can be switched off.
    pub fn can_be_replica(&self) -> bool {
        self.server.powers.superuser
    }

    /// Whether the database is a clone of partywall's own: whatever happens to it, nobody loses a row.
    pub fn is_cloned(&self) -> bool {
        matches!(self.state, State::Cloned { .. })
    }

    /// State that a fresh clone does not reset, in sentences.
    pub fn not_reset(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .services
            .iter()
            .map(|s| format!("service {} keeps its state for the whole run", s.name))
            .collect();
        if let Some(file) = &self.description.target.compose {
            all.push(format!(
                "services of {} beside the target keep their state for the whole run",
                file.display()
            ));
        }
        all.push("files that the target writes stay for the whole run".to_owned());
        if matches!(self.state, State::Borrowed { .. }) {
            all.push(
                "the target runs already: its database is not cloned but written back, and its caches stay"
                    .to_owned(),
            );
        }
        all
    }
}
