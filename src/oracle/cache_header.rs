//! `cache-header`: an answer with a tenant's own data that caches between target and caller may keep for others.

use super::Oracle;
use super::records::locate;
use super::side::{Side, judged};
use crate::model::exchange::{Exchange, History, Purpose, Response};
use crate::model::knowledge::Knowledge;
use crate::model::verdict::{Crossing, Evidence, Provenance, Reason, Severity};

/// Judges what answers say to caches.
pub struct CacheHeader;

impl Oracle for CacheHeader {
    fn id(&self) -> &'static str {
        "cache-header"
    }

    fn title(&self) -> &'static str {
        "an answer with own data tells shared caches to keep it"
    }

    fn doc(&self) -> &'static str {
        "\
Looks at legitimate answers to a tenant's member that hold a value of that tenant's rows which nobody else may see. Such an \
answer must not be kept by a cache that others are served from: `Cache-Control` says `public` or `s-maxage` and neither \
`private` nor `no-store`, or there is no `Cache-Control` and `Expires` lies ahead; or a cache has served it already (`Age` \
above 0, a `HIT` in `X-Cache` or `CF-Cache-Status`).

What is kept for each credential apart is none: `Vary` names `Cookie`, `Authorization` or `*`. Routes that are declared \
public are left out. An answer that says nothing about caching is an advisory, said once: caches may keep it by their own \
rules where the call carries no `Authorization`.

Severity: medium.

Example: GET /services answers acme's member with acme's services and `Cache-Control: public, max-age=60`."
    }

    fn cwe(&self) -> u16 {
        524
    }

    fn owasp(&self) -> &'static str {
        "API8:2023"
    }

    fn judge(&self, history: &History, knowledge: &Knowledge) -> Result<Vec<Evidence>, Reason> {
        let mut found = Vec::new();
        for (shown_by, exchange, response) in answers(history, knowledge) {
            let Some(header) = shared(response) else {
                continue;
            };
            let Some((value, at)) = own_value(history, knowledge, response) else {
                continue;
            };
            found.push(Evidence {
                oracle: "cache-header",
                crossing: Crossing::Cacheable { header, value, at },
                victim: exchange.call.tenant.clone(),
                severity: Severity::Medium,
                shown_by,
            });
        }
        Ok(found)
    }

    fn advisories(&self, history: &History, knowledge: &Knowledge) -> Vec<String> {
        let silent = |response: &Response| {
            response.header("cache-control").is_none() && response.header("expires").is_none()
        };
        let mut answers = answers(history, knowledge).filter(|(.., response)| silent(response));
        let any = answers.any(|(.., r)| own_value(history, knowledge, r).is_some());
        let sentence = "answers with a tenant's own data say nothing about caching (no \
                        `Cache-Control`): caches may keep those to calls without `Authorization`";
        any.then(|| sentence.to_owned()).into_iter().collect()
    }
}

/// The attacker's own legitimate calls that were answered, with where they stand in the history.
fn answers<'a>(
    history: &'a History,
    knowledge: &'a Knowledge,
) -> impl Iterator<Item = ((Purpose, usize), &'a Exchange, &'a Response)> {
    let member = history.is_plain() && !history.attacker.is_anonymous();
    let of_attack = member.then(|| judged(history, &[Purpose::Attack]));
    of_attack
        .into_iter()
        .flatten()
        .filter_map(|(purpose, index, exchange)| {
            let response = exchange.response().filter(|r| r.is_success())?;
            Some(((purpose, index), exchange, response))
        })
        .filter(|(_, exchange, _)| !knowledge.is_public(&exchange.call))
}

/// The header by which shared caches may keep an answer, or did; as `Name: value`.
fn shared(response: &Response) -> Option<String> {
    let every = |name: &str| -> Option<String> {
        let headers = response.headers.iter().filter(|(n, _)| n == name);
        let values: Vec<&str> = headers.map(|(_, v)| v.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    };
    let names = |list: &Option<String>, words: &[&str]| {
        let lower = list.as_deref().unwrap_or_default().to_ascii_lowercase();
        let mut parts = lower
            .split(',')
            .map(|part| part.split('=').next().unwrap_or("").trim().to_owned());
        parts.any(|part| words.contains(&part.as_str()))
    };
    let hit = ["x-cache", "cf-cache-status"].into_iter().find_map(|name| {
        let value = every(name)?;
        value
            .to_ascii_uppercase()
            .contains("HIT")
            .then(|| format!("{name}: {value}"))
    });
    let age = every("age").filter(|age| age.trim().parse().is_ok_and(|seconds: u64| seconds > 0));
    if let Some(served) = hit.or_else(|| age.map(|age| format!("Age: {age}"))) {
        return Some(served);
    }
    let control = every("cache-control");
    let apart = names(&every("vary"), &["cookie", "authorization", "*"]);
    if apart || names(&control, &["private", "no-store"]) {
        return None;
    }
    if names(&control, &["public", "s-maxage"]) {
        return control.map(|said| format!("Cache-Control: {said}"));
    }
    let expires = every("expires").filter(|date| control.is_none() && lies_ahead(date, response));
    expires.map(|date| format!("Expires: {date}"))
}

/// Whether `Expires` is later than the answer's own `Date`.
fn lies_ahead(expires: &str, response: &Response) -> bool {
    let read = |text: &str| chrono::DateTime::parse_from_rfc2822(text.trim()).ok();
    let sent = response.header("date").and_then(read);
    matches!((read(expires), sent), (Some(expires), Some(sent)) if expires > sent)
}

/// A value in the answer that stands in rows of the caller's tenants alone and that nobody else may see, and where it stands.
fn own_value(
    history: &History,
    knowledge: &Knowledge,
    response: &Response,
) -> Option<(Provenance, String)> {
    let side = Side::new(history, knowledge);
    let own = |place: &Provenance| {
        let owners = knowledge.owners_of(&place.row);
        let mine = owners.0.iter().all(|owner| side.tenants.contains(owner));
        !owners.is_global() && mine && !knowledge.may_see(&[], &place.row, place.column, &owners)
    };
    let hits = knowledge.canaries.scan(&response.body);
    let place = hits
        .iter()
        .filter(|hit| hit.provenance.iter().all(own))
        .find_map(|hit| hit.provenance.first())?;
    let value = place.value.to_ascii_lowercase();
    let holds = |text: &str| text.to_ascii_lowercase().contains(&value);
    let at = locate(response, holds).unwrap_or_else(|| "body".to_owned());
    Some((place.clone(), at))
}

#[cfg(test)]
mod tests;
