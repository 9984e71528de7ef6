//! `own-data`: after an attack a tenant can no longer read or change what was its own before.

use std::collections::{BTreeSet, HashSet};

use super::Oracle;
use super::controls::{Shown, shows};
use super::effect::victim_pairs;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::knowledge::Knowledge;
use crate::model::rows::{Operation, RowRef};
use crate::model::tenant::TenantKey;
use crate::model::values::{Place, Standing, canonical};
use crate::model::verdict::{Crossing, Evidence, Reason, Severity};

/// Judges whether the victim was blocked.
pub struct OwnData;

impl Oracle for OwnData {
    fn id(&self) -> &'static str {
        "own-data"
    }

    fn title(&self) -> &'static str {
        "after an attack, a tenant can no longer read or change its own"
    }

    fn doc(&self) -> &'static str {
        "\
Compares the victim's calls before an attack with the same calls after it. It is a violation when success became \
refusal, or when rows of its own are gone from the answer though they stand unchanged in the database. Fewer rows must \
have come, too: in random order, a page shows others each time. A victim who is throttled has used up its own quota by \
these very calls, or shares its address with the attacker here: that shows nothing.

What the victim did itself in between does not count, nor rows that the attack changed or deleted: `write` tells of \
those. A victim who could not do it before the attack makes the case inconclusive.

Severity: high.

Example: acme locks the shared cache entry, and bolt's GET /invoices answers 423 from then on."
    }

    fn cwe(&self) -> u16 {
        // Improper isolation: what one tenant does reaches another's service.
        653
    }

    fn owasp(&self) -> &'static str {
        "API4:2023"
    }

    fn judge(&self, history: &History, knowledge: &Knowledge) -> Result<Vec<Evidence>, Reason> {
        let mut found = Vec::new();
        let mut judged = false;
        let mut failed = Reason::NotApplicable;
        for (index, before, after) in victim_pairs(history) {
            if !attack_between(history, before, after) {
                continue;
            }
            match judge_pair(history, knowledge, before, after) {
                Ok(blocked) => {
                    judged = true;
                    found.extend(blocked.map(|b| evidence(history, knowledge, b, after, index)));
                }
                Err(reason) => failed = reason,
            }
        }
        found.sort_by_key(|e| std::cmp::Reverse(e.severity));
        if judged { Ok(found) } else { Err(failed) }
    }
}

struct Blocked {
    sentence: String,
    severity: Severity,
}

fn evidence(
    history: &History,
    knowledge: &Knowledge,
    blocked: Blocked,
    after: &Exchange,
    index: usize,
) -> Evidence {
    let callers = tenants(history, knowledge, after);
    Evidence {
        oracle: "own-data",
        crossing: Crossing::Blocked {
            sentence: blocked.sentence,
        },
        victim: callers.first().cloned(),
        severity: blocked.severity,
        shown_by: (Purpose::VictimAfter, index),
    }
}

/// The tenants whose own the pair is about: the one attacked, else those of the caller.
fn tenants(history: &History, knowledge: &Knowledge, call: &Exchange) -> Vec<TenantKey> {
    let caller = || {
        knowledge
            .actor(&call.call.actor)
            .map(|a| a.memberships.clone())
    };
    let attacked = history.victim.clone().map(|v| vec![v]);
    attacked.or_else(caller).unwrap_or_default()
}

fn position(history: &History, exchange: &Exchange) -> Option<usize> {
    let mut all = history.exchanges.iter();
    all.position(|(_, e)| std::ptr::eq(e, exchange))
}

/// What happened between the two calls of a pair, in order.
fn between<'h>(
    history: &'h History,
    before: &Exchange,
    after: &Exchange,
) -> &'h [(Purpose, Exchange)] {
    let range = position(history, before).zip(position(history, after));
    range
        .and_then(|(b, a)| history.exchanges.get(b + 1..a))
        .unwrap_or_default()
}

fn attack_between(history: &History, before: &Exchange, after: &Exchange) -> bool {
    between(history, before, after)
        .iter()
        .any(|(purpose, _)| *purpose == Purpose::Attack)
}

