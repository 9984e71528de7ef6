//! `reference`: a row of the attacker's now points to another tenant's row.

use std::collections::HashSet;

use super::Oracle;
use super::side::{HOSTILE, Side, judged};
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::knowledge::Knowledge;
use crate::model::ownership::Rule;
use crate::model::rows::{Change, Row, RowRef, Value};
use crate::model::schema::{ColumnRef, ForeignKey, Table, TableId};
use crate::model::verdict::{Crossing, Evidence, Reason, Severity};

/// Judges what the changed rows point to.
pub struct Reference;

impl Oracle for Reference {
    fn id(&self) -> &'static str {
        "reference"
    }

    fn title(&self) -> &'static str {
        "a changed row points to another tenant's row"
    }

    fn doc(&self) -> &'static str {
        "\
Looks at the rows that an attack inserted or changed and that belong to the attacker's tenant or to nobody. One that now \
holds a reference to a row which only other tenants own, and did not hold it before, is a violation: what is planted \
speaks later, through a join, an include or a job.

References are the declared foreign keys, and those learnt from the seeded rows: a column (or array) whose values all lie \
in one other table's keys, and pairs of a type and an id. Learnt ones count only where the call was answered with success.

Exempt are the tenant columns themselves (`write` judges those), the edge that makes a user a member, the attacker's own \
user, columns that the description lets point anywhere (`tenant.open_references`), and what the target writes by itself. A user of another tenant in any other column (assignee, reviewer) is not \
exempt.

Severity: high for declared references, medium for learnt ones.

Example: POST /tasks with bolt's project id answers 201, and acme's new task points to bolt's project."
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
            for (change, pointer) in pointers(&side, history, exchange) {
                if seen.insert((change.table, pointer.column.clone())) {
                    found.extend(evidence(&side, history, change, pointer, (purpose, index)));
                }
            }
        }
        if !any {
            return Err(Reason::NotApplicable);
        }
        found.sort_by_key(|e| std::cmp::Reverse(e.severity));
        Ok(found)
    }
}

/// A reference that a row has just got.
struct Pointer {
    column: String,
    to: RowRef,
    declared: bool,
    /// It may point anywhere.
    open: bool,
}

/// The new references to foreign rows in an exchange; to rows that the attack names first.
fn pointers<'e>(
    side: &Side<'_>,
    history: &History,
    exchange: &'e Exchange,
) -> Vec<(&'e Change, Pointer)> {
    let accepted = exchange
        .response()
        .is_some_and(|r| (200..400).contains(&r.status));
    let mut found = Vec::new();
    for change in &exchange.changes {
        let Some(new) = change.new.as_ref().filter(|_| is_own(side, change)) else {
            continue;
        };
        let mut all = declared(side, change, new);
        if accepted {
            all.extend(learnt(side, change, new));
        }
        all.retain(|p| !p.open && is_foreign(side, history, &p.to));
        found.extend(all.into_iter().map(|p| (change, p)));
    }
    found.sort_by_key(|(_, p)| (!history.reached.contains(&p.to), !p.declared));
    found
}

/// The row is the attacker's or nobody's, and not one that the target writes by itself.
fn is_own(side: &Side<'_>, change: &Change) -> bool {
    let owners = &change.owners_after;
    (owners.is_global() || side.tenants.iter().any(|t| owners.includes(t)))
        && !side.knowledge.background.covers(change)
}

fn is_foreign(side: &Side<'_>, history: &History, to: &RowRef) -> bool {
    let ownership = &side.knowledge.ownership;
    let self_id = side
        .knowledge
        .actor(&history.attacker)
        .and_then(|a| a.fields.get("id"));
    let is_self = ownership.users == Some(to.table)
        && self_id.is_some_and(|id| to.key == [Some(id.as_str().into())]);
    !is_self && !side.made(to) && side.is_foreign(&side.knowledge.owners_of(to))
}

