//! Made-up documents, with the routes that a reader must find in them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, json};

use super::super::*;

/// Servers as documents name them, and the base path of each.
const SERVERS: [(&str, &str); 4] = [
    ("https://h.example.com", ""),
    ("/v1", "/v1"),
    ("https://h.example.com/api/", "/api"),
    ("//h.example.com/w", "/w"),
];

/// Media types from the one that partywall writes best, and how it writes them; the last not at all.
const MEDIA: [(&str, Option<Encoding>); 7] = [
    ("application/json", Some(Encoding::Json)),
    ("application/merge-patch+json", Some(Encoding::Json)),
    ("application/vnd.x+json; v=1", Some(Encoding::Json)),
    ("application/x-www-form-urlencoded", Some(Encoding::Form)),
    ("multipart/form-data", Some(Encoding::Multipart)),
    ("*/*", Some(Encoding::Json)),
    ("text/csv", None),
];

const PATHS: [&str; 5] = ["/x", "/x/{id}", "/y/{a}/{id}", "/z.json", "/{a}/end"];

pub const VERBS: [&str; 6] = ["get", "head", "post", "put", "patch", "delete"];

/// What a parameter is, without its name and place.
#[derive(Debug, Clone, PartialEq)]
pub struct Traits {
    pub required: bool,
    pub kind: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub struct Param {
    name: &'static str,
    place: Place,
    traits: Traits,
    /// It stands among the components, and is referred to.
    shared: bool,
}

#[derive(Debug, Clone)]
pub struct Body {
    media: Vec<usize>,
    required: bool,
    shared: bool,
}

#[derive(Debug, Clone)]
pub struct Operation {
    params: Vec<Param>,
    body: Option<Body>,
    server: Option<usize>,
    /// Of two names, which are there.
    summary: (bool, bool),
}

#[derive(Debug, Clone)]
pub struct Item {
    params: Vec<Param>,
    server: Option<usize>,
    operations: BTreeMap<&'static str, Operation>,
}

#[derive(Debug, Clone)]
pub struct Plan {
    server: Option<usize>,
    items: BTreeMap<&'static str, Item>,
}

/// What counts of a route.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub method: String,
    pub template: String,
    pub parameters: BTreeMap<(String, Place), Traits>,
    /// How it is written, its properties, whether it must be there.
    pub body: Option<(Encoding, Vec<String>, bool)>,
    pub summary: Option<String>,
}

pub fn plans() -> impl Strategy<Value = Plan> {
    let server = || prop::option::weighted(0.4, 0..SERVERS.len());
    let param = || {
        let name = prop::sample::select(vec!["id", "a", "limit", "Accept"]);
        let places = vec![Place::Path, Place::Query, Place::Header, Place::Cookie];
        let place = prop::sample::select(places);
        let kind = prop::sample::select(vec!["string", "integer", "boolean"]);
        (name, place, any::<bool>(), kind, any::<bool>()).prop_map(
            |(name, place, required, kind, shared)| Param {
                name,
                place,
                traits: Traits {
                    required,
                    kind: Some(kind),
                },
                shared,
            },
        )
    };
    let params = move || prop::collection::vec(param(), 0..4);
    let media =
        prop::sample::subsequence((0..MEDIA.len()).collect::<Vec<_>>(), 0..4).prop_shuffle();
    let body = (media, any::<bool>(), any::<bool>()).prop_map(|(media, required, shared)| Body {
        media,
        required,
        shared,
    });
    let operation = (
        params(),
        prop::option::of(body),
        server(),
        any::<(bool, bool)>(),
    )
        .prop_map(|(params, body, server, summary)| Operation {
            params,
            body,
            server,
            summary,
        });
    let operations = prop::collection::btree_map(prop::sample::select(&VERBS[..]), operation, 1..4);
    let item = (params(), server(), operations).prop_map(|(params, server, operations)| Item {
        params,
        server,
        operations,
    });
    let items = prop::collection::btree_map(prop::sample::select(&PATHS[..]), item, 1..4);
    (server(), items).prop_map(|(server, items)| Plan { server, items })
}

/// Writes a document down.
#[derive(Default)]
pub struct Writer {
    shared_parameters: Map<String, Json>,
    shared_bodies: Map<String, Json>,
}

