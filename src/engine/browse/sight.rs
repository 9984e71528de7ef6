//! What a person was shown, or what the device kept, as an exchange that oracles judge.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value as Json;

use super::desk::is_data_of;
use crate::browser::Seen;
use crate::engine::judge::{Outcome, judge};
use crate::model::browsing::Script;
use crate::model::call::Call;
use crate::model::exchange::{Exchange, History, Purpose, Response, Watch};
use crate::model::knowledge::Knowledge;
use crate::model::rows::Change;
use crate::model::tenant::{ActorId, TenantKey};
use crate::model::verdict::{Crossing, Evidence, Severity};

/// What a device showed, and to whom.
#[derive(Debug, Clone)]
pub struct Sight {
    /// Who sits there; the anonymous caller where nobody is logged in.
    pub who: ActorId,
    /// The tenant that the person works in.
    pub active: Option<TenantKey>,
    /// What was seen.
    pub seen: Seen,
    /// The rows that the last action changed, where that was watched.
    pub changes: Vec<Change>,
}

/// The part of what a device knows that is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What the page shows, and the answers behind it: it is the active tenant's.
    Page,
    /// What the origin keeps: it may be that of any of the person's tenants.
    Kept,
}

impl Sight {
    /// The page's path with what looks like an id left open: `/bookings/{id}`.
    pub fn path(&self) -> String {
        let path = self.seen.address.as_ref().map_or("/", |a| a.path());
        let segments = path.split('/').map(|segment| {
            let long = segment.len() >= 16 && segment.contains(|c: char| c.is_ascii_digit());
            let number = !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit());
            if long || number { "{id}" } else { segment }
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// What the page shows, as the answer to a read of it.
    pub fn shown(&self) -> Exchange {
        self.exchange(&self.path(), &self.seen.page, Vec::new())
    }

    /// Judges a part; what crossed, each with the history that it is judged in.
    pub fn judged(
        &self,
        knowledge: &Knowledge,
        attack: &str,
        script: &Script,
        part: Part,
    ) -> Vec<(Evidence, History)> {
        let history = self.history(knowledge, attack, script, part);
        let Outcome::Violated(found) = judge(knowledge, history.clone()).outcome else {
            return Vec::new();
        };
        let members = self.memberships(knowledge);
        let ownership = &knowledge.ownership;
        // Whoever belongs to a tenant may be shown its name, and that one belongs to it, wherever one works.
        let of_belonging = |table| {
            let membership = ownership.membership.as_ref();
            table == ownership.tenants || membership.is_some_and(|m| m.table == table)
        };
        let ours = |evidence: &Evidence| match &evidence.crossing {
            Crossing::Leaked { values, .. } => !values
                .iter()
                .all(|v| of_belonging(v.row.table) && members.iter().any(|m| v.owners.includes(m))),
            Crossing::Wrote { row, .. } => !of_belonging(row.table),
            _ => false,
        };
        let milder = |mut evidence: Evidence| {
            let belongs = |v: &TenantKey| members.contains(v);
            if evidence.victim.as_ref().is_some_and(belongs) {
                evidence.severity = evidence.severity.min(Severity::Medium);
            }
            (evidence, history.clone())
        };
        found.into_iter().filter(ours).map(milder).collect()
    }

    /// Whether the page shows values of rows that only this tenant may see.
    pub fn shows(&self, knowledge: &Knowledge, tenant: &TenantKey) -> bool {
        let shown = self.seen.page.to_string();
        let hits = knowledge.canaries.scan(shown.as_bytes());
        let mut found = hits.iter().flat_map(|h| h.provenance);
        found.any(|p| is_data_of(knowledge, p, tenant))
    }

    fn memberships(&self, knowledge: &Knowledge) -> Vec<TenantKey> {
        knowledge
            .actor(&self.who)
            .map_or_else(Vec::new, |a| a.memberships.clone())
    }

    fn history(&self, knowledge: &Knowledge, attack: &str, script: &Script, part: Part) -> History {
        let (shown, tenants, path) = match part {
            Part::Page => (
                &self.seen.page,
                self.active.iter().cloned().collect(),
                self.path(),
            ),
            Part::Kept => (
                &self.seen.kept,
                self.memberships(knowledge),
                format!("{}#kept", self.path()),
            ),
        };
        let changes = match part {
            Part::Page => self.changes.clone(),
            Part::Kept => Vec::new(),
        };
        History {
            attacker_tenants: tenants,
            victim: Some(script.victim.clone()),
            browsed: script.actions.clone().into(),
            exchanges: vec![(Purpose::Attack, self.exchange(&path, shown, changes))],
            ..History::new(attack, &script.variant, &self.who)
        }
    }

    /// What is seen, as the answer to a read of the page.
    fn exchange(&self, path: &str, shown: &Json, changes: Vec<Change>) -> Exchange {
        let method = if changes.is_empty() { "GET" } else { "POST" };
        Exchange {
            call: Call {
                tenant: self.active.clone(),
                ..Call::new(method, path, &self.who)
            },
            outcome: Ok(Response {
                status: self.seen.status,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: Bytes::from(shown.to_string()),
                trailers: Vec::new(),
                truncated: false,
            }),
            elapsed: Duration::ZERO,
            changes,
            watch: Watch::Exact,
            logged: None,
        }
    }
}