fn declared(side: &Side<'_>, change: &Change, new: &Row) -> Vec<Pointer> {
    let schema = &side.knowledge.schema;
    let table = schema.table(change.table);
    let keys = table.foreign_keys.iter().filter(|key| {
        !is_tenant_column(side, change.table, &key.columns) && !confers(side, table, key)
    });
    keys.filter_map(|key| {
        let values = values(new, &key.columns);
        let held = change
            .old
            .as_ref()
            .map(|old| self::values(old, &key.columns));
        if held.as_ref() == Some(&values) {
            return None;
        }
        let row = side
            .knowledge
            .rows
            .find(schema, key.table, &key.references, &values)?;
        Some(Pointer {
            column: names(table, &key.columns),
            to: RowRef::of(schema.table(key.table), row),
            declared: true,
            open: key.columns.iter().any(|&c| is_open(side, change.table, c)),
        })
    })
    .collect()
}

fn learnt(side: &Side<'_>, change: &Change, new: &Row) -> Vec<Pointer> {
    let knowledge = side.knowledge;
    let schema = &knowledge.schema;
    let mut found = Vec::new();
    for reference in &knowledge.references {
        let ColumnRef { table, column } = reference.from;
        let confers = |c| is_membership_edge(side, table, c);
        if table != change.table
            || reference.to.table == knowledge.ownership.tenants
            || is_tenant_column(side, table, &[column])
            || confers(column)
        {
            continue;
        }
        let held = change.old.as_ref().map(|old| reference.keys(old));
        let keys = reference.keys(new).into_iter();
        for key in keys.filter(|k| !held.as_ref().is_some_and(|held| held.contains(k))) {
            let to = reference.to;
            let there = knowledge
                .rows
                .find(schema, to.table, &[to.column], &[Some(key)]);
            found.extend(there.map(|row| Pointer {
                column: names(schema.table(table), &[column]),
                to: RowRef::of(schema.table(to.table), row),
                declared: false,
                open: is_open(side, table, column),
            }));
        }
    }
    found
}

/// Whether the description lets that column point to rows of any tenant.
fn is_open(side: &Side<'_>, table: TableId, column: usize) -> bool {
    let at = ColumnRef { table, column };
    side.knowledge.open_references.contains(&at)
}

fn values(row: &Row, columns: &[usize]) -> Vec<Value> {
    let value = |&c: &usize| row.get(c).cloned().flatten();
    columns.iter().map(value).collect()
}

fn names(table: &Table, columns: &[usize]) -> String {
    let name = |&c: &usize| table.columns[c].name.as_str();
    columns.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Whether these columns say who owns the row.
fn is_tenant_column(side: &Side<'_>, table: TableId, columns: &[usize]) -> bool {
    match side.knowledge.ownership.rule(table) {
        Rule::Columns { columns: own } | Rule::Members { columns: own, .. } => {
            columns.iter().all(|c| own.contains(c))
        }
        Rule::Tenant { .. } | Rule::Parents { .. } | Rule::Schema { .. } | Rule::Global => false,
    }
}

/// Whether a foreign key is the edge that makes a user a member.
fn confers(side: &Side<'_>, table: &Table, key: &ForeignKey) -> bool {
    key.columns
        .iter()
        .any(|&c| is_membership_edge(side, table.id, c))
}

fn is_membership_edge(side: &Side<'_>, table: TableId, column: usize) -> bool {
    let membership = side.knowledge.ownership.membership.as_ref();
    membership.is_some_and(|m| m.table == table && (m.user == column || m.tenant == column))
}

fn evidence(
    side: &Side<'_>,
    history: &History,
    change: &Change,
    pointer: Pointer,
    shown_by: (Purpose, usize),
) -> Option<Evidence> {
    let knowledge = side.knowledge;
    let new = change.new.as_ref()?;
    let owners = knowledge.owners_of(&pointer.to);
    Some(Evidence {
        oracle: "reference",
        victim: side.victim(history, &owners),
        severity: if pointer.declared {
            Severity::High
        } else {
            Severity::Medium
        },
        crossing: Crossing::Referenced {
            from: RowRef::of(knowledge.schema.table(change.table), new),
            column: pointer.column,
            to: pointer.to,
            owners,
            declared: pointer.declared,
        },
        shown_by,
    })
}

#[cfg(test)]
mod tests;
