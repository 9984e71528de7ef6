//! Routes from documents, and what descriptions add to them.

mod properties;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::route::{Encoding, Place};
use crate::target::description::{ListedRoute, Ready, Routes};

fn of(document: &Json) -> Vec<Route> {
    routes(Some(document), &Routes::default(), None).unwrap()
}

fn find<'a>(routes: &'a [Route], id: &str) -> &'a Route {
    let known: Vec<&str> = routes.iter().map(|r| r.id.0.as_str()).collect();
    routes
        .iter()
        .find(|r| r.id.0 == id)
        .unwrap_or_else(|| panic!("{id} is none of {known:?}"))
}

fn listed(route: &str) -> ListedRoute {
    ListedRoute {
        route: route.into(),
        query: std::collections::BTreeMap::new(),
        json: None,
        form: None,
        multipart: None,
    }
}

/// What `FastAPI` writes: 3.1, no security schemes, `anyOf` with null, an authorization header as parameter.
const FASTAPI: &str = r##"{
  "openapi": "3.1.0", "info": {"title": "x", "version": "1"},
  "paths": {
    "/api/{workspace_id}/issues/": {
      "post": {
        "summary": "Create Issue",
        "parameters": [
          {"name": "workspace_id", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "authorization", "in": "header", "required": false, "schema": {"type": "string"}}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/IssueCreate"}}}},
        "responses": {"201": {"description": "ok"}}}},
    "/login": {"post": {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {
        "type": "object", "properties": {"username": {"type": "string"}}, "required": ["username"]}}}},
        "responses": {}}}
  },
  "components": {"schemas": {"IssueCreate": {"type": "object", "required": ["title"], "properties": {
    "title": {"type": "string"},
    "parent": {"anyOf": [{"$ref": "#/components/schemas/IssueCreate"}, {"type": "null"}]},
    "id": {"type": "string", "readOnly": true}}}}}
}"##;

#[test]
fn reads_3_1_as_fastapi_writes_it() {
    let document = parse_document(FASTAPI).unwrap();
    let all = of(&document);
    let create = find(&all, "POST /api/{workspace_id}/issues/");
    assert_eq!(
        create.parameters.len(),
        1,
        "the authorization header is the credentials' own"
    );
    assert_eq!(create.summary.as_deref(), Some("Create Issue"));
    let body = create.body.as_ref().unwrap();
    assert_eq!((body.encoding, body.required), (Encoding::Json, true));
    assert_eq!(body.schema["properties"]["title"]["type"], "string");
    assert!(
        body.schema["properties"].get("id").is_none(),
        "what only answers have is no input"
    );
    let inner = &body.schema["properties"]["parent"]["anyOf"][0];
    assert_eq!(
        inner["properties"]["title"]["type"], "string",
        "recursion is followed once"
    );
    assert!(!body.schema.to_string().contains("$ref"), "and cut");
    assert_eq!(
        find(&all, "POST /login").body.as_ref().unwrap().encoding,
        Encoding::Form
    );
}

/// What 3.0 generators write: YAML, a base path, `allOf`, `nullable`, shared parameters and bodies, examples.
const YAML_3_0: &str = r#"
openapi: 3.0.3
info: {title: x, version: "1"}
servers:
  - url: https://{region}.example.com/{base}/
    variables: {region: {default: eu}, base: {default: api/v2}}
paths:
  /items/{id}:
    parameters:
      - $ref: '#/components/parameters/Id'
      - {name: verbose, in: query, schema: {type: boolean}}
    get:
      parameters:
        - {name: verbose, in: query, required: true, schema: {type: integer}, example: 3}
        - {name: stray, in: path, required: true, schema: {type: string}}
      responses: {}
    put:
      requestBody: {$ref: '#/components/requestBodies/Item'}
      responses: {}
    options: {responses: {}}
  /upload:
    servers: [{url: /files}]
    post:
      requestBody:
        content:
          multipart/form-data:
            schema: {type: object, properties: {file: {type: string, format: binary}}}
      responses: {}
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: integer, minimum: 0, exclusiveMinimum: true}}
  requestBodies:
    Item:
      required: true
      content:
        text/csv: {schema: {type: string}}
        application/json; charset=utf-8:
          schema: {$ref: '#/components/schemas/Item'}
          examples:
            one: {$ref: '#/components/examples/One'}
            two: {value: {name: b}}
  examples:
    One: {value: {name: a}}
  schemas:
    Base: {type: object, required: [name], properties: {name: {type: string, maxLength: 9}, a/b: {type: string}}}
    Item:
      allOf:
        - $ref: '#/components/schemas/Base'
        - type: object
          required: [size]
          properties:
            size: {type: integer, nullable: true}
            name: {minLength: 2}
            slash: {$ref: '#/components/schemas/Base/properties/a~1b'}
            kind: {type: string, nullable: true, enum: [x, y]}
