//! `existence`: ids of foreign rows and ids that nobody has can be told apart.

use std::collections::BTreeMap;

use super::Oracle;
use super::difference::numbers;
use super::leak::Leak;
use super::reference::Reference;
use super::served::{Served, own, served};
use super::signature::Signature;
use super::write::Write;
use crate::model::call::Call;
use crate::model::canary;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::knowledge::Knowledge;
use crate::model::rows::RowRef;
use crate::model::verdict::{Crossing, Evidence, Reason, Severity};

/// Judges whether refusals talk.
pub struct Existence;

impl Oracle for Existence {
    fn id(&self) -> &'static str {
        "existence"
    }

    fn title(&self) -> &'static str {
        "foreign ids and missing ids can be told apart"
    }

    fn doc(&self) -> &'static str {
        "\
Compares the answers to an attack with those to the same call with ids that nobody has: by status, by the keys of the \
body, by its text, and by the names of the headers. The ids that were sent, request ids, dates and numbers are masked. A \
difference counts when it is consistent: all foreign ids are answered alike, and all missing ones; in text, headers and \
numbers only where two missing ids were tried, at least.

A foreign id that is *served* (success, in the shape that the attacker's own row gives, where a missing id is refused or \
answered otherwise) is read, however little the answer holds: a number, a file, an amount and a date. Routes that serve \
whoever comes, and rows that the attacker may see in any part, are left out.

A call that leaked, wrote or planted something is left to the other oracles.

Severity: high where a row is served; else medium where ids can be guessed (integers, short words), or a number tells of \
the row; info where they cannot, for tenant keys and slugs, and for log-in names at sign-up.

Example: GET /invoices/17 answers 403 where bolt has an invoice 17, and 404 where nobody has."
    }

    fn cwe(&self) -> u16 {
        204
    }

    fn owasp(&self) -> &'static str {
        "API1:2023"
    }

    fn judge(&self, history: &History, knowledge: &Knowledge) -> Result<Vec<Evidence>, Reason> {
        if history.first(Purpose::Missing).is_none() {
            return Err(Reason::NotApplicable);
        }
        let foreign = signatures(history, Purpose::Attack)?;
        let missing = signatures(history, Purpose::Missing)?;
        let Some(attack) = foreign.first() else {
            return Err(Reason::NotApplicable);
        };
        let served = served(history, knowledge);
        let told = match difference(&foreign, &missing) {
            Some(told) => Some((told, false)),
            None if served.is_some() => number(history).map(|told| (told, true)),
            None => None,
        };
        let Some((difference, is_number)) = told else {
            return Ok(Vec::new());
        };
        let succeeded = is_success(attack);
        let both = succeeded && missing.iter().all(is_success);
        if (succeeded && !both && served.is_none()) || crossed(history, knowledge) {
            return Ok(Vec::new());
        }
        let guessable = is_guessable(history, knowledge);
        let known = is_known_anyway(history, knowledge);
        let severity = match served {
            _ if known => Severity::Info,
            Some(Served::Row) if !is_number => Severity::High,
            _ if guessable || is_number => Severity::Medium,
            _ => Severity::Info,
        };
        Ok(vec![Evidence {
            oracle: "existence",
            crossing: Crossing::Detected {
                difference,
                guessable,
            },
            victim: history.victim.clone(),
            severity,
            shown_by: (Purpose::Attack, 0),
        }])
    }
}

fn is_success(answer: &Signature) -> bool {
    (200..300).contains(&answer.status)
}

fn signatures(history: &History, purpose: Purpose) -> Result<Vec<Signature>, Reason> {
    let signature = |exchange: &Exchange| match exchange.response() {
        Some(response) if response.status == 429 => Err(Reason::Throttled),
        Some(response) if response.truncated => Err(Reason::NoAnswer),
        Some(response) => Ok(Signature::of(exchange, response, &history.slots)),
        None => Err(Reason::NoAnswer),
    };
    history.of(purpose).map(signature).collect()
}

/// What another oracle says about the attack itself.
fn crossed(history: &History, knowledge: &Knowledge) -> bool {
    let others: [&dyn Oracle; 3] = [&Leak, &Write, &Reference];
    others.iter().any(|oracle| {
        let found = oracle.judge(history, knowledge).unwrap_or_default();
        found.iter().any(|e| e.shown_by.0 == Purpose::Attack)
    })
}

