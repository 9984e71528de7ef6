//! Witnesses: reads known to show what an attack may have changed, made by the victim, by other tenants, by colleagues.

use std::collections::BTreeSet;

use super::baseline::Baseline;
use super::ground::Prepared;
use super::lab::Lab;
use crate::model::call::Call;
use crate::model::knowledge::Knowledge;
use crate::model::route::{Place, Route};
use crate::model::rows::{Change, Operation, RowRef};
use crate::model::schema::TableId;
use crate::model::tenant::{ActorId, Standing, TenantKey};

/// How many reads of each side follow a write.
const READS: usize = 3;

/// Reads of the victim that show what this route works on: its own rows, before and after.
pub fn victim_reads(lab: &Lab<'_>, baseline: &Baseline, ground: &Prepared) -> Vec<Call> {
    let mut tables: Vec<_> = ground.slots.iter().map(|s| s.column.table).collect();
    if let Some(working) = baseline.working.get(&ground.route.id) {
        tables.extend(working.writes.iter().copied());
    }
    calls(
        lab,
        baseline,
        &tables,
        &ground.victim.key,
        &ground
            .victim_call
            .named
            .iter()
            .map(|n| n.2.clone())
            .collect::<Vec<_>>(),
    )
}

/// The tables in which a call changed rows that nobody owns and that stood before.
pub fn shared_tables(knowledge: &Knowledge, changes: &[Change]) -> Vec<TableId> {
    let touched = changes.iter().filter(|c| {
        matches!(c.operation, Operation::Update | Operation::Delete)
            && c.owners_before.is_global()
            && !c.columns().is_empty()
            && !knowledge.background.covers(c)
    });
    let tables: BTreeSet<TableId> = touched.map(|c| c.table).collect();
    tables.into_iter().collect()
}

/// Reads of the other tenants that show what nobody owns: the last one's first, which has the fewest rows of its own.
pub fn others_reads(
    lab: &Lab<'_>,
    baseline: &Baseline,
    ground: &Prepared,
    tables: &[TableId],
) -> Vec<Call> {
    let mine = &ground.attacker.memberships;
    let others = lab.knowledge.tenants.iter().rev();
    others
        .filter(|t| !mine.contains(&t.key))
        .flat_map(|t| calls(lab, baseline, tables, &t.key, &[]))
        .take(READS)
        .collect()
}

/// Reads of the attacker that show the tables which the attack changed.
pub fn attacker_reads(
    lab: &Lab<'_>,
    baseline: &Baseline,
    ground: &Prepared,
    tables: &[TableId],
) -> Vec<Call> {
    if ground.attacker.standing != Standing::Member {
        return Vec::new();
    }
    calls(lab, baseline, tables, &ground.own.key, &[])
}

fn calls(
    lab: &Lab<'_>,
    baseline: &Baseline,
    tables: &[TableId],
    tenant: &TenantKey,
    rows: &[RowRef],
) -> Vec<Call> {
    let all = each_call(lab, baseline, tables, tenant, rows);
    all.take(READS).collect()
}

/// Reads of a tenant that are known to show tables, of these rows where they take one.
pub fn all_calls(
    lab: &Lab<'_>,
    baseline: &Baseline,
    tables: &[TableId],
    tenant: &TenantKey,
    rows: &[RowRef],
) -> Vec<Call> {
    each_call(lab, baseline, tables, tenant, rows).collect()
}

fn each_call<'l>(
    lab: &'l Lab<'_>,
    baseline: &'l Baseline,
    tables: &[TableId],
    tenant: &'l TenantKey,
    rows: &'l [RowRef],
) -> impl Iterator<Item = Call> + use<'l> {
    let reads = reads_of(lab, baseline, tables, tenant);
    reads.into_iter().filter_map(move |(route, actor)| {
        let working = baseline.working.get(&route.id)?;
        let actor = lab.actor(&actor)?;
        let mut concrete = working.call(&lab.knowledge, &route, actor, Some(tenant))?;
        // Look at the very row that the attack reaches for, where the read takes one of its table.
        for (at, column, named) in &concrete.named.clone() {
            let wanted = rows.iter().find(|r| r.table == named.table);
            let value = wanted
                .and_then(|r| lab.knowledge.rows.get(r))
                .and_then(|row| row[column.column].clone());
            if let (Some(value), 1) = (value, concrete.named.len()) {
                concrete.call = concrete.call.with_slot(at, &value);
            }
        }
        Some(concrete.call)
    })
}

/// Reads that are known to show a table: route and the actor who makes them for that tenant.
fn reads_of(
    lab: &Lab<'_>,
    baseline: &Baseline,
    tables: &[TableId],
    tenant: &str,
) -> Vec<(Route, ActorId)> {
    let mut reads = Vec::new();
    for (id, working) in &baseline.working {
        let Some(route) = lab.route(id).filter(|r| r.method == "GET") else {
            continue;
        };
        let shown = tables.iter().any(|t| working.shows.contains(t));
        if shown && let Some(actor) = baseline.strongest(lab, id, tenant) {
            reads.push((route.clone(), actor.id.clone()));
        }
    }
    // The most specific first: a detail shows a change more surely than a long list.
    reads.sort_by_key(|(r, _)| {
        (
            std::cmp::Reverse(r.parameters_in(Place::Path).count()),
            r.id.clone(),
        )
    });
    reads
}