"#;

#[test]
fn reads_3_0_in_yaml_with_everything_shared() {
    let document = parse_document(YAML_3_0).unwrap();
    let all = of(&document);
    assert_eq!(all.len(), 3, "options is left out");
    let get = find(&all, "GET /api/v2/items/{id}");
    let names: Vec<_> = get
        .parameters
        .iter()
        .map(|p| (p.name.as_str(), p.place, p.required))
        .collect();
    assert_eq!(
        names,
        [("id", Place::Path, true), ("verbose", Place::Query, true)]
    );
    assert_eq!(get.parameters[0].schema["exclusiveMinimum"], 0, "3.1's way");
    assert!(get.parameters[0].schema.get("minimum").is_none());
    assert_eq!(
        get.parameters[1].schema["type"], "integer",
        "the operation wins over the path item"
    );
    assert_eq!(get.parameters[1].example, Some(json!(3)));
    let put = find(&all, "PUT /api/v2/items/{id}").body.clone().unwrap();
    assert_eq!(put.examples, [json!({"name": "a"}), json!({"name": "b"})]);
    assert_eq!(put.schema["required"], json!(["name", "size"]));
    let properties = &put.schema["properties"];
    assert_eq!(
        properties["name"],
        json!({"type": "string", "maxLength": 9, "minLength": 2})
    );
    assert_eq!(properties["size"]["type"], json!(["integer", "null"]));
    assert_eq!(properties["slash"]["type"], "string");
    assert_eq!(properties["kind"]["enum"], json!(["x", "y", null]));
    let upload = find(&all, "POST /files/upload");
    assert_eq!(upload.body.as_ref().unwrap().encoding, Encoding::Multipart);
}

#[test]
fn base_paths_come_from_any_form_of_server() {
    for (server, expected) in [
        ("https://h.example.com", ""),
        ("https://h.example.com/", ""),
        ("https://h.example.com/api", "/api"),
        ("//h.example.com/api/", "/api"),
        ("/", ""),
        ("/v1/", "/v1"),
        ("./v1", "/v1"),
        (".", ""),
        ("http://localhost:8080/a/b", "/a/b"),
    ] {
        let document =
            json!({"openapi": "3.0.0", "servers": [{"url": server}], "paths": {"/x": {"get": {}}}});
        assert_eq!(
            of(&document)[0].template,
            format!("{expected}/x"),
            "{server}"
        );
    }
}

#[test]
fn dangling_references_name_the_nearest() {
    let text = FASTAPI.replacen("schemas/IssueCreate", "schemas/IsueCreate", 1);
    let error = routes(
        Some(&parse_document(&text).unwrap()),
        &Routes::default(),
        None,
    )
    .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("POST /api/{workspace_id}/issues/"), "{text}");
    assert!(
        text.contains("did you mean `#/components/schemas/IssueCreate`?"),
        "{text}"
    );
}

#[test]
fn a_reference_to_itself_is_no_endless_loop() {
    let document = json!({
        "openapi": "3.1.0",
        "paths": {"/x": {"post": {"requestBody": {"$ref": "#/components/requestBodies/A"}}}},
        "components": {"requestBodies": {"A": {"$ref": "#/components/requestBodies/A"}}}
    });
    assert!(matches!(
        routes(Some(&document), &Routes::default(), None),
        Err(RouteError::Reference { .. })
    ));
    let document = json!({
        "openapi": "3.1.0",
        "paths": {"/x": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}},
        "components": {"schemas": {"A": {"$ref": "#/components/schemas/A"}}}
    });
    assert_eq!(of(&document)[0].body.as_ref().unwrap().schema, json!({}));
}

#[test]
fn schemas_that_all_refer_to_each_other_stay_small() {
    let names: Vec<String> = (0..40).map(|n| format!("S{n}")).collect();
    let schema = |_| {
        let refs = names.iter().map(|n| {
            (
                n.clone(),
                json!({"$ref": format!("#/components/schemas/{n}")}),
            )
        });
        json!({"type": "object", "properties": refs.collect::<serde_json::Map<_, _>>()})
    };
    let schemas: serde_json::Map<_, _> = names.iter().map(|n| (n.clone(), schema(n))).collect();
    let document = json!({
        "openapi": "3.1.0",
        "paths": {"/x": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}}}},
        "components": {"schemas": schemas}
    });
    let body = of(&document)[0].body.clone().unwrap();
    assert_eq!(body.schema["properties"].as_object().unwrap().len(), 40);
    assert!(body.schema.to_string().len() < 2_000_000);
}

