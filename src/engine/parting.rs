//! Ways out: calls after which a session, a membership, or a row should be gone.

use super::baseline::Baseline;
use super::lab::Lab;
use super::names::{likeness, words};
use crate::model::call::Call;
use crate::model::exchange::{History, Purpose};
use crate::model::knowledge::Knowledge;
use crate::model::route::Route;
use crate::model::rows::{Change, RowRef};
use crate::model::schema::TableId;
use crate::model::tenant::{Actor, Standing, Tenant};

/// Whether a route is called like one that ends the caller's session, or gives it another.
pub fn ends_session(route: &Route) -> bool {
    const NAMES: [&str; 6] = [
        "logout",
        "logoff",
        "signout",
        "signoff",
        "switch",
        "endsession",
    ];
    let plain = |segment: &str| segment.to_ascii_lowercase().replace(['-', '_'], "");
    let mut segments = route.template.split('/').map(plain);
    segments.any(|s| NAMES.iter().any(|n| s.starts_with(n)))
}

/// Whether a route may end a session or a membership, as far as its name tells.
pub fn may_part(knowledge: &Knowledge, route: &Route) -> bool {
    if ends_session(route) {
        return true;
    }
    let ownership = &knowledge.ownership;
    let tables: Vec<TableId> = ownership
        .users
        .into_iter()
        .chain(ownership.membership.as_ref().map(|m| m.table))
        .collect();
    let about_people = |segment: &str| {
        let segment = words(segment);
        let known = |t: &TableId| likeness(&words(&knowledge.schema.table(*t).name), &segment) >= 2;
        let usual = |w: &String| matches!(w.as_str(), "member" | "membership" | "user" | "team");
        tables.iter().any(known) || segment.iter().any(usual)
    };
    route.method == "DELETE" && route.template.split('/').any(about_people)
}

/// The calls of an actor that end its session.
pub fn leaving(lab: &Lab<'_>, baseline: &Baseline, actor: &Actor) -> Vec<Call> {
    let ways = baseline.working.iter().filter_map(|(id, working)| {
        let route = lab.route(id).filter(|r| !r.is_safe() && ends_session(r))?;
        let known = working.actors.contains(&actor.id);
        let call = working.call(&lab.knowledge, route, actor, actor.tenant.as_ref());
        call.filter(|_| known).map(|c| c.call)
    });
    ways.collect()
}

/// The call by which a colleague ends the membership of an actor: one that was seen to take memberships away, on the actor's.
pub fn ending(lab: &Lab<'_>, baseline: &Baseline, actor: &Actor, own: &Tenant) -> Option<Call> {
    let knowledge = &lab.knowledge;
    let membership = knowledge.ownership.membership.as_ref()?;
    if actor.standing != Standing::Member {
        return None;
    }
    let user = actor.fields.get("id")?;
    let (_, row) = knowledge.rows.of(membership.table).find(|(_, row)| {
        row[membership.user].as_deref() == Some(user)
            && row[membership.tenant].as_ref() == Some(&own.key)
    })?;
    baseline.working.iter().find_map(|(id, working)| {
        let route = lab.route(id).filter(|r| r.method == "DELETE")?;
        if !working.writes.contains(&membership.table) {
            return None;
        }
        let colleague = baseline.strongest(lab, id, &own.key)?;
        if colleague.id == actor.id {
            return None;
        }
        let concrete = working.call(knowledge, route, colleague, Some(&own.key))?;
        let mut call = concrete.call;
        let mut named = false;
        for (at, column, _) in &concrete.named {
            let value = if column.table == membership.table {
                row[column.column].clone()
            } else if knowledge.ownership.users == Some(column.table) {
                let me = RowRef {
                    table: column.table,
                    key: vec![Some(user.as_str().into())],
                };
                knowledge.rows.get(&me)?[column.column].clone()
            } else {
                continue;
            };
            call = call.with_slot(at, &value?);
            named = true;
        }
        named.then_some(call)
    })
}

/// The call by which a tenant deletes a row that this route shows or changes.
pub fn deleting(
    lab: &Lab<'_>,
    baseline: &Baseline,
    route: &Route,
    tenant: &Tenant,
) -> Option<Call> {
    let (id, working) = baseline.working.iter().find(|(id, _)| {
        let deletes = |r: &Route| r.method == "DELETE" && r.template == route.template;
        lab.route(id).is_some_and(deletes)
    })?;
    let owner = baseline
        .strongest(lab, id, &tenant.key)
        .filter(|_| route.method != "DELETE")?;
    let deletes = lab.route(id)?;
    let call = working.call(&lab.knowledge, deletes, owner, Some(&tenant.key));
    call.map(|c| c.call)
}

/// Whether what came first in a history ended the attacker's membership in the tenant that is the victim now: its row was
/// taken away, or changed.
pub fn has_ended(knowledge: &Knowledge, history: &History) -> bool {
    let (Some(membership), Some(actor)) = (
        &knowledge.ownership.membership,
        knowledge.actor(&history.attacker),
    ) else {
        return false;
    };
    let user = actor.fields.get("id").map(String::as_str);
    let of_attacker = |change: &Change| {
        let row = change.old.as_ref();
        change.table == membership.table
            && row.is_some_and(|row| {
                row[membership.user].as_deref() == user && row[membership.tenant] == history.victim
            })
    };
    let mut changes = history.of(Purpose::Setup).flat_map(|e| &e.changes);
    changes.any(of_attacker)
}
