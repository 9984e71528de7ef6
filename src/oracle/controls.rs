//! The first promise: a case *held* only where the owner's call worked on its own row, the attacker's same call worked on
//! its own, and the victim's row still stands.

use std::collections::BTreeSet;

use super::coincidence::{Candidates, entries, matches};
use super::records::records;
use super::remembered;
use super::served::says;
use crate::model::exchange::{Exchange, Failure, History, Purpose, Response};
use crate::model::knowledge::Knowledge;
use crate::model::ownership::Owners;
use crate::model::rows::RowRef;
use crate::model::tenant::TenantKey;
use crate::model::verdict::{Provenance, Reason};

/// Whether a case without any violation may be called held; else why it shows nothing.
///
/// - The attack was answered: in full, not by throttling, and not by an error of the server.
/// - The owner's control worked, judged by data: its answer holds a canary of the victim's own rows, or coincides with
///   one of them; or it changed a row that the victim owns. Of the row that the attack names, where it names any and the
///   control reaches them.
/// - The attacker's own control worked, judged by data likewise: where the owner's write changed a row, it changed one of
///   the attacker's own. Callers without tenants have no data of their own: for them the status says it (2xx, or 3xx to
///   anywhere but a log-in), and the anonymous caller needs no control, having no own part.
/// - The victim's row still stands.
///
/// A legitimate call (`plain`) is its own control: own data in the answer, an own row changed, or a read that was answered
/// with anything at all. The anonymous caller holds by being refused what the owner's control was given.
pub fn held(history: &History, knowledge: &Knowledge) -> Result<(), Reason> {
    if history.is_plain() {
        return held_plain(history, knowledge);
    }
    let attacks: Vec<&Exchange> = history.of(Purpose::Attack).collect();
    if attacks.is_empty() {
        return Err(Reason::NotApplicable);
    }
    for attack in attacks {
        if answered(attack)?.status >= 500 {
            return Err(Reason::ServerError);
        }
    }
    let own = own_tenants(history);
    let victims = victims(history, knowledge);
    let shown = owner_control(history, knowledge, &victims)?;
    own_control(history, knowledge, own, shown.wrote)?;
    still_stands(history, knowledge, &victims, &shown.rows)
}

/// Whether the owner's and the attacker's own control worked; see [`held`].
pub fn controls(history: &History, knowledge: &Knowledge) -> Result<(), Reason> {
    let shown = owner_control(history, knowledge, &victims(history, knowledge))?;
    own_control(history, knowledge, own_tenants(history), shown.wrote)
}

/// What a control showed of its caller's own rows.
pub struct Shown {
    /// The rows that the answer held or the call changed.
    pub rows: BTreeSet<RowRef>,
    /// The call, a write, changed some of them.
    pub wrote: bool,
}

fn held_plain(history: &History, knowledge: &Knowledge) -> Result<(), Reason> {
    let calls = || history.exchanges.iter().map(|(_, e)| e);
    let mut own = calls()
        .filter(|e| e.call.actor == history.attacker)
        .peekable();
    if own.peek().is_none() {
        return Err(Reason::NotApplicable);
    }
    for exchange in own {
        answered(exchange)?;
        if shows(exchange, knowledge, own_tenants(history)).is_some() {
            continue;
        }
        if !accepted(exchange) && history.attacker.is_anonymous() {
            // Nobody has nothing of its own to be shown: being refused what is there is what holds.
            owner_control(history, knowledge, &victims(history, knowledge))?;
        } else if !accepted(exchange) {
            return Err(Reason::OwnControlFailed);
        } else if !is_answer(exchange) {
            return Err(Reason::NothingShown);
        }
    }
    Ok(())
}

/// Whether a read was answered with anything: an empty list, a bare success, or a redirection shows nothing.
fn is_answer(exchange: &Exchange) -> bool {
    let response = exchange.response().filter(|r| r.is_success());
    let says = |response: &Response| match response.json() {
        Some(json) => says(&json),
        None => response.body.iter().any(|b| !b.is_ascii_whitespace()),
    };
    exchange.call.is_safe() && response.is_some_and(says)
}

fn own_tenants(history: &History) -> &[TenantKey] {
    if history.attacker.is_anonymous() {
        &[]
    } else {
        &history.attacker_tenants
    }
}

/// The tenants whose rows the owner's control may show: the one attacked, else those of the control's caller.
fn victims(history: &History, knowledge: &Knowledge) -> Vec<TenantKey> {
    if let Some(victim) = &history.victim {
        return vec![victim.clone()];
    }
    let control = history.first(Purpose::OwnerControl);
    let owner = control.and_then(|e| knowledge.actor(&e.call.actor));
    owner.map(|a| a.memberships.clone()).unwrap_or_default()
}

/// The response, where it came whole and was no throttling.
fn answered(exchange: &Exchange) -> Result<&Response, Reason> {
    match &exchange.outcome {
        Ok(response) if response.status == 429 => Err(Reason::Throttled),
        Ok(response) if response.truncated => Err(Reason::NoAnswer),
        Ok(response) => Ok(response),
        Err(
            Failure::Refused
            | Failure::Reset(_)
            | Failure::Timeout(_)
            | Failure::Broken(_)
            | Failure::NotSent(_),
        ) => Err(Reason::NoAnswer),
    }
}

fn accepted(exchange: &Exchange) -> bool {
    let response = exchange.response();
    response.is_some_and(|r| (200..400).contains(&r.status) && !asks_to_log_in(r))
}

