//! `write`: a row of another tenant was inserted, changed or deleted.

use std::collections::{BTreeSet, HashSet};

use super::Oracle;
use super::effect::shows_in_another_answer;
use super::side::{HOSTILE, Side, joined_or_left, judged};
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::knowledge::Knowledge;
use crate::model::ownership::{Owners, Rule};
use crate::model::rows::{Change, Operation, RowRef, Value};
use crate::model::schema::TableId;
use crate::model::verdict::{Crossing, Evidence, Reason, Severity};

/// Judges what changed.
pub struct Write;

impl Oracle for Write {
    fn id(&self) -> &'static str {
        "write"
    }

    fn title(&self) -> &'static str {
        "a row of another tenant was inserted, changed or deleted"
    }

    fn doc(&self) -> &'static str {
        "\
Looks at the rows that changed, as the database itself reported them, during an attack, the same call with ids that \
nobody has, and the attacker's reads afterwards; for legitimate calls, during each call. The answer does not matter: a \
500 that keeps the write counts, a 200 that wrote nothing does not.

A change counts when the row's owners before or after it are other tenants. It does not count when it belongs to the \
background profile (what the target writes by itself on any call: log-in times, audit rows); when a refused call (4xx) \
inserts a row where calls that work insert none, which notes the refusal down; when nothing in the row \
differs; when the row belongs to the attacker's tenant, too (users of both, transfers); when it concerns a user who \
joined or left the attacker's tenant in the same call; when the tenant was made during the run; when it inserts a row \
on a route declared public. Inserts into global tables are none. A change of a global row that stood before counts only \
if an answer to another tenant changed with it; otherwise it is an advisory, as is housekeeping in tenants' rows.

Severity: critical for changes, deletions and truncations, and for any write without credentials; high for inserted \
rows and for own rows moved into another tenant.

Example: PATCH /tasks/17 answers 404, and bolt's task 17 has a new title."
    }

    fn cwe(&self) -> u16 {
        639
    }

    fn owasp(&self) -> &'static str {
        "API1:2023"
    }

    fn judge(&self, history: &History, knowledge: &Knowledge) -> Result<Vec<Evidence>, Reason> {
        let side = Side::new(history, knowledge);
        let mut found = Vec::new();
        let mut any = false;
        for (purpose, index, exchange) in judged(history, HOSTILE) {
            any = true;
            let mut seen = HashSet::new();
            for (change, judgement) in judge_changes(&side, history, exchange) {
                let Judgement::Foreign(severity) = judgement else {
                    continue;
                };
                let evidence = evidence(&side, history, change, severity, (purpose, index));
                if seen.insert((change.table, change.operation, evidence.victim.clone())) {
                    found.push(evidence);
                }
            }
        }
        if !any {
            return Err(Reason::NotApplicable);
        }
        found.sort_by_key(|e| std::cmp::Reverse(e.severity));
        Ok(found)
    }

    fn advisories(&self, history: &History, knowledge: &Knowledge) -> Vec<String> {
        let side = Side::new(history, knowledge);
        let sentences: BTreeSet<String> = judged(history, HOSTILE)
            .flat_map(|(_, _, exchange)| judge_changes(&side, history, exchange))
            .filter_map(|(change, judgement)| advisory(&side, change, judgement))
            .collect();
        sentences.into_iter().collect()
    }
}

/// What a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judgement {
    /// The attacker's own business.
    Own,
    /// Somebody else's row.
    Foreign(Severity),
    /// Somebody else's row, written as the target does by itself.
    Housekeeping,
    /// Nobody's row, that others' answers do not show.
    Global,
}

/// The changes of an exchange with what they are; those of rows that the attack names come first.
fn judge_changes<'e>(
    side: &Side<'_>,
    history: &History,
    exchange: &'e Exchange,
) -> Vec<(&'e Change, Judgement)> {
    let identities = joined_or_left(side, exchange);
    let mut judged: Vec<_> = exchange
        .changes
        .iter()
        .map(|c| (c, judge_change(side, history, exchange, &identities, c)))
        .collect();
    judged.sort_by_key(|(change, _)| {
        let row = change.row(&side.knowledge.schema);
        !row.is_some_and(|row| history.reached.contains(&row))
    });
    judged
}

fn judge_change(
    side: &Side<'_>,
    history: &History,
    exchange: &Exchange,
    identities: &HashSet<Value>,
    change: &Change,
) -> Judgement {
    if change.operation == Operation::Update && change.columns().is_empty() {
        return Judgement::Own;
    }
    if change.operation == Operation::Truncate {
        return truncation(side, change);
    }
    let covered = side.knowledge.background.covers(change);
    let before = side.is_foreign(&change.owners_before);
    let after = side.is_foreign(&change.owners_after);
    if before || after {
        let public =
            change.operation == Operation::Insert && side.knowledge.is_public(&exchange.call);
        if public || concerns(side, identities, change) {
            return Judgement::Own;
        }
        return if covered || is_note(history, exchange, change) {
            Judgement::Housekeeping
        } else {
            Judgement::Foreign(severity(side, change, before))
        };
    }
    let nobodys = change.owners_before.is_global() && change.operation != Operation::Insert;
    let fresh = change
        .row(&side.knowledge.schema)
        .is_some_and(|at| side.made(&at));
    if !nobodys || covered || fresh {
        Judgement::Own
    } else if shows_in_another_answer(history, change) {
        Judgement::Foreign(severity(side, change, true))
    } else {
        Judgement::Global
    }
}