/// How the victim was blocked, if it was; a reason where the pair shows nothing.
fn judge_pair(
    history: &History,
    knowledge: &Knowledge,
    before: &Exchange,
    after: &Exchange,
) -> Result<Option<Blocked>, Reason> {
    let (Some(was), Some(is)) = (before.response(), after.response()) else {
        return Err(Reason::NoAnswer);
    };
    // The victim's own calls, made for each attack anew, are what uses its quota up.
    if was.status == 429 || is.status == 429 {
        return Err(Reason::Throttled);
    }
    if !was.is_success() {
        return Err(Reason::OwnerControlFailed);
    }
    if was.truncated || is.truncated {
        return Err(Reason::NoAnswer);
    }
    let route = &after.call.route;
    let owners = tenants(history, knowledge, before);
    let shown = shows(before, knowledge, &owners);
    if !is.is_success() {
        if names_somebody(knowledge, before) {
            return Ok(None);
        }
        let gone = || shown.as_ref().is_some_and(|s| all_gone(knowledge, s));
        if is_read(after) && (gone() || names_nothing(knowledge, before)) {
            // What went by itself (a clean-up), or was deleted, which `write` judges.
            return Ok(None);
        }
        let own_doing = is_own_doing(history, knowledge, before, after, shown.as_ref());
        return Ok((!own_doing).then(|| Blocked {
            sentence: format!(
                "{route} answered {} before the attack, and {} after it",
                was.status, is.status
            ),
            severity: Severity::High,
        }));
    }
    if !is_read(after) {
        // A write that succeeds again has not been blocked, whatever rows its answers coincide with.
        return Ok(None);
    }
    let rows = |shown: Option<Shown>| shown.map(|s| s.rows).unwrap_or_default();
    let now = rows(shows(after, knowledge, &owners));
    let gone = gone(history, knowledge, &rows(shown), &now);
    Ok((gone.0 > 0).then(|| Blocked {
        sentence: format!(
            "{route} showed {} own rows before the attack; {} of them are gone from the answer after it, though they stand",
            gone.1, gone.0
        ),
        severity: Severity::High,
    }))
}

fn is_read(exchange: &Exchange) -> bool {
    matches!(exchange.call.method.as_str(), "GET" | "HEAD")
}

fn all_gone(knowledge: &Knowledge, shown: &Shown) -> bool {
    shown
        .rows
        .iter()
        .all(|row| knowledge.rows.get(row).is_none())
}

/// Whether the path names something that no row has as its key any more: what answers with it holds other own rows, too (a
/// log entry its author), and those stand.
fn names_nothing(knowledge: &Knowledge, call: &Exchange) -> bool {
    let is_key = |place: &Place| {
        let table = knowledge.schema.table(place.row.table);
        let uniques = table.uniques.iter().map(|u| &u.columns);
        uniques
            .chain([&table.primary_key])
            .any(|key| key.contains(&place.column))
    };
    let mut named = call.call.path.values().filter_map(|v| canonical(v));
    named.any(|value| match knowledge.rows.standing(&value) {
        Standing::At(places) => !places.iter().any(is_key),
        Standing::Common => false,
    })
}

/// Whether a call made a user or a tenant: log-in names and addresses are one for all, and who comes first has them.
fn names_somebody(knowledge: &Knowledge, call: &Exchange) -> bool {
    let ownership = &knowledge.ownership;
    call.changes.iter().any(|c| {
        c.operation == Operation::Insert
            && (c.table == ownership.tenants || Some(c.table) == ownership.users)
    })
}

/// How many rows went out of the answer without having changed, and how many there were.
fn gone(
    history: &History,
    knowledge: &Knowledge,
    before: &BTreeSet<RowRef>,
    after: &BTreeSet<RowRef>,
) -> (usize, usize) {
    if after.len() >= before.len() {
        return (0, before.len());
    }
    let changed: HashSet<RowRef> = changed_rows(history, knowledge).collect();
    let stands = |row: &&RowRef| knowledge.rows.get(row).is_some() && !changed.contains(*row);
    (
        before.difference(after).filter(stands).count(),
        before.len(),
    )
}

fn changed_rows(history: &History, knowledge: &Knowledge) -> impl Iterator<Item = RowRef> {
    let changes = history.exchanges.iter().flat_map(|(_, e)| &e.changes);
    changes.filter_map(|c| c.row(&knowledge.schema))
}

/// Whether the victim may be refused for what it did itself: its first call made or deleted rows, so that it cannot be
/// repeated; or a call of its own in between touched what the first one showed.
fn is_own_doing(
    history: &History,
    knowledge: &Knowledge,
    before: &Exchange,
    after: &Exchange,
    shown: Option<&Shown>,
) -> bool {
    let once = before.changes.iter().any(|c| {
        let stands = c
            .row(&knowledge.schema)
            .is_some_and(|r| knowledge.rows.get(&r).is_some());
        let taken_back = match c.operation {
            Operation::Insert => !stands,
            Operation::Delete => stands,
            Operation::Update => true,
            Operation::Truncate => false,
        };
        let repeatable = taken_back || knowledge.background.covers(c);
        !repeatable
    });
    let mine = |e: &Exchange| e.call.actor == before.call.actor && e.call.actor != history.attacker;
    let touched = between(history, before, after)
        .iter()
        .filter(|(_, e)| mine(e))
        .flat_map(|(_, e)| &e.changes)
        .filter_map(|c| c.row(&knowledge.schema));
    let shown_row = |row: &RowRef| shown.is_some_and(|s| s.rows.contains(row));
    once || touched.into_iter().any(|row| shown_row(&row))
}

#[cfg(test)]
mod tests;
