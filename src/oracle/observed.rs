//! Observed canaries in an answer: values that stand in no row, which another tenant alone was shown before.

use std::collections::BTreeMap;

use super::records::locate;
use super::side::Side;
use crate::model::canary::Hit;
use crate::model::exchange::{History, Purpose, Response};
use crate::model::observed::Sighting;
use crate::model::rows::RowRef;
use crate::model::tenant::TenantKey;
use crate::model::verdict::{Crossing, Severity};

/// What other tenants alone were shown and the attacker is shown now, one crossing a victim.
pub fn observed(
    side: &Side<'_>,
    history: &History,
    response: &Response,
) -> Vec<(Option<TenantKey>, Severity, Crossing)> {
    if history.reached.iter().any(|row| may_see(side, row)) {
        return Vec::new();
    }
    let known = &side.knowledge.observed;
    let fields = response.headers.iter().map(|field| ("header", field));
    let fields = fields.chain(response.trailers.iter().map(|field| ("trailer", field)));
    let fields = fields.map(|(kind, (name, value))| {
        let at = format!("{kind} {name}");
        (Some(at), known.scan(value.as_bytes()))
    });
    let body = (None, known.scan(&response.body));
    let mut by_victim: BTreeMap<TenantKey, Vec<(Sighting, String)>> = BTreeMap::new();
    for (part, hits) in std::iter::once(body).chain(fields) {
        for hit in &hits {
            let Some(seen) = hit.provenance.first() else {
                continue;
            };
            let of_victim = by_victim.entry(seen.tenant.clone()).or_default();
            let new = of_victim.iter().all(|(other, _)| other != seen);
            if new && crosses(side, history, seen) {
                let at = part.clone().unwrap_or_else(|| place(response, hit, seen));
                of_victim.push((seen.clone(), at));
            }
        }
    }
    let severity = if side.anonymous {
        Severity::Critical
    } else {
        Severity::High
    };
    let crossing = |(victim, found): (TenantKey, Vec<(Sighting, String)>)| {
        let at = found.first()?.1.clone();
        let values = found.into_iter().map(|(seen, _)| seen).collect();
        Some((Some(victim), severity, Crossing::Observed { values, at }))
    };
    by_victim.into_iter().filter_map(crossing).collect()
}

/// Whether a value is another tenant's, and none that the attacker knew, was shown by its own calls, or that comes of
/// content alone: what is computed is the same wherever the content is, and legitimate calls show own content.
fn crosses(side: &Side<'_>, history: &History, seen: &Sighting) -> bool {
    let knowledge = side.knowledge;
    let foreign = !side.tenants.contains(&seen.tenant) && knowledge.tenant(&seen.tenant).is_some();
    if !foreign || !knowledge.observed.is_ones_own(seen) {
        return false;
    }
    let computed = seen.lasting && history.is_plain();
    let known = side.knew(&seen.value) || was_said(history, &seen.value);
    let open = are_sharing(side, &seen.tenant) || was_shown(history, &seen.value);
    !(computed || known || open)
}

/// Whether the attacker may see a part of a row: then what is made from it is no secret either.
fn may_see(side: &Side<'_>, row: &RowRef) -> bool {
    let owners = side.knowledge.owners_of(row);
    let columns = side.knowledge.schema.table(row.table).columns.len();
    (0..columns).any(|column| side.may_see(row, column, &owners))
}

/// Whether the description lets the attacker's tenants see rows of that one: nobody knows which values come of those.
fn are_sharing(side: &Side<'_>, tenant: &TenantKey) -> bool {
    side.knowledge.visibility.iter().any(|v| {
        let to = v.to.as_ref().is_some_and(|to| side.tenants.contains(to));
        to && v.from.as_ref().is_none_or(|from| from == tenant)
    })
}

/// Whether the attacker said the value itself, in any part of a call: an echo.
fn was_said(history: &History, value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    let calls = history.exchanges.iter().map(|(_, e)| &e.call);
    let own = calls.filter(|c| c.actor == history.attacker);
    own.flat_map(crate::model::call::Call::sent_values)
        .any(|said| said.to_ascii_lowercase().contains(&value))
}

/// Whether the attacker's own call shows the value, too.
fn was_shown(history: &History, value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    let holds = |text: &str| text.to_ascii_lowercase().contains(&value);
    let mut answers = history.of(Purpose::OwnControl).filter_map(|e| e.response());
    answers.any(|r| holds(&r.text()) || r.headers.iter().any(|(_, v)| holds(v)))
}

fn place(response: &Response, hit: &Hit<'_, Sighting>, seen: &Sighting) -> String {
    let value = seen.value.to_ascii_lowercase();
    let holds = |text: &str| text.to_ascii_lowercase().contains(&value);
    locate(response, holds).unwrap_or_else(|| format!("body at byte {}", hit.at))
}

#[cfg(test)]
mod tests;
