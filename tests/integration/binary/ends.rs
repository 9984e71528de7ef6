//! The end before the end: Ctrl-C at any time, and kill.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::driver::{Place, ROUTE, traces};

/// Long for a clean end, short for whoever waits at a prompt; a busy machine needs some of it.
const SOON: Duration = Duration::from_secs(20);

fn stopped(place: &Place, arguments: &[&str], at: &str) -> String {
    let mut run = place.start(arguments);
    run.until(at);
    let pid = run.pid();
    run.signal(Signal::SIGINT);
    let (code, said, took) = run.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(took < SOON, "{took:?}: {said}");
    assert_eq!(traces(place, pid), Vec::<String>::new());
    said
}

#[test]
fn ctrl_c_during_set_up_ends_it_at_once() {
    let place = Place::new();
    place.describe(|text| text.replace("ready ", "setup = [\"sleep 1800\"]\nready "));
    let said = stopped(&place, &["run", "--verbose"], "set-up: sleep 1800");
    assert!(said.contains("stopped before"), "{said}");
}

#[test]
fn ctrl_c_during_baseline_and_sweep_leaves_nothing() {
    let place = Place::new();
    stopped(&place, &["demo", "--only", ROUTE], "Baseline");
    stopped(&place, &["demo", "--only", ROUTE], "Sweep");
}

#[test]
fn what_a_killed_run_leaves_the_next_one_removes() {
    let place = Place::new();
    let mut run = place.start(&["demo", "--only", ROUTE]);
    run.until("Baseline");
    let killed = run.pid();
    run.signal(Signal::SIGKILL);
    let (code, ..) = run.end();
    assert_eq!(code, None);
    let left = traces(&place, killed);
    assert!(left.len() > 2, "{left:?}");
    let next = place.run(&[
        "token",
        "-c",
        ".partywall/demo/partywall.toml",
        "acme.admin",
    ]);
    assert_eq!(next.code, Some(0), "{}", next.err);
    assert_eq!(traces(&place, killed), Vec::<String>::new());
}
