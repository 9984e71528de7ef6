//! What must not be printed, wherever it would stand.

use serde_json::Value as Json;

use super::driver::{FAULT, Place, ROUTE};

const SECRET: &str = "lic{0123456789abcdef";

#[test]
fn what_the_environment_gives_stands_in_no_report() {
    let place = Place::new()
        .env("LICENCE", SECRET)
        .env("APP_VERSION", "reference-app");
    place.describe(|text| {
        text.replace("start = \"", "start = \"env LICENCE={env.LICENCE} ")
            .replace(" reference-app --listen", " {env.APP_VERSION} --listen")
            .replace(
                "{port}\"\nready",
                &format!("{{port}} --fault {FAULT}\"\nsetup = [\"echo {{env.LICENCE}}\"]\nready"),
            )
            .replace(
                "[database.roles",
                "[target.headers]\nX-Licence = \"{env.LICENCE}\"\n\n[database.roles",
            )
    });
    let only = ["--only", ROUTE, "--only", "id.path"];
    let run = place.run(&[&["run", "--format", "json", "--verbose"][..], &only].concat());
    assert_eq!(run.code, Some(2), "{}{}", run.out, run.err);
    let json: Json = serde_json::from_str(&run.out).unwrap();
    assert_eq!(json["schema"], "partywall/json/v1");
    assert!(!json["findings"].as_array().unwrap().is_empty());
    for (name, text) in [("report", &run.out), ("progress", &run.err)] {
        assert!(!text.contains("0123456789abcdef"), "{name}: {text}");
    }
    // Masked where it stood, and nothing else with it.
    assert!(run.out.contains("LICENCE=<secret>") && run.out.contains("X-Licence: <secret>"));
    assert!(run.err.contains("set-up: echo <secret>"), "{}", run.err);
    assert!(run.out.contains("reference-app"));
}

#[test]
fn a_failure_says_no_secret_either() {
    let place = Place::new().env("LICENCE", SECRET);
    place.describe(|text| text.replace("ready ", "setup = [\"false {env.LICENCE}\"]\nready "));
    let run = place.run(&["run"]);
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(run.err.contains("false <secret>"), "{}", run.err);
    assert!(!run.err.contains("0123456789abcdef"), "{}", run.err);
}
