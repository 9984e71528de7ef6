//! Documents whose routes are known by how they were made: reading must find the same, and a reader with a fault planted
//! must be caught.

mod document;

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, json};

use self::document::{Seen, Traits, VERBS, Writer, plans};
use super::*;
use crate::model::route::{BodySchema, Parameter};

fn seen(route: &Route) -> Seen {
    let kinds = ["string", "integer", "boolean"];
    let traits = |p: &Parameter| Traits {
        required: p.required,
        kind: kinds.into_iter().find(|k| p.schema["type"] == *k),
    };
    let names = |b: &BodySchema| {
        b.schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    Seen {
        method: route.method.clone(),
        template: route.template.clone(),
        parameters: route
            .parameters
            .iter()
            .map(|p| ((p.name.clone(), p.place), traits(p)))
            .collect(),
        body: route
            .body
            .as_ref()
            .map(|b| (b.encoding, names(b), b.required)),
        summary: route.summary.clone(),
    }
}

/// Whether a reader finds the routes that a document was made of, and how many there were.
fn agrees(reader: impl Fn(Json) -> Vec<Route>) -> (Result<(), String>, usize) {
    let met = Cell::new(0);
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    let done = runner.run(&plans(), |plan| {
        let found = reader(Writer::default().document(&plan));
        let wanted = plan.wanted();
        met.set(met.get() + wanted.len());
        prop_assert_eq!(found.len(), wanted.len());
        let found: BTreeMap<String, Seen> =
            found.iter().map(|r| (r.id.0.clone(), seen(r))).collect();
        prop_assert_eq!(found, wanted);
        Ok(())
    });
    (done.map_err(|e| e.to_string()), met.get())
}

#[test]
fn routes_are_what_the_document_was_made_of() {
    let (done, met) = agrees(|document| of(&document));
    done.unwrap();
    assert!(met > 256, "{met}");
}

/// The right reader before a fault in each route that it finds.
fn telling(fault: impl Fn(&mut Route)) -> impl Fn(Json) -> Vec<Route> {
    move |document| {
        let mut routes = of(&document);
        routes.iter_mut().for_each(&fault);
        routes
    }
}

/// The right reader after a fault in each path item that it is given.
fn given(fault: impl Fn(&mut Map<String, Json>)) -> impl Fn(Json) -> Vec<Route> {
    move |mut document| {
        let items = document["paths"].as_object_mut().unwrap();
        for item in items.values_mut() {
            fault(item.as_object_mut().unwrap());
        }
        of(&document)
    }
}

fn operations(item: &mut Map<String, Json>) -> impl Iterator<Item = &mut Json> {
    let verbs = item
        .iter_mut()
        .filter(|(key, _)| VERBS.contains(&key.as_str()));
    verbs.map(|(_, operation)| operation)
}

#[test]
fn a_reader_with_a_planted_fault_is_caught() {
    // By what it found: a fault that panics would be no reader.
    let caught = |name: &str, (done, _): (Result<(), String>, usize)| {
        let why = done.expect_err(name);
        assert!(why.contains("left == right"), "{name}: {why}");
    };
    caught("no routes", agrees(|_| Vec::new()));
    caught(
        "the first twice",
        agrees(|document| {
            let mut routes = of(&document);
            routes.push(routes[0].clone());
            routes
        }),
    );
    caught(
        "no item's parameters",
        agrees(given(|item| {
            item.insert("parameters".into(), json!([]));
        })),
    );
    caught(
        "the item's parameters win",
        agrees(given(|item| {
            let shared = item["parameters"].as_array().unwrap().clone();
            operations(item).for_each(|o| {
                o["parameters"]
                    .as_array_mut()
                    .unwrap()
                    .extend(shared.clone());
            });
        })),
    );
    caught(
        "no server of its own",
        agrees(given(|item| {
            operations(item).for_each(|o| {
                o.as_object_mut().unwrap().shift_remove("servers");
            });
        })),
    );
    caught(
        "another server",
        agrees(given(|item| {
            operations(item).for_each(|o| {
                if let Some(servers) = o.get_mut("servers").and_then(Json::as_array_mut) {
                    servers.reverse();
                }
            });
        })),
    );
    caught(
        "no ids",
        agrees(given(|item| {
            operations(item).for_each(|o| {
                o.as_object_mut().unwrap().shift_remove("operationId");
            });
        })),
    );
    caught(
        "all required",
        agrees(telling(|route| {
            route.parameters.iter_mut().for_each(|p| p.required = true);
        })),
    );
    caught(
        "no header",
        agrees(telling(|route| {
            route.parameters.retain(|p| p.place != Place::Header);
        })),
    );
    caught(
        "no types",
        agrees(telling(|route| {
            route
                .parameters
                .iter_mut()
                .for_each(|p| p.schema = json!({}));
        })),
    );
    caught(
        "no body but json",
        agrees(telling(|route| {
            route.body = route.body.take().filter(|b| b.encoding == Encoding::Json);
        })),
    );
    caught(
        "what only answers have",
        agrees(telling(|route| {
            if let Some(body) = &mut route.body {
                body.schema["properties"]["made"] = json!({});
            }
        })),
    );
}