/// Whether a row is the target's own note of a refusal: the call was refused, and calls of the same route that work insert
/// nothing into that table.
fn is_note(history: &History, exchange: &Exchange, change: &Change) -> bool {
    let refused = exchange
        .response()
        .is_some_and(|r| (400..500).contains(&r.status));
    let inserts = |e: &Exchange| {
        let mut changes = e.changes.iter();
        changes.any(|c| c.table == change.table && c.operation == Operation::Insert)
    };
    let mut controls = history.of(Purpose::OwnControl).peekable();
    change.operation == Operation::Insert
        && refused
        && controls.peek().is_some()
        && controls.all(|e| e.succeeded() && !inserts(e))
}

/// Emptying a table counts where other tenants had rows in it.
fn truncation(side: &Side<'_>, change: &Change) -> Judgement {
    if others(side, change).0.is_empty() {
        Judgement::Own
    } else {
        Judgement::Foreign(Severity::Critical)
    }
}

/// The other tenants who had rows in a truncated table: as the change says, else by the rows as they stand.
fn others(side: &Side<'_>, change: &Change) -> Owners {
    let knowledge = side.knowledge;
    let mut owners = change.owners_before.clone();
    if owners.is_global() {
        owners = knowledge.table_owners(change.table);
    }
    owners
        .0
        .retain(|t| !side.tenants.contains(t) && knowledge.tenant(t).is_some());
    owners
}

fn severity(side: &Side<'_>, change: &Change, before: bool) -> Severity {
    if side.anonymous || (before && change.operation != Operation::Insert) {
        Severity::Critical
    } else {
        Severity::High
    }
}

/// Whether a change is of a user who joined or left the attacker's tenant in the same exchange, or of what hangs on that
/// user alone (sessions, preferences).
fn concerns(side: &Side<'_>, identities: &HashSet<Value>, change: &Change) -> bool {
    let ownership = &side.knowledge.ownership;
    let (Some(users), Some(image)) = (ownership.users, change.old.as_ref().or(change.new.as_ref()))
    else {
        return false;
    };
    if identities.is_empty() {
        return false;
    }
    if change.table == users {
        let key = side.knowledge.schema.table(users).single_key();
        return key.is_some_and(|k| image.get(k).is_some_and(|v| identities.contains(v)));
    }
    let Rule::Parents { foreign_keys } = ownership.rule(change.table) else {
        return false;
    };
    let keys = &side.knowledge.schema.table(change.table).foreign_keys;
    foreign_keys.iter().filter_map(|&i| keys.get(i)).any(|key| {
        key.table == users
            && key
                .columns
                .iter()
                .any(|&c| image.get(c).is_some_and(|v| identities.contains(v)))
    })
}

fn evidence(
    side: &Side<'_>,
    history: &History,
    change: &Change,
    severity: Severity,
    shown_by: (Purpose, usize),
) -> Evidence {
    let table = side.knowledge.schema.table(change.table);
    let before = if change.operation == Operation::Truncate {
        others(side, change)
    } else {
        change.owners_before.clone()
    };
    let wronged = if side.is_foreign(&before) {
        &before
    } else {
        &change.owners_after
    };
    let columns = if change.operation == Operation::Update {
        names(side, change.table, &change.columns())
    } else {
        Vec::new()
    };
    Evidence {
        oracle: "write",
        victim: side.victim(history, wronged),
        crossing: Crossing::Wrote {
            operation: change.operation,
            row: change.row(&side.knowledge.schema).unwrap_or(RowRef {
                table: table.id,
                key: Vec::new(),
            }),
            columns,
            before,
            after: change.owners_after.clone(),
        },
        severity,
        shown_by,
    }
}

fn names(side: &Side<'_>, table: TableId, columns: &[usize]) -> Vec<String> {
    let table = side.knowledge.schema.table(table);
    let name = |&c: &usize| table.columns.get(c).map(|c| c.name.clone());
    columns.iter().filter_map(name).collect()
}

/// One sentence without any value in it, so that it is said once.
fn advisory(side: &Side<'_>, change: &Change, judgement: Judgement) -> Option<String> {
    let table = side.knowledge.schema.table(change.table);
    let what = match change.operation {
        Operation::Insert => "inserted".to_owned(),
        Operation::Update => {
            let columns = names(side, change.table, &change.columns());
            format!("changed ({})", columns.join(", "))
        }
        Operation::Delete | Operation::Truncate => "deleted".to_owned(),
    };
    match judgement {
        Judgement::Housekeeping => Some(format!(
            "rows of other tenants in {table} are {what} by calls of any tenant; calls that should change nothing do so, \
             too, so this is taken for the target's own housekeeping"
        )),
        Judgement::Global => Some(format!(
            "a row of {table} that belongs to no tenant was {what} by one tenant's call; no answer to another tenant was \
             seen to change with it"
        )),
        Judgement::Own | Judgement::Foreign(_) => None,
    }
}

#[cfg(test)]
mod tests;
