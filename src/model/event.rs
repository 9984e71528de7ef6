//! What a run tells while it goes on: one stream, many renderers.

use std::time::Duration;

use super::exchange::Watch;
use super::explored::Explored;
use super::finding::Finding;
use super::route::RouteId;
use super::schema::Schema;
use super::secret::Secrets;
use super::tenant::Tenant;
use super::verdict::Reason;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A stage of the run began: `world`, `seed`, `baseline`, `sweep`, `confirm` …
    Stage {
        /// Its name.
        name: &'static str,
        /// What it is about to do, in a sentence.
        about: String,
    },
    /// A stage is so far.
    Progress {
        /// Steps done.
        done: usize,
        /// Steps in all, as known now.
        total: usize,
    },
    /// Something worth saying that is no trouble: which Postgres was chosen and why.
    Note(String),
    /// Something that weakens the result: a table that could not be filled.
    Warning(String),
    /// A violation was confirmed or stays suspected.
    Found(Box<Finding>),
}

impl Event {
    /// The same without secrets in its words; `None` where it has none.
    pub fn masked(&self, secrets: &Secrets) -> Option<Self> {
        let scrub = |said: &String| {
            let masked = secrets.scrub(said.clone());
            (masked != *said).then_some(masked)
        };
        match self {
            Self::Note(said) => scrub(said).map(Self::Note),
            Self::Warning(said) => scrub(said).map(Self::Warning),
            // A finding's values are masked where they are written.
            Self::Stage { .. } | Self::Progress { .. } | Self::Found(_) => None,
        }
    }
}

/// Who listens.
pub trait Listener: Send + Sync {
    /// Takes an event; must not block for long.
    fn on(&self, event: &Event);
}

/// Nobody listens.
#[derive(Debug, Clone, Copy)]
pub struct Silence;

impl Listener for Silence {
    fn on(&self, _event: &Event) {}
}

/// How one route fared in the baseline.
#[derive(Debug, Clone)]
pub struct RouteBaseline {
    /// The route.
    pub route: RouteId,
    /// How many actors it worked for, of how many that tried.
    pub worked: (usize, usize),
    /// The last status seen where it never worked.
    pub status: Option<u16>,
    /// Why it never worked, or why it was left out, in a sentence; `None` where it worked.
    pub reason: Option<String>,
    /// Whether the description leaves it out: nobody wanted it tried.
    pub left_out: bool,
    /// What its parameters were bound to: `id = Service.id`.
    pub bindings: Vec<String>,
    /// Whether answers carried canaries of their own tenant.
    pub canaries: bool,
}

/// How many cases ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Held, as shown by controls.
    pub held: usize,
    /// Violated.
    pub violated: usize,
    /// Nothing shown.
    pub inconclusive: usize,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.held += other.held;
        self.violated += other.violated;
        self.inconclusive += other.inconclusive;
    }
}

/// Why cases of one route showed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteReasons {
    /// The route.
    pub route: RouteId,
    /// How many of its cases held or were violated.
    pub shown: usize,
    /// The others by reason, with their number.
    pub reasons: Vec<(Reason, usize)>,
}

/// Why a run ended before everything was tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CutShort {
    /// The time that it was given ran out.
    #[error("the budget was used up")]
    Budget,
    /// The user ended it.
    #[error("stopped by the user")]
    Stopped,
    /// The target or the browser failed; how, in a sentence.
    #[error("{0}")]
    Broke(String),
}

/// All that a run found out.
#[derive(Debug, Clone)]
pub struct Report {
    /// The target's name.
    pub target: String,
    /// The seed of everything random.
    pub seed: u64,
    /// Confirmed and suspected findings, the gravest first.
    pub findings: Vec<Finding>,
    /// What is worth knowing and never gates: a sentence each.
    pub advisories: Vec<String>,
    /// The baseline's table.
    pub baseline: Vec<RouteBaseline>,
    /// Cases by attack id.
    pub attacks: Vec<(String, Tally)>,
    /// Inconclusive cases by reason, with their number.
    pub inconclusive: Vec<(Reason, usize)>,
    /// The same by route, for routes that have such cases.
    pub inconclusive_by_route: Vec<RouteReasons>,
    /// Routes on which cases were tried and not one showed anything, with the commonest reason.
    pub unshown: Vec<(RouteId, Reason)>,
    /// Tables that could not be filled and why, routes left out, state that cannot be reset.
    pub warnings: Vec<String>,
    /// Which world it ran in: Postgres version and backend, how row changes were watched.
    pub world: String,
    /// How exactly row changes were watched.
    pub watch: Watch,
    /// Calls made.
    pub calls: usize,
    /// How long it took, by stage.
    pub stages: Vec<(String, Duration)>,
    /// Why it ended before everything was tried, where it did.
    pub cut_short: Option<CutShort>,
    /// What explore did; `None` where it was not to, or did not come to it.
    pub explored: Option<Explored>,
    /// The tables, to name the rows and columns of findings.
    pub schema: Schema,
    /// The tenants, to name them.
    pub tenants: Vec<Tenant>,
    /// What must not appear in any output.
    pub secrets: Secrets,
}