/// Whether an answer sends the caller to a log-in.
fn asks_to_log_in(response: &Response) -> bool {
    let location = response.header("location").unwrap_or_default();
    let location = location.to_ascii_lowercase().replace(['-', '_'], "");
    let mut words = location.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| {
        let begins = |name: &&str| word.starts_with(*name);
        ["login", "logon", "signin"].iter().any(begins)
            || matches!(word, "auth" | "oauth" | "oauth2" | "sso" | "authenticate")
    })
}

/// The rows of the victim that the owner's controls returned or changed.
fn owner_control(
    history: &History,
    knowledge: &Knowledge,
    victims: &[TenantKey],
) -> Result<Shown, Reason> {
    let mut failed = Reason::OwnerControlFailed;
    for control in history.of(Purpose::OwnerControl) {
        match answered(control) {
            Ok(_) => {
                if let Some(shown) = shows(control, knowledge, victims) {
                    return Ok(shown);
                }
                if accepted(control) {
                    failed = Reason::NothingShown;
                }
            }
            Err(reason) => failed = reason,
        }
    }
    Err(failed)
}

/// Whether the attacker's own call worked, by data: a write by what it wrote. By status where it can have no data.
fn own_control(
    history: &History,
    knowledge: &Knowledge,
    own: &[TenantKey],
    writes: bool,
) -> Result<(), Reason> {
    let by_status = own.is_empty();
    let mut controls = history.of(Purpose::OwnControl).peekable();
    if controls.peek().is_none() && history.attacker.is_anonymous() {
        return Ok(());
    }
    let mut failed = Reason::OwnControlFailed;
    for control in controls {
        match answered(control) {
            Ok(_) if by_status && accepted(control) => return Ok(()),
            Ok(_) if shows(control, knowledge, own).is_some_and(|s| s.wrote || !writes) => {
                return Ok(());
            }
            Ok(_) => {}
            Err(reason) => failed = reason,
        }
    }
    Err(failed)
}

/// The rows of these tenants that a call returned or changed; `None` where there are none. What it changed says more.
pub fn shows(exchange: &Exchange, knowledge: &Knowledge, tenants: &[TenantKey]) -> Option<Shown> {
    let own = |owners: &Owners| tenants.iter().any(|t| owners.includes(t));
    let changed = exchange.changes.iter().filter(|c| {
        let housekeeping = knowledge.background.covers(c);
        !housekeeping && !c.columns().is_empty() && (own(&c.owners_before) || own(&c.owners_after))
    });
    let mut rows: BTreeSet<RowRef> = changed.filter_map(|c| c.row(&knowledge.schema)).collect();
    let wrote = !rows.is_empty() && !exchange.call.is_safe();
    if let Some(response) = exchange
        .response()
        .filter(|r| (200..400).contains(&r.status))
    {
        let find = || returned(response, knowledge, &own);
        rows.extend(remembered::rows(&response.body, tenants, find));
    }
    (!rows.is_empty()).then_some(Shown { rows, wrote })
}

/// The own rows that stand in an answer: by a strong canary; else by weak values, three of one row, or its key and
/// another. (What was sent counts, too: a call that asks for an own row and gets it back has worked.)
fn returned(
    response: &Response,
    knowledge: &Knowledge,
    own: &impl Fn(&Owners) -> bool,
) -> BTreeSet<RowRef> {
    let hits = knowledge.canaries.scan(&response.body);
    let places = hits
        .iter()
        .flat_map(|hit| sources(knowledge, hit.provenance));
    let strong = places.filter(|p| own(&p.owners)).map(|p| p.row.clone());
    let mut rows: BTreeSet<RowRef> = strong.collect();
    if !rows.is_empty() {
        return rows;
    }
    for record in records(response) {
        let entries = entries(&record.entries);
        let candidates = Candidates::of(&entries, &knowledge.rows);
        for found in matches(&entries, &candidates, &knowledge.schema, &knowledge.rows) {
            let key = &knowledge.schema.table(found.row.table).primary_key;
            let keyed = found
                .pairs
                .iter()
                .any(|p| p.named && key.contains(&p.column));
            if (found.pairs.len() >= 3 || keyed) && own(&knowledge.owners_of(&found.row)) {
                rows.insert((*found.row).clone());
            }
        }
    }
    rows
}

/// The places that a value comes from: the row whose key it is, if it is one; not those that only point there.
fn sources<'a>(knowledge: &Knowledge, places: &'a [Provenance]) -> Vec<&'a Provenance> {
    let is_key = |p: &&Provenance| {
        let table = knowledge.schema.table(p.row.table);
        table.primary_key.contains(&p.column)
    };
    let keys: Vec<_> = places.iter().filter(is_key).collect();
    if keys.is_empty() {
        places.iter().collect()
    } else {
        keys
    }
}

/// Whether the victim's row survived: those that the attack names; where it names none, one of those that the owner's
/// control showed, or, where that deleted what it showed, any of the victim's in the same table.
fn still_stands(
    history: &History,
    knowledge: &Knowledge,
    victims: &[TenantKey],
    shown: &BTreeSet<RowRef>,
) -> Result<(), Reason> {
    let stands = |row: &RowRef| knowledge.rows.get(row).is_some();
    if !history.reached.is_empty() {
        let all = history.reached.iter().all(stands);
        return if all { Ok(()) } else { Err(Reason::RowGone) };
    }
    let sibling = |row: &RowRef| {
        let mut all = knowledge.rows.of(row.table);
        all.any(|(_, r)| {
            let owners = knowledge.owners(row.table, r);
            victims.iter().any(|v| owners.includes(v))
        })
    };
    if shown.iter().any(|row| stands(row) || sibling(row)) {
        Ok(())
    } else {
        Err(Reason::RowGone)
    }
}

#[cfg(test)]
mod tests;