impl Writer {
    pub fn document(mut self, plan: &Plan) -> Json {
        let mut paths = Map::new();
        for (path, item) in &plan.items {
            let mut written =
                json!({ "parameters": self.params(&item.params), "summary": "no route's" });
            serve(&mut written, item.server);
            for (verb, operation) in &item.operations {
                written[*verb] = self.operation(operation);
            }
            paths.insert((*path).to_owned(), written);
        }
        let mut document = json!({ "openapi": "3.1.0", "paths": paths, "components": {
            "parameters": self.shared_parameters, "requestBodies": self.shared_bodies } });
        serve(&mut document, plan.server);
        document
    }

    fn params(&mut self, params: &[Param]) -> Vec<Json> {
        let mut written = Vec::new();
        for param in params {
            let json = json!({ "name": param.name, "in": param.place, "required": param.traits.required,
                "schema": { "type": param.traits.kind } });
            written.push(if param.shared {
                share(&mut self.shared_parameters, "parameters", json)
            } else {
                json
            });
        }
        written
    }

    fn operation(&mut self, operation: &Operation) -> Json {
        let mut written = json!({ "parameters": self.params(&operation.params), "responses": {} });
        if let Some(body) = &operation.body {
            let content = body.media.iter().map(|at| {
                let own = format!("p{at}");
                let schema = json!({ "type": "object", "properties": { own: {}, "made": { "readOnly": true } } });
                (MEDIA[*at].0.to_owned(), json!({ "schema": schema }))
            });
            let json =
                json!({ "required": body.required, "content": content.collect::<Map<_, _>>() });
            written["requestBody"] = if body.shared {
                share(&mut self.shared_bodies, "requestBodies", json)
            } else {
                json
            };
        }
        if operation.summary.0 {
            written["summary"] = "a summary".into();
        }
        if operation.summary.1 {
            written["operationId"] = "anId".into();
        }
        serve(&mut written, operation.server);
        written
    }
}

fn share(among: &mut Map<String, Json>, kind: &str, json: Json) -> Json {
    let name = format!("N{}", among.len());
    let reference = json!({ "$ref": format!("#/components/{kind}/{name}") });
    among.insert(name, json);
    reference
}

fn serve(level: &mut Json, server: Option<usize>) {
    if let Some(at) = server {
        level["servers"] = json!([{ "url": SERVERS[at].0 }, { "url": "/second" }]);
    }
}

impl Plan {
    /// The routes, by how the document was made.
    pub fn wanted(&self) -> BTreeMap<String, Seen> {
        let mut wanted = BTreeMap::new();
        for (path, item) in &self.items {
            for (verb, operation) in &item.operations {
                let server = operation.server.or(item.server).or(self.server);
                let base = server.map_or("", |at| SERVERS[at].1);
                let seen = Seen {
                    method: verb.to_uppercase(),
                    template: format!("{base}{path}"),
                    parameters: parameters(path, item, operation),
                    body: operation
                        .body
                        .as_ref()
                        .filter(|_| !matches!(*verb, "get" | "head"))
                        .and_then(body),
                    summary: match operation.summary {
                        (true, _) => Some("a summary".to_owned()),
                        (false, true) => Some("anId".to_owned()),
                        (false, false) => None,
                    },
                };
                wanted.insert(format!("{} {base}{path}", seen.method), seen);
            }
        }
        wanted
    }
}

/// What the path holds, then what the item says, then what the operation says.
fn parameters(path: &str, item: &Item, operation: &Operation) -> BTreeMap<(String, Place), Traits> {
    let mut all = BTreeMap::new();
    for name in ["id", "a"] {
        if path.contains(&format!("{{{name}}}")) {
            let bare = Traits {
                required: true,
                kind: None,
            };
            all.insert((name.to_owned(), Place::Path), bare);
        }
    }
    for param in item.params.iter().chain(&operation.params) {
        let key = (param.name.to_owned(), param.place);
        let mut traits = param.traits.clone();
        traits.required |= param.place == Place::Path;
        let nowhere = param.place == Place::Path && !all.contains_key(&key);
        let credentials = param.place == Place::Header && param.name == "Accept";
        if !nowhere && !credentials {
            all.insert(key, traits);
        }
    }
    all
}

fn body(body: &Body) -> Option<(Encoding, Vec<String>, bool)> {
    let best = body.media.iter().min()?;
    Some((MEDIA[*best].1?, vec![format!("p{best}")], body.required))
}
