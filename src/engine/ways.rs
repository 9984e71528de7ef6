//! Ways to call a route: what its parameters may hold, with what body, and how the rows belong together.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::baseline::hash;
use super::bind::{self, Observed, Source};
use super::body;
use super::lab::Lab;
use super::names::{is_key, words};
use super::plan::{Plan, Relation};
use super::subject::about;
use crate::model::call::{SlotRef, text};
use crate::model::route::{Parameter, Place, Route};
use crate::model::schema::TableId;
use crate::model::tenant::Actor;

/// How many ways of calling a route are tried.
pub const WAYS_TRIED: usize = 12;

/// How many bindings of all parameters are kept.
const BINDINGS: usize = 20;

/// Ways to call a route: bindings of its parameters × bodies.
pub fn plans(lab: &Lab<'_>, observed: &Observed, route: &Route, actor: &Actor) -> Vec<Plan> {
    let tenant_parameter = lab.facts.tenant_in_path.as_deref();
    let mut bindings: Vec<Vec<(SlotRef, Source)>> = vec![Vec::new()];
    let mut query = Vec::new();
    for parameter in &route.parameters {
        let wanted = match parameter.place {
            Place::Path => tenant_parameter != Some(parameter.name.as_str()),
            Place::Query => parameter.required || parameter.listed,
            Place::Header => parameter.required && !is_supplied(lab, &parameter.name),
            Place::Cookie | Place::Body => false,
        };
        if !wanted {
            continue;
        }
        let at = SlotRef {
            place: parameter.place,
            name: parameter.name.clone(),
        };
        let mut sources = sources(lab, observed, route, parameter);
        if sources.is_empty() {
            sources.push(Source::Fixed(plain_value(
                &parameter.name,
                &parameter.schema,
            )));
        }
        if parameter.place == Place::Query {
            query.push((parameter.name.clone(), String::new()));
        }
        bindings = bindings
            .iter()
            .flat_map(|known| {
                sources
                    .iter()
                    .map(|s| [known.clone(), vec![(at.clone(), s.clone())]].concat())
            })
            .take(BINDINGS)
            .collect();
    }
    let mut rng = ChaCha8Rng::seed_from_u64(lab.settings.seed ^ hash(&route.id.0));
    let mut by_binding: Vec<Vec<Plan>> = Vec::new();
    for slots in bindings {
        let mut plans = Vec::new();
        let table = about(lab, route, &slots);
        let bodies = match &route.body {
            None => vec![None],
            Some(schema) => {
                let purpose = body::Purpose {
                    knowledge: &lab.knowledge,
                    section: &lab.target.description.routes,
                    route,
                    actor,
                    tenant: actor.tenant.as_ref(),
                    table,
                };
                let all = body::candidates(&purpose, schema, &mut rng)
                    .into_iter()
                    .map(Some);
                all.chain((!schema.required).then_some(None)).collect()
            }
        };
        for body in bodies {
            let mut all = slots.clone();
            all.extend(body.iter().flat_map(|b| b.slots.clone()));
            for &relation in relations(lab, &all) {
                let body = body.as_ref().map(|b| b.body.clone());
                plans.push(Plan {
                    slots: all.clone(),
                    query: query.clone(),
                    body,
                    relation,
                    first: 0,
                });
            }
        }
        by_binding.push(plans);
    }
    in_turn(by_binding)
}

/// The first way of each binding, then the second of each: a wrong binding must not use up all tries.
fn in_turn(by_binding: Vec<Vec<Plan>>) -> Vec<Plan> {
    let mut left: Vec<_> = by_binding.into_iter().map(Vec::into_iter).collect();
    let mut plans = Vec::new();
    loop {
        let before = plans.len();
        plans.extend(left.iter_mut().filter_map(Iterator::next));
        if plans.len() == before {
            return plans;
        }
    }
}

/// Whether a header comes with every call, or with the session: what a document says of it needs no made-up value.
fn is_supplied(lab: &Lab<'_>, header: &str) -> bool {
    let description = &lab.target.description;
    let own = description.target.headers.keys();
    let of_logins = description.login.iter().flat_map(|login| {
        let csrf = login.csrf.iter().map(|c| &c.to);
        login.headers.keys().chain(csrf)
    });
    let usual = [
        "authorization",
        "cookie",
        "content-type",
        "accept",
        "host",
        "origin",
    ];
    let mut names = own.chain(of_logins).map(String::as_str).chain(usual);
    names.any(|name| name.eq_ignore_ascii_case(header))
}

fn relations(lab: &Lab<'_>, slots: &[(SlotRef, Source)]) -> &'static [Relation] {
    let tables: Vec<TableId> = slots
        .iter()
        .filter_map(|(_, s)| match s {
            Source::Column(column) => Some(column.table),
            Source::Fixed(_) | Source::Own(_) => None,
        })
        .collect();
    let one_user = tables.len() == 1 && Some(tables[0]) == lab.knowledge.ownership.users;
    if tables.len() == 2 || one_user {
        &[Relation::Tied, Relation::Untied]
    } else {
        &[Relation::Tied]
    }
}

/// What may stand in a parameter: what the description binds, a word of its enum, a key, an example, a column's value.
fn sources(
    lab: &Lab<'_>,
    observed: &Observed,
    route: &Route,
    parameter: &Parameter,
) -> Vec<Source> {
    let section = &lab.target.description.routes;
    if let Some(declared) = bind::declared(&lab.knowledge, section, route, &parameter.name) {
        return vec![declared];
    }
    if let Some(word) = parameter.schema["enum"].get(0) {
        return vec![Source::Fixed(text(word))];
    }
    let columns = bind::candidates(&lab.knowledge, section, observed, route, parameter);
    match &parameter.example {
        Some(example) if columns.is_empty() || !is_key(&parameter.name) => {
            vec![Source::Fixed(text(example))]
        }
        _ => columns,
    }
}

fn plain_value(name: &str, schema: &serde_json::Value) -> String {
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("integer" | "number"), _) => "1".into(),
        (Some("boolean"), _) => "true".into(),
        (_, Some("date")) => "2030-06-15".into(),
        (_, Some("date-time")) => "2030-06-15T10:00:00Z".into(),
        _ if words(name)
            .last()
            .is_some_and(|w| w == "date" || w == "from" || w == "to") =>
        {
            "2030-06-15".into()
        }
        _ => "a".into(),
    }
}
