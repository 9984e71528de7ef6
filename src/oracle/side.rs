//! The attacker's side of the wall in one history: which tenants are its own, what it knew, which rows the attack itself
//! made or changed.

use std::collections::{HashMap, HashSet};

use super::remembered;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::knowledge::Knowledge;
use crate::model::ownership::{Membership, Owners, Rule};
use crate::model::rows::{Change, Operation, RowRef, Value};
use crate::model::tenant::TenantKey;
use crate::model::verdict::Provenance;

/// The attacker's side.
pub struct Side<'a> {
    /// What is known.
    pub knowledge: &'a Knowledge,
    /// Whether the attacker has no credentials.
    pub anonymous: bool,
    /// The tenants whose rows the attacker may see; those that it made in this history included.
    pub tenants: Vec<TenantKey>,
    /// The tenants that the attacker belongs to beside: it may be told their names, and that it belongs to them.
    belongs: Vec<TenantKey>,
    /// The attacker's own row among the identities: whoever belongs nowhere any more may still see it.
    oneself: Option<RowRef>,
    /// Columns that the judged exchanges wrote, by row: `None` for the whole of an inserted row.
    written: HashMap<RowRef, Option<HashSet<usize>>>,
    /// Rows that were the attacker's own until the judged exchanges gave them away: reads are judged by what was before.
    given: HashSet<RowRef>,
    /// What the attacker's tenants sent in this history: canaries, in lower case.
    sent: HashSet<String>,
}

/// The exchanges of these purposes, each with its index among those of its purpose; where the calls are legitimate, or where
/// there is but one, all of the attacker's own but those that others need first: they were judged when they were made.
pub fn judged<'h>(
    history: &'h History,
    purposes: &'h [Purpose],
) -> impl Iterator<Item = (Purpose, usize, &'h Exchange)> {
    let all = history.is_plain() || history.exchanges.len() == 1;
    let mut counts: HashMap<Purpose, usize> = HashMap::new();
    history
        .exchanges
        .iter()
        .filter_map(move |(purpose, exchange)| {
            let count = counts.entry(*purpose).or_default();
            *count += 1;
            let chosen = if all {
                exchange.call.actor == history.attacker && *purpose != Purpose::Setup
            } else {
                purposes.contains(purpose)
            };
            chosen.then_some((*purpose, *count - 1, exchange))
        })
}

/// The purposes of exchanges in which the attacker reaches over the wall.
pub const HOSTILE: &[Purpose] = &[Purpose::Attack, Purpose::Missing, Purpose::AttackerAfter];

impl<'a> Side<'a> {
    /// The attacker's side in this history.
    pub fn new(history: &History, knowledge: &'a Knowledge) -> Self {
        let mut tenants = if history.attacker.is_anonymous() {
            Vec::new()
        } else {
            history.attacker_tenants.clone()
        };
        let mut written = HashMap::new();
        let mut given = HashSet::new();
        for (_, _, exchange) in judged(history, HOSTILE) {
            for change in &exchange.changes {
                note(&mut written, knowledge, change);
                if tenants.iter().any(|t| change.owners_before.includes(t)) {
                    given.extend(change.row(&knowledge.schema));
                }
                tenants.extend(made(knowledge, change));
            }
        }
        Self {
            knowledge,
            anonymous: history.attacker.is_anonymous(),
            sent: sent(history, knowledge, &tenants),
            oneself: oneself(history, knowledge),
            belongs: belongs(history, knowledge),
            tenants,
            written,
            given,
        }
    }

    /// Owned by tenants that are known, and by none of the attacker's. A tenant that is not among those seeded was made
    /// during the run, by whom cannot be told: it is nobody's victim.
    pub fn is_foreign(&self, owners: &Owners) -> bool {
        let known = |t: &TenantKey| self.knowledge.tenant(t).is_some();
        owners.foreign_to(&self.tenants) && owners.0.iter().any(known)
    }

    /// Which tenant is wronged where these own the row: the one attacked, or the first.
    pub fn victim(&self, history: &History, owners: &Owners) -> Option<TenantKey> {
        let attacked = history.victim.clone().filter(|v| owners.includes(v));
        let known =
            |t: &&TenantKey| self.knowledge.tenant(t).is_some() && !self.tenants.contains(*t);
        attacked.or_else(|| owners.0.iter().find(known).cloned())
    }

    /// Whether the attacker may see a column of a row with these owners.
    pub fn may_see(&self, at: &RowRef, column: usize, owners: &Owners) -> bool {
        !self.is_foreign(owners)
            || self.oneself.as_ref() == Some(at)
            || self.given.contains(at)
            || self.tells_of_belonging(at, owners)
            || self.knowledge.may_see(&self.tenants, at, column, owners)
    }

    /// Whether a row is a tenant that the attacker belongs to, or says that it does.
    fn tells_of_belonging(&self, at: &RowRef, owners: &Owners) -> bool {
        let ownership = &self.knowledge.ownership;
        let memberships = ownership.membership.as_ref().map(|m| m.table);
        (at.table == ownership.tenants || Some(at.table) == memberships)
            && self.belongs.iter().any(|t| owners.includes(t))
    }

    /// Whether the judged exchanges wrote that column: reads are judged by what stood before.
    pub fn wrote(&self, at: &RowRef, column: usize) -> bool {
        self.written
            .get(at)
            .is_some_and(|columns| columns.as_ref().is_none_or(|c| c.contains(&column)))
    }