#[test]
fn other_documents_are_refused_with_the_reason() {
    for (text, expected) in [
        ("{\"swagger\": \"2.0\", \"paths\": {}}", "swagger"),
        ("{\"openapi\": \"4.0.0\"}", "openapi 4.0.0"),
        ("{\"paths\": {}}", "no key `openapi`"),
        ("<!doctype html>", "begins with `<!doctype html>`"),
        ("{\"openapi\": ", "neither json nor yaml"),
        ("a: [", "neither json nor yaml"),
    ] {
        let error = parse_document(text).and_then(|d| routes(Some(&d), &Routes::default(), None));
        let error = error.unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    assert_eq!(
        routes(None, &Routes::default(), None),
        Err(RouteError::None)
    );
}

#[test]
fn lists_add_routes_and_complete_known_ones() {
    let document = parse_document(FASTAPI).unwrap();
    let section = Routes {
        list: vec![
            ListedRoute {
                json: Some(json!({"title": "mine"})),
                query: [("draft".to_owned(), "1".to_owned())].into(),
                ..listed("post /api/{ws}/issues/")
            },
            ListedRoute {
                multipart: Some([("file".to_owned(), "@a.csv:x".to_owned())].into()),
                ..listed("PUT /files/{name}")
            },
            ListedRoute {
                json: Some(
                    json!({"ids": ["1"], "n": 1, "f": 1.5, "b": true, "u": "0d7a0b35-31f1-4e11-8b0e-3b6f6d1a3a55"}),
                ),
                ..listed("POST /bulk")
            },
        ],
        ..Routes::default()
    };
    let all = routes(Some(&document), &section, None).unwrap();
    let create = find(&all, "POST /api/{workspace_id}/issues/");
    let body = create.body.as_ref().unwrap();
    assert_eq!(body.examples[0], json!({"title": "mine"}));
    assert!(
        body.schema["properties"].get("parent").is_some(),
        "the document's schema stays"
    );
    assert!(
        create
            .parameters
            .iter()
            .any(|p| p.name == "draft" && p.example == Some(json!("1")))
    );
    let put = find(&all, "PUT /files/{name}");
    assert_eq!(put.body.as_ref().unwrap().encoding, Encoding::Multipart);
    assert_eq!(put.parameters[0].place, Place::Path);
    let schema = &find(&all, "POST /bulk").body.as_ref().unwrap().schema["properties"];
    assert_eq!(schema["ids"]["items"]["type"], "string");
    assert_eq!(schema["n"]["type"], "integer");
    assert_eq!(schema["f"]["type"], "number");
    assert_eq!(schema["u"]["format"], "uuid");
}

#[test]
fn patterns_mark_routes_and_must_fit_one() {
    let document = parse_document(FASTAPI).unwrap();
    let section = Routes {
        public: vec!["/login".into()],
        skip: vec!["POST /api/*".into()],
        ..Routes::default()
    };
    let all = routes(Some(&document), &section, None).unwrap();
    assert!(find(&all, "POST /login").public);
    let skipped = find(&all, "POST /api/{workspace_id}/issues/")
        .skipped
        .clone()
        .unwrap();
    assert_eq!(skipped, "left out by `POST /api/*` in routes.skip");
    let section = Routes {
        public: vec!["POST /login".into(), "GET /logn".into()],
        ..Routes::default()
    };
    let error = routes(Some(&document), &section, None).unwrap_err();
    assert_eq!(error.key(), Some("routes.public[1]"));
    assert_eq!(
        error.to_string(),
        "routes.public[1]: no route is `GET /logn`; did you mean `POST /login`?"
    );
}

#[test]
fn the_ready_path_may_be_public_without_being_listed() {
    let section = Routes {
        list: vec![listed("GET /notes")],
        public: vec!["GET /healthz".into()],
        ..Routes::default()
    };
    let ready = Ready::Path("/healthz?deep=1".into());
    let all = routes(None, &section, Some(&ready)).unwrap();
    assert_eq!(all.len(), 1, "it is accepted, not called");
    assert!(!all[0].public);
    for other in [
        Ready::Path("/readyz".into()),
        Ready::Log { log: "up".into() },
    ] {
        let error = routes(None, &section, Some(&other)).unwrap_err();
        assert_eq!(error.key(), Some("routes.public[0]"));
        assert!(error.help().is_some_and(|h| h.contains("[[routes.list]]")));
    }
}

#[test]
fn bindings_must_name_a_parameter() {
    let document = parse_document(FASTAPI).unwrap();
    let bind = |key: &str| {
        let section = Routes {
            bind: [(key.to_owned(), "=1".to_owned())].into(),
            ..Routes::default()
        };
        routes(Some(&document), &section, None)
            .map(|_| ())
            .map_err(|e| e.to_string())
    };
    assert_eq!(bind("workspace_id"), Ok(()));
    assert_eq!(bind("title"), Ok(()), "a field of a body");
    assert_eq!(
        bind("POST /api/{workspace_id}/issues/#/parent/title"),
        Ok(())
    );
    let error = bind("workspaceid").unwrap_err();
    assert!(error.contains("did you mean `workspace_id`?"), "{error}");
    let error = bind("GET /nowhere#id").unwrap_err();
    assert!(
        error.contains("routes.bind.GET /nowhere#id: no route is `GET /nowhere`"),
        "{error}"
    );
}

#[test]
fn routes_of_a_list_are_read_strictly() {
    assert_eq!(
        parse_route(" get  /x/{id} "),
        Some(("GET".into(), "/x/{id}".into()))
    );
    for text in ["/x", "GET x", "GET", "GET /x y", "GET /x/{id", "G3T /x"] {
        assert_eq!(parse_route(text), None, "{text}");
    }
    let section = Routes {
        list: vec![listed("/x")],
        ..Routes::default()
    };
    let error = routes(None, &section, None).unwrap_err();
    assert_eq!(error.key(), Some("routes.list[0].route"));
}

/// Schemas of any nesting.
fn schema() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(json!({"type": "string"})),
        Just(json!({"type": "integer", "nullable": true})),
        Just(json!({"$ref": "#/components/schemas/A"})),
        Just(json!({"$ref": "#/components/schemas/B"})),
        Just(json!(true)),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_map(|i| json!({"type": "array", "items": i})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|v| json!({"allOf": v})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|v| json!({"oneOf": v})),
            (inner.clone(), inner).prop_map(|(a, b)| json!({"properties": {"a": a, "b": b}})),
        ]
    })
}

