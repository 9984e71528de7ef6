//! `noninterference`: an answer moves when rows of other tenants alone change.

use super::Oracle;
use super::difference::{Moved, moved};
use crate::model::exchange::{Exchange, History, Purpose, Response};
use crate::model::knowledge::Knowledge;
use crate::model::ownership::Owners;
use crate::model::rows::{Row, RowRef};
use crate::model::verdict::{Crossing, Evidence, Reason, Severity};

/// Judges answers with and without the rows of others.
pub struct Noninterference;

/// How many answers with the rows there must agree: two before, one after.
const STILL: usize = 3;

impl Oracle for Noninterference {
    fn id(&self) -> &'static str {
        "noninterference"
    }

    fn title(&self) -> &'static str {
        "an answer moves when rows of other tenants alone are taken away, and moves back with them"
    }

    fn doc(&self) -> &'static str {
        "\
Compares the answers to one legitimate call: twice as it is, once while the rows of all other tenants are away, and once \
more with them back; to a create, as it is and just after another tenant's. What differs among the three answers with \
nothing changed (times, ids made anew, a shuffled order) is left out; what is the same in all three and another in the \
fourth may tell of other tenants: counts, sums, averages, positions, next numbers, words of a drop-down. Then the rows \
go away and come back several times more, and the same part must move each time, from the same value to the same other \
one: a page of a longer list in random order, or a worker's name, does not. A list that holds other rows each time counts \
by its length alone.

Rows that the caller may see by rule stay where they are; so do the tenants themselves and rows that nobody owns.

A finding names the table, and the row where one is enough.

Severity: medium; info where another's create made a tenant: that a tenant's name is taken shows everywhere.

Example: `/total` of GET /tasks is 118, and 42 while the tasks of globex are away."
    }

    fn cwe(&self) -> u16 {
        203
    }

    fn owasp(&self) -> &'static str {
        "API1:2023"
    }

    fn judge(&self, history: &History, knowledge: &Knowledge) -> Result<Vec<Evidence>, Reason> {
        let mut calls = history.of(Purpose::Attack).map(|e| &e.call);
        // What a public route answers, everybody may see.
        if history.away.is_empty() || calls.any(|call| knowledge.is_public(call)) {
            return Err(Reason::NotApplicable);
        }
        let still: Vec<&Response> = history
            .of(Purpose::Still)
            .map(answer)
            .collect::<Result<_, _>>()?;
        let alone: Vec<&Response> = history
            .of(Purpose::Attack)
            .map(answer)
            .collect::<Result<_, _>>()?;
        if alone.is_empty() {
            return Err(Reason::NoAnswer);
        }
        if still.len() < STILL || !still.iter().all(|r| r.is_success()) {
            return Err(Reason::OwnControlFailed);
        }
        let follows = history.of(Purpose::Setup).next().is_some();
        if follows && !alone.iter().all(|r| r.is_success()) {
            // A name that another tenant has just taken: whose business that is, the natural keys' attack tells.
            return Err(Reason::NotApplicable);
        }
        let Some(Moved {
            at,
            mut with,
            mut without,
        }) = moved(&still, &alone)
        else {
            return Ok(Vec::new());
        };
        if follows {
            // There the others' rows stand at the attack alone.
            std::mem::swap(&mut with, &mut without);
        }
        let owners = owners(history, knowledge);
        let mut all = owners.0.iter();
        let victim = all.next().filter(|_| all.next().is_none()).cloned();
        Ok(vec![Evidence {
            oracle: "noninterference",
            crossing: Crossing::Moved {
                at,
                with,
                without,
                rows: history.away.clone(),
                owners,
            },
            victim,
            severity: severity(history, knowledge),
            shown_by: (Purpose::Attack, 0),
        }])
    }
}

/// Names of tenants are no secret: that one is taken shows wherever tenants are made. (A create may also change the row of
/// the tenant that makes it: a counter, say.)
fn severity(history: &History, knowledge: &Knowledge) -> Severity {
    let ownership = &knowledge.ownership;
    let stood = |at: &RowRef| {
        let key = |row: &Row| row[ownership.key].clone();
        let tenant = knowledge.rows.get(at).and_then(key);
        tenant.is_some_and(|key| knowledge.tenant(&key).is_some())
    };
    let mut away = history.away.iter();
    if away.any(|at| at.table == ownership.tenants && !stood(at)) {
        Severity::Info
    } else {
        Severity::Medium
    }
}

/// Who owns the rows; what other tenants' calls made is theirs.
fn owners(history: &History, knowledge: &Knowledge) -> Owners {
    let mut makers = history.of(Purpose::Setup).peekable();
    if makers.peek().is_some() {
        return Owners(makers.filter_map(|e| e.call.tenant.clone()).collect());
    }
    let owners = history.away.iter().map(|at| knowledge.owners_of(at));
    Owners(owners.flat_map(|o| o.0).collect())
}

fn answer(exchange: &Exchange) -> Result<&Response, Reason> {
    match exchange.response() {
        Some(response) if response.status == 429 => Err(Reason::Throttled),
        Some(response) if !response.truncated => Ok(response),
        _ => Err(Reason::NoAnswer),
    }
}

#[cfg(test)]
mod tests;
