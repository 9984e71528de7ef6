//! `contract`: a promise that the description declares was not kept.

use super::Oracle;
use super::controls::controls;
use crate::model::exchange::{Exchange, History, Purpose, Response};
use crate::model::knowledge::{Expectation, Knowledge};
use crate::model::pattern::{glob, matches};
use crate::model::verdict::{Crossing, Evidence, Reason, Severity};

/// Judges answers by declared promises.
pub struct Contract;

impl Oracle for Contract {
    fn id(&self) -> &'static str {
        "contract"
    }

    fn title(&self) -> &'static str {
        "a declared promise about the answer was not kept"
    }

    fn doc(&self) -> &'static str {
        "\
Only for what `[expect]` declares: calls of an attack (by id, or `family.*`), on all routes or some, are answered with a \
status (or one of several), or with certain words in the body. Where a promise applies and the answer is another, it is broken, whether or \
not any data crossed. Without a promise only data decides.

The case is inconclusive where the owner's or the attacker's own call does not work: a refusal then says nothing. Promises \
about `token.*` are not judged on routes that serve callers without credentials: those need not look at a token.

Severity: medium.

Example: `\"header.*\" = 403`, and GET /tasks with a spoofed X-Tenant-Id answers 200."
    }

    fn cwe(&self) -> u16 {
        284
    }

    fn owasp(&self) -> &'static str {
        "API8:2023"
    }

    fn judge(&self, history: &History, knowledge: &Knowledge) -> Result<Vec<Evidence>, Reason> {
        let attacks: Vec<(usize, &Exchange)> = history.of(Purpose::Attack).enumerate().collect();
        let expected = knowledge.expectations.iter();
        let applies = |e: &&Expectation| {
            attacks
                .iter()
                .any(|(_, attack)| applies(e, history, attack))
        };
        let expected: Vec<&Expectation> = expected.filter(applies).collect();
        if expected.is_empty() {
            return Err(Reason::NotApplicable);
        }
        if history.attacker_tenants.is_empty() {
            // Promises speak of members: who belongs nowhere may be refused in another way.
            return Err(Reason::NotApplicable);
        }
        let serves_anybody = |e: &Exchange| knowledge.open_routes.contains(&e.call.route);
        if history.attack.starts_with("token.") && attacks.iter().any(|(_, a)| serves_anybody(a)) {
            // Log-ins and public pages serve callers without any token, and need not look at one.
            return Err(Reason::NotApplicable);
        }
        controls(history, knowledge)?;
        let mut broken = Vec::new();
        for (index, attack) in attacks {
            let response = attack.response().ok_or(Reason::NoAnswer)?;
            for expectation in expected
                .iter()
                .filter(|e| self::applies(e, history, attack))
            {
                if !expectation.status.contains(&429) && response.status == 429 {
                    return Err(Reason::Throttled);
                }
                let crossing = breach(expectation, response);
                broken.extend(crossing.map(|crossing| evidence(history, crossing, index)));
            }
        }
        Ok(broken)
    }
}

fn evidence(history: &History, crossing: Crossing, index: usize) -> Evidence {
    Evidence {
        oracle: "contract",
        crossing,
        victim: history.victim.clone(),
        severity: Severity::Medium,
        shown_by: (Purpose::Attack, index),
    }
}

fn applies(expectation: &Expectation, history: &History, attack: &Exchange) -> bool {
    let routes = &expectation.routes;
    glob(&expectation.attack, &history.attack)
        && (routes.is_empty() || routes.iter().any(|r| matches(r, &attack.call.route)))
}

/// Whether anything is promised about calls of an attack.
pub fn is_promised(knowledge: &Knowledge, attack: &str) -> bool {
    let mut expectations = knowledge.expectations.iter();
    expectations.any(|e| glob(&e.attack, attack))
}

/// What was promised and what came, where they differ.
fn breach(expectation: &Expectation, response: &Response) -> Option<Crossing> {
    let statuses = &expectation.status;
    let by_status = !statuses.is_empty() && !statuses.contains(&response.status);
    let text = response.text().to_lowercase();
    let missing = |words: &&String| !text.contains(&words.to_lowercase());
    let words = expectation.body.as_ref().filter(missing);
    if !by_status && words.is_none() {
        return None;
    }
    let any: Vec<String> = statuses.iter().map(u16::to_string).collect();
    let promised_status = (!any.is_empty()).then(|| format!("answers {}", any.join(" or ")));
    let promised_words = expectation.body.as_ref().map(|w| format!("says \"{w}\""));
    let promised: Vec<String> = promised_status.into_iter().chain(promised_words).collect();
    let instead = if by_status {
        format!("answered {}", response.status)
    } else {
        format!("answered {} without these words", response.status)
    };
    Some(Crossing::Broke {
        promise: format!("{} {}", expectation.attack, promised.join(" and ")),
        instead,
    })
}

#[cfg(test)]
mod tests;
