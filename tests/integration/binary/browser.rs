//! A browser that is not there, that breaks, or that somebody does not wait for.

use std::os::unix::fs::PermissionsExt;

use nix::sys::signal::Signal;

use super::driver::{FAULT, Place, ROUTE, traces};

/// Where tests use one.
fn place() -> Place {
    Place::new().env("PARTYWALL_NO_BROWSER", "false")
}

/// A demonstration of few attacks in a browser.
const DEMO: [&str; 4] = ["demo", "--browser", "--only", "browser.in-turn"];

#[test]
fn a_missing_browser_is_told_before_anything_is_started() {
    let place = place().env("PARTYWALL_CHROMIUM", "/nowhere/chromium");
    let run = place.run(&DEMO);
    assert_eq!(run.code, Some(1), "{}{}", run.out, run.err);
    let said = run.err.replace("\n  │ ", " ");
    for word in ["PARTYWALL_CHROMIUM", "install", "--no-browser"] {
        assert!(said.contains(word), "no {word} in {said}");
    }
    assert!(!said.contains("Start"), "{said}");
    // What needs none runs without.
    let run = place.run(&[&DEMO[..3], &["id.path", "--only", ROUTE]].concat());
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
}

#[test]
fn a_browser_that_breaks_off_does_not_take_along_what_was_seen_before() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("chromium");
    std::fs::write(&broken, "#!/bin/sh\nexit 1\n").unwrap();
    std::fs::set_permissions(&broken, std::fs::Permissions::from_mode(0o755)).unwrap();
    let place = place().env("PARTYWALL_CHROMIUM", &broken.display().to_string());
    let sweep = ["--only", "id.path", "--only", ROUTE];
    let run = place.run(&[&DEMO[..], &sweep].concat());
    // Nothing crossed, and what was to be tried in the browser was not.
    assert_eq!(run.code, Some(3), "{}{}", run.out, run.err);
    let said = run.out.replace("\n  ", " ");
    assert!(said.contains("the browser broke off"), "{said}");
    let run = place.run(&[&DEMO[..], &sweep, &["--fault", FAULT]].concat());
    assert_eq!(run.code, Some(2), "{}{}", run.out, run.err);
    assert!(run.out.contains("leak-"), "{}", run.out);
}

#[test]
fn ctrl_c_in_the_browser_ends_it_soon_and_leaves_nothing() {
    let place = place();
    let mut run = place.start(&DEMO);
    run.until("Browser");
    // Into the first script.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let pid = run.pid();
    let before = std::time::Instant::now();
    run.signal(Signal::SIGINT);
    let (code, said, _) = run.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(before.elapsed().as_secs() < 40, "{said}");
    assert_eq!(traces(&place, pid), Vec::<String>::new());
}

#[test]
fn pages_that_are_not_as_described_are_told_and_are_no_wall() {
    let place = place();
    place.describe(|text| text.replace("press = \"Switch\"", "press = \"Swap\""));
    let run = place.run(&["run", "--only", "browser.switch"]);
    assert_eq!(run.code, Some(3), "{}{}", run.out, run.err);
    let said = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("has no button \"Swap\""), "{said}");
}
