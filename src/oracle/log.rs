//! `log`: a request left no line in the log that says whose it was.

use serde_json::Value as Json;

use super::Oracle;
use super::side::judged;
use crate::model::exchange::{Exchange, History, Purpose, Response};
use crate::model::knowledge::Knowledge;
use crate::model::logged::LogPromise;
use crate::model::verdict::{Crossing, Evidence, Reason, Severity};

/// Judges log lines by what the description declares.
pub struct Log;

impl Oracle for Log {
    fn id(&self) -> &'static str {
        "log"
    }

    fn title(&self) -> &'static str {
        "a request left no log line that says whose it was"
    }

    fn doc(&self) -> &'static str {
        "\
Only where the description has a section `[log]`. Each read that works is made once more by itself, by a member; its answer \
must carry the request's id in the declared header (`x-request-id`), and within a second the target must have printed a line \
of JSON whose declared field holds that id. Of a call that was served, further fields hold the tenant that it acted in (its \
key or slug) and the user (its id or e-mail). Without such lines nobody can tell afterwards who saw what.

Fields are found at any depth of the line. What a program keeps in a buffer for longer is not seen (Python wants \
`PYTHONUNBUFFERED=1`). A target that runs already shows no output and is not judged.

Severity: medium.

Example: `[log]` with `request = \"requestId\", tenant = \"tenantId\"`, and the line of GET /tasks says `\"tenantId\":null`."
    }

    fn cwe(&self) -> u16 {
        778
    }

    fn owasp(&self) -> &'static str {
        "API8:2023"
    }

    fn judge(&self, history: &History, knowledge: &Knowledge) -> Result<Vec<Evidence>, Reason> {
        let promise = knowledge.log.as_ref().ok_or(Reason::NotApplicable)?;
        if !history.is_plain() || history.attacker.is_anonymous() {
            return Err(Reason::NotApplicable);
        }
        let mut found = Vec::new();
        for (purpose, index, exchange) in judged(history, &[Purpose::Attack]) {
            let (Some(logged), Some(response)) = (&exchange.logged, exchange.response()) else {
                continue;
            };
            // Who asks nobody for credentials knows nobody.
            let open = knowledge.open_routes.contains(&exchange.call.route);
            let open = open || knowledge.is_public(&exchange.call);
            // Who was refused may have got no tenant, and whose call it was is another's to say.
            let served = response.is_success()
                && !open
                && exchange
                    .call
                    .tenant
                    .as_ref()
                    .is_some_and(|t| history.attacker_tenants.contains(t));
            let broken = missing(promise, response, &logged.lines).or_else(|| {
                let lines = served.then_some(&logged.lines)?;
                wrong(promise, knowledge, exchange, response, lines)
            });
            found.extend(broken.map(|(promise, instead)| Evidence {
                oracle: "log",
                crossing: Crossing::Broke { promise, instead },
                victim: exchange.call.tenant.clone(),
                severity: Severity::Medium,
                shown_by: (purpose, index),
            }));
        }
        Ok(found)
    }
}

/// What was promised and what came instead.
type Breach = (String, String);

/// No id, or no line with it.
fn missing(promise: &LogPromise, response: &Response, lines: &[String]) -> Option<Breach> {
    let header = promise.header.to_ascii_lowercase();
    let Some(id) = response.header(&header) else {
        let promised = format!("every answer carries `{header}`");
        return Some((promised, "an answer came without it".to_owned()));
    };
    entry(promise, lines, id).is_none().then(|| {
        let promised = format!(
            "each request leaves a line of JSON with its id as `{}`",
            promise.request
        );
        (promised, "no line of the output holds it".to_owned())
    })
}

/// A line that does not say whose request it was.
fn wrong(
    promise: &LogPromise,
    knowledge: &Knowledge,
    exchange: &Exchange,
    response: &Response,
    lines: &[String],
) -> Option<Breach> {
    let id = response.header(&promise.header.to_ascii_lowercase())?;
    let line = entry(promise, lines, id)?;
    let tenant = exchange
        .call
        .tenant
        .as_deref()
        .and_then(|t| knowledge.tenant(t));
    let actor = knowledge.actor(&exchange.call.actor)?;
    let of_user = ["id", "email"]
        .into_iter()
        .filter_map(|f| actor.fields.get(f));
    let checks = [
        (
            "tenant",
            &promise.tenant,
            tenant.map_or_else(Vec::new, |t| vec![t.key.to_string(), t.slug.clone()]),
        ),
        ("user", &promise.user, of_user.cloned().collect()),
    ];
    checks.into_iter().find_map(|(what, field, right)| {
        let field = field.as_ref()?;
        let said = field_of(&line, field);
        let is_right = said.as_ref().is_some_and(|said| right.contains(said));
        if right.is_empty() || is_right {
            return None;
        }
        let promised = format!("the line of each request names its {what} as `{field}`");
        let instead = match said {
            Some(_) => format!("it names another {what}"),
            None => format!("it names no {what}"),
        };
        Some((promised, instead))
    })
}