    /// Whether the judged exchanges made that row.
    pub fn made(&self, at: &RowRef) -> bool {
        matches!(self.written.get(at), Some(None))
    }

    /// Whether the attacker's tenants knew a value: they sent it themselves.
    pub fn knew(&self, value: &str) -> bool {
        let value = value.to_ascii_lowercase();
        self.sent.contains(&value) || self.knowledge.has_sent(&self.tenants, &value)
    }

    /// Whether a canary stands now in a place that the attacker may see; by the owners when it was indexed, or by those that
    /// the row has now, unless the attack itself moved it. A place of a row that was taken back since tells nobody anything.
    pub fn may_see_place(&self, place: &Provenance) -> bool {
        if !self.stands(place) {
            return false;
        }
        let now = || self.knowledge.owners_of(&place.row);
        self.may_see(&place.row, place.column, &place.owners)
            || (!self.written.contains_key(&place.row)
                && self.may_see(&place.row, place.column, &now()))
    }

    /// Whether a canary's place is a row of other tenants, by the owners when it was indexed.
    pub fn is_foreign_place(&self, place: &Provenance) -> bool {
        !self.may_see(&place.row, place.column, &place.owners)
    }

    fn stands(&self, place: &Provenance) -> bool {
        let row = self.knowledge.rows.get(&place.row);
        let text = row.and_then(|r| r.get(place.column)?.as_deref());
        text.is_some_and(|text| {
            let value = place.value.to_ascii_lowercase();
            // Bytes are kept in hexadecimal, their canaries in plain text.
            text.starts_with("\\x") || text.to_ascii_lowercase().contains(&value)
        })
    }
}

/// All tenants of an attacker, but the one that it has left where that is what is tried.
fn belongs(history: &History, knowledge: &Knowledge) -> Vec<TenantKey> {
    let Some(actor) = knowledge.actor(&history.attacker) else {
        return Vec::new();
    };
    let left = |t: &&TenantKey| actor.tenant.as_ref() == Some(*t);
    let stays = |t: &&TenantKey| history.attacker_tenants.contains(*t) || !left(t);
    actor.memberships.iter().filter(stays).cloned().collect()
}

fn oneself(history: &History, knowledge: &Knowledge) -> Option<RowRef> {
    let id = knowledge.actor(&history.attacker)?.fields.get("id")?;
    Some(RowRef {
        table: knowledge.ownership.users?,
        key: vec![Some(id.as_str().into())],
    })
}

fn note(
    written: &mut HashMap<RowRef, Option<HashSet<usize>>>,
    knowledge: &Knowledge,
    change: &Change,
) {
    let table = knowledge.schema.table(change.table);
    let columns = (change.operation == Operation::Update).then(|| change.columns().into_iter());
    if let Some(new) = &change.new {
        let at = RowRef::of(table, new);
        match columns {
            None => {
                written.insert(at, None);
            }
            Some(columns) => {
                if let Some(known) = written.entry(at).or_insert_with(|| Some(HashSet::new())) {
                    known.extend(columns);
                }
            }
        }
    }
}

/// The key of a tenant that a change brought into the world.
fn made(knowledge: &Knowledge, change: &Change) -> Option<TenantKey> {
    let is_new = change.operation == Operation::Insert
        && change.table == knowledge.ownership.tenants
        && matches!(knowledge.ownership.rule(change.table), Rule::Tenant { .. });
    let row = change.new.as_ref().filter(|_| is_new)?;
    row.get(knowledge.ownership.key)?.clone()
}

/// Every canary that actors of these tenants sent in the history.
fn sent(history: &History, knowledge: &Knowledge, tenants: &[TenantKey]) -> HashSet<String> {
    let mut values = HashSet::new();
    for (_, exchange) in &history.exchanges {
        let actor = &exchange.call.actor;
        let member = |t: &TenantKey| knowledge.actor(actor).is_some_and(|a| a.belongs_to(t));
        if *actor == history.attacker || tenants.iter().any(member) {
            for value in exchange.call.sent_values() {
                let held = remembered::canaries(&value, || {
                    let hits = knowledge.canaries.scan(value.as_bytes());
                    let places = hits.iter().flat_map(|hit| hit.provenance);
                    places.map(|p| p.value.to_ascii_lowercase()).collect()
                });
                values.extend(held.iter().cloned());
                values.insert(value.to_ascii_lowercase());
            }
        }
    }
    values
}

/// The keys of users whose membership in one of the attacker's tenants began or ended in this exchange: their rows are
/// the attacker's to touch in the same breath, whatever the order of the changes.
pub fn joined_or_left(side: &Side<'_>, exchange: &Exchange) -> HashSet<Value> {
    let ownership = &side.knowledge.ownership;
    // Where users carry their tenant themselves, a change of it moves the user, and is judged as such.
    let tied = |m: &&Membership| ownership.users != Some(m.table);
    let Some(membership) = ownership.membership.as_ref().filter(tied) else {
        return HashSet::new();
    };
    let images = exchange
        .changes
        .iter()
        .filter(|c| c.table == membership.table)
        .flat_map(|c| [&c.old, &c.new])
        .flatten();
    images
        .filter(|row| {
            let tenant = row.get(membership.tenant).and_then(Option::as_ref);
            tenant.is_some_and(|t| side.tenants.contains(t))
        })
        .filter_map(|row| row.get(membership.user).filter(|v| v.is_some()).cloned())
        .collect()
}
