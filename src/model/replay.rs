//! The replay file: one finding's calls, by actors' names and without any credential, so that anybody can repeat it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::browsing::Action;
use super::call::{Call, SlotRef};
use super::event::Report;
use super::exchange::{Exchange, Purpose};
use super::finding::{Finding, Sink};
use super::link::Link;
use super::rows::{RowRef, Value};
use super::schema::Schema;
use super::tenant::{ActorId, TenantKey};
use super::verdict::Severity;

/// The format that this version writes and reads.
pub const FORMAT: &str = "partywall.replay/1";

/// Where histories are kept that every run tries first, below the description's folder: those that somebody has put there.
pub const SCENARIOS: &str = "scenarios";

/// And those that crossed once.
pub const REGRESSIONS: &str = "scenarios/regressions";

/// So much of a file tells what it is, in bytes.
const HEAD: usize = 400;

/// One finding, ready to be repeated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// [`FORMAT`].
    pub format: String,
    /// The version of partywall that wrote it.
    pub partywall: String,
    /// The description that it was found with, as named on the command line.
    pub description: PathBuf,
    /// The seed of everything random.
    pub seed: u64,
    /// The finding's id.
    pub finding: String,
    /// What happened, in a sentence.
    pub summary: String,
    /// The attack's id.
    pub attack: String,
    /// Which variant of it.
    pub variant: String,
    /// The oracle that judges.
    pub oracle: String,
    /// Where the effect showed: a route, or `all routes`.
    pub sink: String,
    /// How much it matters.
    pub severity: Severity,
    /// Who attacks.
    pub attacker: ActorId,
    /// The tenants whose rows the attacker may see.
    pub attacker_tenants: Vec<TenantKey>,
    /// The tenant that is attacked.
    pub victim: Option<TenantKey>,
    /// Slugs of the tenants that the calls name, with the key that each had.
    pub tenants: BTreeMap<String, TenantKey>,
    /// The slots whose value the attack exchanged.
    pub slots: Vec<SlotRef>,
    /// The foreign rows that the attack names.
    pub reached: Vec<NamedRow>,
    /// The foreign rows that are away while the attack is made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub away: Vec<NamedRow>,
    /// The calls that are in flight together, the attack among them, where it needs company.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub company: Vec<Call>,
    /// What steps say that earlier ones brought.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// What people do in a browser, where the calls below are what it showed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub browsed: Vec<Action>,
    /// Which exchange showed it: its purpose and its index among those of that purpose.
    pub shown_by: (Purpose, usize),
    /// The calls in order.
    pub steps: Vec<Step>,
}

/// One call of a replay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What it is for.
    pub purpose: Purpose,
    /// What came of it when it was recorded: the status, or why there was no answer.
    pub answered: String,
    /// The call.
    pub call: Call,
}

/// A row by its table's name, which outlives table numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedRow {
    /// The table, its schema before it where that is not `public`.
    pub table: String,
    /// The key's values.
    pub key: Vec<Value>,
}

/// Why a replay file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It is no JSON, or lacks something.
    #[error("not a replay file, at line {line} column {column}: {what}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// Another version's.
    #[error(
        "the replay file says format {found:?}, but this partywall reads {FORMAT:?}; \
         write it anew with `partywall run`"
    )]
    Format {
        /// What it says.
        found: String,
    },
}

impl NamedRow {
    /// The row's name.
    pub fn of(row: &RowRef, schema: &Schema) -> Self {
        Self {
            table: schema.table(row.table).to_string(),
            key: row.key.clone(),
        }
    }

    /// The row in that schema; `None` where it has no such table.
    pub fn resolve(&self, schema: &Schema) -> Option<RowRef> {
        Some(RowRef {
            table: schema.by_name(&self.table)?.id,
            key: self.key.clone(),
        })
    }
}

impl Replay {
    /// The replay of a finding of `report`, found with `description`; `summary` says what happened.
    pub fn of(finding: &Finding, report: &Report, description: &Path, summary: String) -> Self {
        let history = &finding.history;
        let steps: Vec<Step> = history.exchanges.iter().map(step).collect();
        Self {
            format: FORMAT.to_owned(),
            partywall: env!("CARGO_PKG_VERSION").to_owned(),
            description: description.to_owned(),
            seed: report.seed,
            finding: finding.id.clone(),
            summary,
            attack: history.attack.clone(),
            variant: history.variant.clone(),
            oracle: finding.evidence.oracle.to_owned(),
            sink: match &finding.sink {
                Sink::Route(route) => route.to_string(),
                Sink::AllRoutes => "all routes".to_owned(),
            },
            severity: finding.severity,
            attacker: history.attacker.clone(),
            attacker_tenants: history.attacker_tenants.clone(),
            victim: history
                .victim
                .clone()
                .or_else(|| finding.evidence.victim.clone()),
            tenants: report
                .tenants
                .iter()
                .map(|tenant| (tenant.slug.clone(), tenant.key.clone()))
                .collect(),
            slots: history.slots.clone(),
            reached: history
                .reached
                .iter()
                .map(|row| NamedRow::of(row, &report.schema))
                .collect(),
            away: history
                .away
                .iter()
                .map(|row| NamedRow::of(row, &report.schema))
                .collect(),
            company: history.company.to_vec(),
            links: history.links.clone(),
            browsed: history.browsed.to_vec(),
            shown_by: finding.evidence.shown_by,
            steps,
        }
    }

    /// The file's text: JSON, one thing a line.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Whether a text is meant as a replay file, of whatever version.
    pub fn is_meant(text: &str) -> bool {
        let head = &text[..text.floor_char_boundary(HEAD)];
        head.contains("\"partywall.replay/")
    }

    /// Reads a file's text.
    pub fn parse(text: &str) -> Result<Self, ReplayError> {
        /// The part that every version has.
        #[derive(Deserialize)]
        struct Head {
            format: String,
        }
        let head: Head = serde_json::from_str(text).map_err(syntax)?;
        if head.format != FORMAT {
            return Err(ReplayError::Format { found: head.format });
        }
        serde_json::from_str(text).map_err(syntax)
    }
}

fn step((purpose, exchange): &(Purpose, Exchange)) -> Step {
    Step {
        purpose: *purpose,
        answered: match &exchange.outcome {
            Ok(response) => response.status.to_string(),
            Err(failure) => failure.to_string(),
        },
        call: exchange.call.clone(),
    }
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "it is handed to map_err, which gives it away"
)]
fn syntax(error: serde_json::Error) -> ReplayError {
    let what = error.to_string();
    ReplayError::Syntax {
        line: error.line(),
        column: error.column(),
        what: what
            .rsplit_once(" at line ")
            .map_or(what.clone(), |(before, _)| before.to_owned()),
    }
}
