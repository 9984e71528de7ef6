//! Postgres and the target in containers: the same findings as without, and nothing left in the engine.

use nix::sys::signal::Signal;
use serde_json::Value as Json;

use super::driver::{FAULT, Place, ROUTE};
use super::engine::{describe, left, place, postgres_image, postgres_images};

/// A fault that writes, and its route.
const WRITE: (&str, &str) = ("delete-ignores-tenant", "DELETE /api/admin/services/{id}");

/// What is found in the demonstration with two faults on two routes, where it runs like that: id and severity.
fn found(place: &Place, world: &str) -> Vec<(String, String)> {
    let (write, path) = WRITE;
    let run = place.run(&[
        "demo", "--world", world, "--fault", FAULT, write, "--only", ROUTE, "--only", path,
        "--format", "json",
    ]);
    assert_eq!(run.code, Some(2), "{}{}", run.out, run.err);
    let json: Json = serde_json::from_str(&run.out).unwrap();
    let text = |finding: &Json, key: &str| finding[key].as_str().unwrap().to_owned();
    let findings = json["findings"].as_array().unwrap().iter();
    let mut found: Vec<_> = findings
        .filter(|finding| finding["confidence"] == "confirmed")
        .map(|finding| (text(finding, "id"), text(finding, "severity")))
        .collect();
    found.sort();
    found
}

#[test]
fn containers_show_the_same_as_programs_on_every_postgres() {
    let embedded = found(&place(&postgres_image()), "embedded");
    assert!(embedded.len() > 1, "{embedded:?}");
    for image in postgres_images() {
        assert_eq!(found(&place(&image), "containers"), embedded, "{image}");
    }
}

#[test]
fn runs_side_by_side_do_not_collide_and_leave_nothing() {
    let places = [(); 2].map(|()| place(&postgres_image()));
    let runs = places
        .each_ref()
        .map(|place| place.start(&["demo", "--world", "containers", "--only", ROUTE]));
    for run in runs {
        let pid = run.pid();
        let (code, said, _) = run.end();
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(left(pid), Vec::<String>::new());
    }
}

#[test]
fn ctrl_c_leaves_no_container_and_what_a_killed_run_leaves_the_next_one_removes() {
    let place = place(&postgres_image());
    let arguments = ["demo", "--world", "containers", "--only", ROUTE];
    let mut stopped = place.start(&arguments);
    stopped.until("Baseline");
    let pid = stopped.pid();
    assert!(left(pid).len() > 2, "{:?}", left(pid));
    stopped.signal(Signal::SIGINT);
    let (code, said, _) = stopped.end();
    assert_eq!(code, Some(130), "{said}");
    assert_eq!(left(pid), Vec::<String>::new());

    let mut killed = place.start(&arguments);
    killed.until("Baseline");
    let pid = killed.pid();
    killed.signal(Signal::SIGKILL);
    killed.end();
    assert!(left(pid).len() > 2, "{:?}", left(pid));
    let next = place.run(&[
        "token",
        "-c",
        ".partywall/demo/partywall.toml",
        "acme.admin",
    ]);
    assert_eq!(next.code, Some(0), "{}", next.err);
    assert_eq!(left(pid), Vec::<String>::new());
}

#[test]
fn an_image_that_ends_at_once_is_told_with_its_last_words() {
    let place = place(&postgres_image());
    let image = postgres_image();
    describe(
        &place,
        &format!("image = {image:?}\nstart = \"no-such-program\""),
    );
    let mut run = place.start(&["run"]);
    let pid = run.pid();
    run.until("no-such-program");
    let (code, said, _) = run.end();
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(left(pid), Vec::<String>::new());
}

#[test]
fn without_an_engine_containers_are_refused_and_programs_still_run() {
    let place = Place::new().env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    let arguments = ["demo", "--only", ROUTE, "--world"];
    let refused = place.run(&[&arguments[..], &["containers"]].concat());
    assert_eq!(refused.code, Some(1), "{}", refused.err);
    let said = refused.err.replace("\n  │ ", " ");
    assert!(said.contains("no container engine answers"), "{said}");
    assert!(said.contains("DOCKER_HOST"), "{said}");
    let run = place.run(&[&arguments[..], &["embedded"]].concat());
    assert_eq!(run.code, Some(0), "{}", run.err);
}