/// The line whose field for the request holds that id.
fn entry(promise: &LogPromise, lines: &[String], id: &str) -> Option<Json> {
    lines.iter().find_map(|line| {
        // What comes before the object (a time, a level) is no part of it.
        let json: Json = serde_json::from_str(&line[line.find('{')?..]).ok()?;
        (field_of(&json, &promise.request).as_deref() == Some(id)).then_some(json)
    })
}

/// What a field says, at any depth; nothing where it is null or not there.
fn field_of(json: &Json, name: &str) -> Option<String> {
    match json {
        Json::Object(map) => match map.get(name) {
            Some(Json::String(text)) => Some(text.clone()),
            Some(Json::Number(number)) => Some(number.to_string()),
            _ => map.values().find_map(|value| field_of(value, name)),
        },
        Json::Array(items) => items.iter().find_map(|item| field_of(item, name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::logged::Logged;
    use crate::model::route::RouteId;
    use crate::oracle::testing::{ACME, World, attack, history};

    /// What is said where the answer has these headers and the target printed these lines.
    fn said(headers: &[(&str, &str)], lines: &[&str]) -> Option<String> {
        let mut world = World::new();
        world.knowledge.log = Some(LogPromise {
            header: "X-Request-Id".into(),
            request: "requestId".into(),
            tenant: Some("tenantId".into()),
            user: Some("userId".into()),
        });
        let mut exchange = attack(&world.task(ACME, 0), 200, "{}");
        exchange.call.tenant = Some(ACME.into());
        exchange.logged = Some(Logged {
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        });
        if let Ok(response) = &mut exchange.outcome {
            let pairs = headers
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
            response.headers.extend(pairs);
        }
        let history = history("plain.call").with(Purpose::Attack, exchange);
        let found = Log.judge(&history, &world.knowledge).unwrap();
        let evidence = found.into_iter().next()?;
        let Crossing::Broke { promise, instead } = evidence.crossing else {
            panic!("another crossing");
        };
        Some(format!("{promise}; {instead}"))
    }

    fn line(id: &str, tenant: &str, user: &str) -> String {
        format!(
            "INFO {{\"fields\":{{\"requestId\":\"{id}\",\"tenantId\":{tenant},\"userId\":{user}}}}}"
        )
    }

    #[test]
    fn a_line_that_says_whose_request_it_was_keeps_the_promise() {
        let user = World::new()
            .knowledge
            .actor(&"acme.admin".into())
            .unwrap()
            .fields["id"]
            .clone();
        let user = format!("\"{user}\"");
        let id = [("x-request-id", "r1")];
        let right = line("r1", &format!("\"{ACME}\""), &user);
        let by_slug = line("r1", "\"acme\"", &user);
        assert_eq!(said(&id, &["started", &right]), None);
        assert_eq!(said(&id, &[&by_slug]), None);
        let says = |lines: &[&str], words: &str| {
            let said = said(&id, lines).unwrap_or_default();
            assert!(said.contains(words), "{said}");
        };
        says(&[], "no line of the output holds it");
        says(
            &[&line("r2", "\"acme\"", &user)],
            "no line of the output holds it",
        );
        says(&[&line("r1", "null", &user)], "names no tenant");
        says(&[&line("r1", "\"bolt\"", &user)], "names another tenant");
        says(
            &[&line("r1", "\"acme\"", "\"somebody\"")],
            "names another user",
        );
        assert!(said(&[], &[&right]).unwrap().contains("came without it"));
    }

    #[test]
    fn a_refused_call_an_open_route_and_nobodys_tenant_need_name_none() {
        let mut world = World::new();
        world.knowledge.log = Some(LogPromise {
            header: "x-request-id".into(),
            request: "requestId".into(),
            tenant: Some("tenantId".into()),
            user: None,
        });
        let judge = |world: &World, status: u16, tenants: &[&str]| {
            let mut exchange = attack(&world.task(ACME, 0), status, "{}");
            exchange.call.tenant = Some(ACME.into());
            exchange.logged = Some(Logged {
                lines: vec![line("r1", "null", "null")],
            });
            if let Ok(response) = &mut exchange.outcome {
                let id = ("x-request-id".to_owned(), "r1".to_owned());
                response.headers.push(id);
            }
            let history = history("plain.call").with(Purpose::Attack, exchange);
            let history = history.by("acme.admin", tenants);
            Log.judge(&history, &world.knowledge).unwrap().len()
        };
        assert_eq!(judge(&world, 200, &[ACME]), 1);
        assert_eq!(judge(&world, 403, &[ACME]), 0);
        assert_eq!(judge(&world, 200, &[]), 0);
        world
            .knowledge
            .open_routes
            .insert(RouteId("GET /tasks/{id}".into()));
        assert_eq!(judge(&world, 200, &[ACME]), 0);
    }

    #[test]
    fn without_a_declaration_nothing_is_judged() {
        let world = World::new();
        let exchange = attack(&world.task(ACME, 0), 200, "{}");
        let history = history("plain.call").with(Purpose::Attack, exchange);
        let judged = Log.judge(&history, &world.knowledge);
        assert_eq!(judged, Err(Reason::NotApplicable));
    }
}
