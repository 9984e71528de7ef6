//! Ctrl-C and kill at every stage, of a target that answers and of one that does not.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::driver::Run;
use crate::binary::driver::{Started, traces};

/// The stages that call anybody or make anything, by what is said when they begin.
const STAGES: [&str; 6] = ["World", "Seed", "Freeze", "Baseline", "Sweep", "Confirm"];

/// Long for whoever waits at a prompt; a busy machine needs some of it.
const SOON: Duration = Duration::from_secs(10);

/// A run that has something to confirm.
fn leaky() -> Run {
    let mut run = Run::new();
    run.arguments.truncate(4);
    run.arguments
        .extend(["--only", "id.path", "--only", "GET /items/{id}"]);
    run.make("leaks", "/items/");
    run
}

#[test]
fn what_is_ended_here_would_have_found_a_leak() {
    let ended = leaky().alone();
    ended.is(2, "1 confirmed finding");
}

#[test]
fn ctrl_c_ends_every_stage_and_leaves_nothing() {
    for stage in STAGES {
        let run = leaky();
        let mut started = run.start();
        started.until(stage);
        stopped(&run, started, stage);
    }
}

#[test]
fn ctrl_c_need_not_wait_for_a_target_that_hangs() {
    for stage in ["Baseline", "Sweep"] {
        let mut run = Run::new();
        run.change("timeout = 1\n", "timeout = 600\n");
        let mut started = run.start();
        started.until(stage);
        run.make("hangs", "/");
        // Somebody waits by then.
        while run.troubles() == 0 && started.is_alive() {}
        stopped(&run, started, stage);
    }
}

/// Ends it by Ctrl-C.
fn stopped(run: &Run, started: Started, stage: &str) {
    let pid = started.pid();
    started.signal(Signal::SIGINT);
    let (code, said, took) = started.end();
    assert_eq!(code, Some(130), "{stage}: {said}");
    assert!(took < SOON, "{stage}: {took:?}");
    assert_eq!(traces(&run.place, pid), Vec::<String>::new(), "{stage}");
}

#[test]
fn what_a_kill_leaves_at_any_stage_the_next_run_removes() {
    let first = leaky();
    let mut killed = Vec::new();
    for stage in STAGES {
        let mut started = first.start();
        started.until(stage);
        killed.push(started.pid());
        started.signal(Signal::SIGKILL);
        let (code, ..) = started.end();
        assert_eq!(code, None);
    }
    let left = |pid: &u32| traces(&first.place, *pid);
    // The last one's, for each run removes what it finds.
    assert!(left(&killed[5]).len() > 2, "{:?}", left(&killed[5]));
    first.unmake();
    let next = first.alone();
    assert_eq!(next.code, Some(0), "{next}");
    let all: Vec<String> = killed.iter().flat_map(left).collect();
    assert_eq!(all, Vec::<String>::new());
}