#[test]
fn words_that_a_description_quotes_are_kept() {
    let parameter = |description: &str| {
        let query = json!({"name": "include", "in": "query", "schema": {"type": "string"}, "description": description});
        let document =
            json!({"openapi": "3.1.0", "paths": {"/x": {"get": {"parameters": [query]}}}});
        of(&document)[0].parameters[0].quoted.clone()
    };
    assert_eq!(parameter("`client` or `lines`"), ["client", "lines"]);
    assert_eq!(
        parameter("`client`, as `two words` say; an open `end"),
        ["client"]
    );
    assert!(parameter("whatever you like").is_empty());
}

proptest! {
    #[test]
    fn any_schema_becomes_self_contained(a in schema(), b in schema()) {
        let document = json!({
            "openapi": "3.0.0",
            "paths": {"/x/{id}": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}},
            "components": {"schemas": {"A": a, "B": b}}
        });
        let all = of(&document);
        let text = all[0].body.as_ref().unwrap().schema.to_string();
        prop_assert!(!text.contains("$ref") && !text.contains("allOf") && !text.contains("nullable"), "{}", text);
    }

    #[test]
    fn every_operation_is_one_route(paths in prop::collection::btree_map("/[a-z]{1,3}(/\\{[a-z]{1,3}\\})?", prop::collection::btree_set(prop::sample::select(vec!["get", "put", "post", "delete"]), 1..4), 1..6)) {
        let items: serde_json::Map<String, Json> = paths
            .iter()
            .map(|(path, methods)| (path.clone(), methods.iter().map(|m| ((*m).to_owned(), json!({}))).collect::<serde_json::Map<_, _>>().into()))
            .collect();
        let document = json!({"openapi": "3.1.0", "paths": items});
        let all = of(&document);
        prop_assert_eq!(all.len(), paths.values().map(std::collections::BTreeSet::len).sum::<usize>());
        for route in &all {
            prop_assert_eq!(route.parameters_in(Place::Path).count(), route.template.matches('{').count());
            let (method, path) = parse_route(&route.id.0).unwrap();
            prop_assert!(paths[&path].contains(method.to_lowercase().as_str()));
        }
    }
}
