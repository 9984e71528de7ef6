//! The descriptions of the proving applications, against the documents that these publish.

use std::path::{Path, PathBuf};

use partywall::settings::{Overrides, Settings};
use partywall::target::{parse_document, routes};

fn load(scenario: &str) -> Settings {
    let path = scenario_file(scenario);
    Settings::load(&path, Overrides::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn scenario_file(scenario: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("scenarios")
        .join(scenario)
        .join("partywall.toml")
}

#[test]
fn the_reference_applications_document_and_description_agree() {
    let settings = load("reference");
    let document = parse_document(&reference_app::openapi_json()).expect("a document");
    let section = &settings.description.routes;
    let ready = settings.description.target.ready.as_ref();
    let found = routes(Some(&document), section, ready)
        .unwrap_or_else(|error| panic!("{}", settings.route_error(&error)));
    assert!(found.len() >= 40, "{} routes", found.len());
    assert_eq!(
        found.iter().filter(|r| r.public).count(),
        section.public.len()
    );
    let bodies: Vec<_> = found.iter().filter_map(|r| r.body.as_ref()).collect();
    assert!(bodies.len() >= 10, "{} bodies", bodies.len());
    assert!(
        bodies
            .iter()
            .all(|b| !b.schema.to_string().contains("$ref"))
    );
}

#[test]
fn the_description_of_the_real_application_is_short_and_loads_for_every_version() {
    let file = scenario_file("praisonai-platform");
    let text = std::fs::read_to_string(&file).expect("the description");
    assert!(text.lines().count() <= 40);
    for version in ["0.1.1", "0.1.9"] {
        let environment = |name: &str| (name == "PRAISONAI_VERSION").then(|| version.to_owned());
        let settings = Settings::load_with(&file, Overrides::default(), &environment)
            .unwrap_or_else(|error| panic!("{error}"));
        let start = settings.description.target.start.expect("a command");
        assert!(
            start.contains(version) && start.contains("{port}"),
            "{start}"
        );
    }
}
