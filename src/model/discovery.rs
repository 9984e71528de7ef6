//! What `discover` found out, and what came of a replay: shown to a person, who corrects the description by it.

use super::event::RouteBaseline;
use super::exchange::History;
use super::ownership::Ownership;
use super::replay::Replay;
use super::schema::Schema;
use super::secret::Secrets;
use super::tenant::{Actor, Tenant};
use super::verdict::Verdict;

/// What partywall found out about a target without attacking it.
#[derive(Debug, Clone)]
pub struct Discovery {
    /// The target's name.
    pub target: String,
    /// Which world it ran in.
    pub world: String,
    /// How calls address a tenant, and whether that was declared or detected.
    pub addressing: String,
    /// The tables.
    pub schema: Schema,
    /// Whose rows are whose, with the reason for each table.
    pub ownership: Ownership,
    /// How many rows each table has after seeding, by table id.
    pub rows: Vec<usize>,
    /// The tenants.
    pub tenants: Vec<Tenant>,
    /// The cast; only names, roles and standing are shown.
    pub actors: Vec<Actor>,
    /// Routes with what they were bound to, and how they fared.
    pub routes: Vec<RouteBaseline>,
    /// What the run would rest on without having seen a proof of it, a sentence each.
    pub assumptions: Vec<String>,
    /// What weakens a run: tables that could not be filled, actors who could not log in.
    pub warnings: Vec<String>,
    /// What must not appear in any output.
    pub secrets: Secrets,
}

/// What came of a replay.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// What was replayed.
    pub replay: Replay,
    /// What its oracle says now.
    pub verdict: Verdict,
    /// In how many of how many goes it said so.
    pub rate: (usize, usize),
    /// The last history.
    pub history: History,
    /// The tables, to name rows.
    pub schema: Schema,
    /// The tenants, to name them.
    pub tenants: Vec<Tenant>,
    /// Which world it ran in.
    pub world: String,
    /// What must not appear in any output.
    pub secrets: Secrets,
}