/// The first consistent difference, in a sentence.
fn difference(foreign: &[Signature], missing: &[Signature]) -> Option<String> {
    let status = apart(foreign, missing, |s| s.status.to_string());
    if let Some((here, there)) = status {
        return Some(format!(
            "{here} for a foreign id, {there} for a missing one"
        ));
    }
    if apart(foreign, missing, |s| s.keys.clone()).is_some() {
        return Some("the body has other keys for a foreign id than for a missing one".to_owned());
    }
    // One sample cannot tell a difference from what varies by itself.
    if missing.len() < 2 {
        return None;
    }
    if let Some((here, there)) = apart(foreign, missing, |s| s.text.clone()) {
        let (here, there) = (short(&here), short(&there));
        return Some(format!(
            "`{here}` for a foreign id, `{there}` for a missing one"
        ));
    }
    let headers = |s: &Signature| s.headers.iter().cloned().collect::<Vec<_>>().join(", ");
    apart(foreign, missing, headers)?;
    let (here, there) = (&foreign[0].headers, &missing[0].headers);
    let names: Vec<&str> = here
        .symmetric_difference(there)
        .map(String::as_str)
        .collect();
    Some(format!(
        "the header {} comes only for {}",
        names.join(", "),
        if here.len() > there.len() {
            "a foreign id"
        } else {
            "a missing one"
        }
    ))
}

/// The first number that is one and the same for all missing ids, and another for foreign ids and for an own one; asked
/// again, an id must give it again.
fn number(history: &History) -> Option<String> {
    let of = |e: &Exchange| Some((e.call.clone(), numbers(e.response()?)));
    let foreign: Vec<_> = history.of(Purpose::Attack).filter_map(of).collect();
    let missing: Vec<_> = history.of(Purpose::Missing).filter_map(of).collect();
    let own = numbers(own(history)?);
    let (first, more) = missing.split_first().filter(|(_, more)| !more.is_empty())?;
    let tells = |(at, none): &(&String, &String)| {
        let here = |numbers: &BTreeMap<String, String>| numbers.get(*at).cloned();
        let other = |number: Option<String>| number.is_some_and(|n| n != **none);
        let steady = |(call, numbers): &(Call, BTreeMap<String, String>)| {
            let again = foreign.iter().filter(|(same, _)| same == call);
            let mut again = again.map(|(_, numbers)| here(numbers));
            again.all(|number| number == here(numbers))
        };
        other(here(&own))
            && more.iter().all(|(_, n)| here(n).as_ref() == Some(none))
            && foreign.iter().all(|f| other(here(&f.1)) && steady(f))
    };
    let (at, none) = first.1.iter().find(tells)?;
    Some(format!(
        "`{at}` is {none} for a missing id, and another number for a foreign one"
    ))
}

/// What all foreign answers have in one way and all missing ones in another.
fn apart(
    foreign: &[Signature],
    missing: &[Signature],
    part: impl Fn(&Signature) -> String,
) -> Option<(String, String)> {
    let here = alike(foreign, &part)?;
    let there = alike(missing, &part)?;
    (here != there).then_some((here, there))
}

fn alike(all: &[Signature], part: &impl Fn(&Signature) -> String) -> Option<String> {
    let first = part(all.first()?);
    all.iter().all(|s| part(s) == first).then_some(first)
}

fn short(text: &str) -> String {
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match plain.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    }
}

/// The exchanged values of the attack.
fn exchanged(history: &History) -> Vec<String> {
    let Some(attack) = history.first(Purpose::Attack) else {
        return Vec::new();
    };
    let slots = history.slots.iter();
    slots.filter_map(|s| attack.call.slot(s)).collect()
}

/// Whether any exchanged id can be guessed: an integer, or too short or too wordy to be random.
/// So is a name that people choose (a slug, a number, an e-mail): only in partywall's own rows is it random.
fn is_guessable(history: &History, knowledge: &Knowledge) -> bool {
    let random = |value: &String| {
        let letters = value.bytes().any(|b| b.is_ascii_alphabetic());
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        value.len() >= 16 && letters && digits >= 3
    };
    let values = exchanged(history);
    values
        .iter()
        .any(|value| !random(value) || is_chosen(value, history, knowledge))
}

/// Whether a value stands in a reached row outside its key, and holds what partywall made up for a text.
fn is_chosen(value: &str, history: &History, knowledge: &Knowledge) -> bool {
    let holds = |at: &RowRef| {
        let key = &knowledge.schema.table(at.table).primary_key;
        let row = knowledge.rows.get(at);
        row.into_iter()
            .flatten()
            .enumerate()
            .any(|(column, held)| !key.contains(&column) && held.as_deref() == Some(value))
    };
    value.to_ascii_lowercase().contains(canary::PREFIX) && history.reached.iter().any(holds)
}

/// Tenant keys and slugs are in addresses, and sign-up must say which log-in names are taken.
fn is_known_anyway(history: &History, knowledge: &Knowledge) -> bool {
    let values = exchanged(history);
    let ownership = &knowledge.ownership;
    let is_tenant = |value: &String| {
        let tenants = &mut knowledge.tenants.iter();
        tenants.any(|t| *t.key == **value || t.slug == *value)
    };
    let in_table = |table| {
        !history.reached.is_empty() && history.reached.iter().all(|r| Some(r.table) == table)
    };
    let signing_up = history.attacker.is_anonymous() && in_table(ownership.users);
    let is_mail = |value: &String| value.contains('@');
    in_table(Some(ownership.tenants))
        || signing_up
        || (!values.is_empty() && values.iter().all(|v| is_tenant(v) || is_mail(v)))
}

#[cfg(test)]
mod tests;
