//! Whether the attacker is served on a foreign id as on an own one: what short answers, files and bare statuses tell.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::side::Side;
use crate::model::exchange::{Exchange, History, Purpose, Response};
use crate::model::knowledge::Knowledge;
use crate::model::rows::RowRef;

/// How a foreign id is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// With an answer of the shape that an own row gives.
    Row,
    /// With success alone: no body, or one that holds nothing.
    Bare,
}

/// How the attacks of a history are served; `None` where they are not, where anybody may be, or where rows changed, which
/// is for other oracles to judge.
pub fn served(history: &History, knowledge: &Knowledge) -> Option<Served> {
    let attacks: Vec<&Exchange> = history.of(Purpose::Attack).collect();
    let own = own(history)?;
    let changed = |e: &Exchange| e.changes.iter().any(|c| !knowledge.background.covers(c));
    let refused = |e: &Exchange| !e.succeeded() || changed(e) || knowledge.is_public(&e.call);
    if attacks.is_empty() || attacks.iter().any(|e| refused(e)) || is_for_all(history, knowledge) {
        return None;
    }
    let mut answers = attacks.iter().filter_map(|e| e.response());
    let alike = answers.all(|answer| is_like(answer, own));
    Some(if alike { Served::Row } else { Served::Bare })
}

/// The answer to the attacker's own call on the same route, where that succeeded.
pub fn own(history: &History) -> Option<&Response> {
    if history.is_plain() || history.attacker.is_anonymous() {
        return None;
    }
    let route = &history.first(Purpose::Attack)?.call.route;
    let mut controls = history.of(Purpose::OwnControl);
    let worked = controls.find(|e| e.succeeded() && e.call.route == *route)?;
    worked.response()
}

/// Whether the route serves whoever comes (a public page, an unlisted link), or the attacker may see something of a row.
fn is_for_all(history: &History, knowledge: &Knowledge) -> bool {
    let side = Side::new(history, knowledge);
    let seen = |at: &RowRef| {
        let owners = knowledge.owners_of(at);
        let columns = knowledge.schema.table(at.table).columns.len();
        (0..columns).any(|column| side.may_see(at, column, &owners))
    };
    let routes = history.of(Purpose::Attack).map(|e| &e.call.route);
    let open = routes
        .into_iter()
        .any(|r| knowledge.open_routes.contains(r));
    open || history.reached.is_empty() || history.reached.iter().any(seen)
}

/// Whether an answer has the shape of an own row's, and holds anything: a refusal in the clothes of success has not.
fn is_like(answer: &Response, own: &Response) -> bool {
    // What is said of every row alike is no row.
    let constant = answer.body.is_empty() || answer.body == own.body;
    if constant || answer.status != own.status || kind(answer) != kind(own) {
        return false;
    }
    match (answer.json(), own.json()) {
        (Some(answer), Some(own)) => {
            names(&answer) == names(&own) && !lacks(&answer, &own) && says(&answer)
        }
        (None, None) => true,
        _ => false,
    }
}

fn kind(response: &Response) -> &str {
    let kind = response.header("content-type").unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim()
}

/// The names at the top of a document; of a list, those of its first element.
fn names(json: &Json) -> BTreeSet<&str> {
    match json {
        Json::Object(map) => map.keys().map(String::as_str).collect(),
        Json::Array(items) => items.first().map(names).unwrap_or_default(),
        _ => BTreeSet::new(),
    }
}

/// Whether a list is empty that the own answer fills.
fn lacks(answer: &Json, own: &Json) -> bool {
    let lists = own.as_object().into_iter().flatten();
    let mut filled = lists.filter(|(_, list)| list.as_array().is_some_and(|l| !l.is_empty()));
    filled.any(|(name, _)| answer[name].as_array().is_some_and(Vec::is_empty))
}

/// Whether a document holds a text, or a number that is not zero.
pub fn says(json: &Json) -> bool {
    match json {
        Json::Null | Json::Bool(_) => false,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => items.iter().any(says),
        Json::Object(map) => map.values().any(says),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::{ACME, BOLT, World, attack, call, exchange, history};

    fn case(world: &World, foreign: &str, own: &str) -> History {
        let control = call("acme.admin", "GET /tasks/{id}", ACME, "1");
        history("id.path")
            .with(Purpose::OwnControl, exchange(control, 200, own))
            .with(Purpose::Attack, attack("17", 200, foreign))
            .reaching(world.row("task", &world.task(BOLT, 0)))
    }

    fn of(foreign: &str, own: &str) -> Option<Served> {
        let world = World::new();
        served(&case(&world, foreign, own), &world.knowledge)
    }

    #[test]
    fn an_answer_of_the_own_shape_is_a_row() {
        let own = r#"{"id":1,"amount":3}"#;
        assert_eq!(of(r#"{"id":17,"amount":4}"#, own), Some(Served::Row));
        assert_eq!(of(r#"{"error":"no"}"#, own), Some(Served::Bare));
        assert_eq!(of("", ""), Some(Served::Bare));
        assert_eq!(of("%PDF-1.7 b", "%PDF-1.7 a"), Some(Served::Row));
        let page = r#"{"items":[{"id":1}],"total":1}"#;
        assert_eq!(
            of(r#"{"items":[],"total":0}"#, page),
            Some(Served::Bare),
            "an empty list"
        );
        assert_eq!(of(r#"{"total":0}"#, r#"{"total":2}"#), Some(Served::Bare));
        let taken = r#"{"taken":true}"#;
        assert_eq!(of(taken, taken), Some(Served::Bare));
    }

    #[test]
    fn whoever_may_be_served_is_not_judged() {
        let mut world = World::new();
        let own = r#"{"id":1}"#;
        let case = case(&world, own, own);
        assert!(served(&case, &world.knowledge).is_some());
        let mut without = case.clone();
        without.exchanges.remove(0);
        assert_eq!(served(&without, &world.knowledge), None, "no own control");
        let mut seen = case.clone();
        seen.reached = vec![world.row("task", &world.task(ACME, 0))];
        assert_eq!(served(&seen, &world.knowledge), None, "an own row");
        let route = case.exchanges[0].1.call.route.clone();
        world.knowledge.open_routes.insert(route.clone());
        assert_eq!(served(&case, &world.knowledge), None, "an unlisted link");
        world.knowledge.open_routes.clear();
        world.knowledge.public_routes.insert(route);
        assert_eq!(served(&case, &world.knowledge), None, "declared public");
    }
}
