//! What each command shows, and its exit code.

use serde_json::Value as Json;

use super::driver::{FAULT, Place, ROUTE};

#[test]
fn a_demonstration_without_a_fault_holds() {
    let place = Place::new();
    let run = place.run(&["demo", "--only", ROUTE, "--only", "id.path"]);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    for said in ["Tested reference-app", "HELD", "1 of 1 route"] {
        assert!(run.out.contains(said), "no {said} in {}", run.out);
    }
    assert!(!place.path().join(".partywall/replays").exists());
}

#[test]
fn a_fault_is_confirmed_and_replayed_until_it_is_mended() {
    let place = Place::new();
    let run = place.run(&[
        "demo", "--fault", FAULT, "--only", ROUTE, "--only", "id.path",
    ]);
    assert_eq!(run.code, Some(2), "{}{}", run.out, run.err);
    for said in [
        "confirmed",
        "read Service.",
        "partywall replay .partywall/replays/",
    ] {
        assert!(run.out.contains(said), "no {said} in {}", run.out);
    }
    let files = place.path().join(".partywall/replays").read_dir().unwrap();
    let names = files.map(|f| f.unwrap().file_name().into_string().unwrap());
    let leak = names.filter(|n| n.starts_with("leak-")).last();
    let file = format!(".partywall/replays/{}", leak.expect("a replay file"));

    let again = place.run(&["replay", &file]);
    assert_eq!(again.code, Some(2), "{}{}", again.out, again.err);
    let faulty = place.path().join(".partywall/demo/partywall.toml");
    let text = std::fs::read_to_string(&faulty).unwrap();
    let mended = faulty.with_file_name("mended.toml");
    std::fs::write(&mended, text.replace(&format!(" --fault {FAULT}"), "")).unwrap();
    let mended = mended.display().to_string();
    let held = place.run(&["replay", &file, "-c", &mended, "--format", "json"]);
    assert_eq!(held.code, Some(0), "{}{}", held.out, held.err);
    let json: Json = serde_json::from_str(&held.out).unwrap();
    assert_eq!(json["schema"], "partywall/json/v1");

    // Nothing crosses where the owner's own call is refused, too: that shows nothing.
    let path = place.path().join(&file);
    let mut recorded: Json =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let steps = recorded["steps"].as_array_mut().unwrap();
    let control = steps.iter_mut().find(|s| s["purpose"] == "owner-control");
    control.unwrap()["call"]["actor"] = "anonymous".into();
    std::fs::write(&path, recorded.to_string()).unwrap();
    let untold = place.run(&["replay", &file, "-c", &mended, "--format", "json"]);
    assert_eq!(untold.code, Some(3), "{}{}", untold.out, untold.err);
}

#[test]
fn discovering_shows_tables_and_routes_and_attacks_nothing() {
    let place = Place::new();
    place.describe(|text| text.replace("[limits]\n", "[limits]\ntimeout = 20\n"));
    let found = place.run(&["discover", "--only", ROUTE]);
    assert_eq!(found.code, Some(0), "{}{}", found.out, found.err);
    for said in ["Service", "globex", ROUTE, "acme.admin"] {
        assert!(found.out.contains(said), "no {said} in {}", found.out);
    }
    assert!(!found.out.contains("HELD") && !found.err.contains("Sweep"));
}

#[test]
fn a_token_is_printed_alone() {
    let place = Place::new();
    place.describe(|text| text.replace("[limits]\n", "[limits]\ntimeout = 20\n"));
    let token = place.run(&["token", "acme.admin"]);
    assert_eq!(token.code, Some(0), "{}{}", token.out, token.err);
    assert_eq!(token.out.trim().split('.').count(), 3, "{}", token.out);
    assert_eq!(token.out.lines().count(), 1);
    let nobody = place.run(&["token", "acme.admn"]);
    assert_eq!(nobody.code, Some(1));
    assert!(nobody.err.contains("acme.admin"), "{}", nobody.err);
}

#[test]
fn a_history_is_shrunk_kept_beside_the_description_and_tried_first() {
    const HISTORY: &str = "export-download-ignores-tenant";
    let place = Place::new();
    let demo = |budget| {
        let only = ["--only", "* /api/admin/exports*", "--only", "id.path"];
        let mut words = vec!["demo", "--fault", HISTORY, "--budget", budget];
        words.extend(only);
        place.run(&words)
    };
    let found = demo("100");
    assert_eq!(found.code, Some(2), "{}{}", found.out, found.err);
    assert!(found.out.contains("Explored"), "{}", found.out);
    let kept = place.path().join(".partywall/demo/scenarios/regressions");
    let files: Vec<_> = kept.read_dir().unwrap().map(|f| f.unwrap()).collect();
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(files[0].path()).unwrap();
    let history: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(history["steps"].as_array().unwrap().len(), 3, "{text}");
    assert_eq!(history["links"].as_array().unwrap().len(), 2, "{text}");

    // Without a single sequence.
    let again = demo("0");
    assert_eq!(again.code, Some(2), "{}{}", again.out, again.err);
    assert!(!again.out.contains("Explored"), "{}", again.out);

    // Mended: held. Where a step is refused that was served, or the route is gone, nobody knows, and it is said.
    let mended = |history: &Json| {
        std::fs::write(files[0].path(), history.to_string()).unwrap();
        place.run(&[
            "demo",
            "--budget",
            "0",
            "--only",
            "* /api/admin/exports*",
            "--only",
            "GET /api/admin/services*",
            "--only",
            "id.path",
        ])
    };
    let held = mended(&history);
    assert_eq!(held.code, Some(0), "{}{}", held.out, held.err);
    assert!(!held.out.contains("shows nothing any more"), "{}", held.out);
    let mut refused = history.clone();
    refused["steps"][1]["call"]["actor"] = "anonymous".into();
    let refused = mended(&refused);
    assert!(
        refused.out.contains("shows nothing any more"),
        "{}",
        refused.out
    );
    let mut gone = history.clone();
    gone["steps"][2]["call"]["route"] = "GET /nowhere".into();
    let gone = mended(&gone);
    assert!(gone.out.contains("route GET /nowhere"), "{}", gone.out);

    std::fs::write(files[0].path(), "{").unwrap();
    let broken = demo("0");
    assert_eq!(broken.code, Some(1), "{}{}", broken.out, broken.err);
    assert!(broken.err.contains("regressions"), "{}", broken.err);
}
