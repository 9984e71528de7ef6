//! Answers without an end or of a size that nobody would keep: what is held of them is bounded.

use super::driver::{Case, Run, check};

/// Megabytes: three answers of 8 MiB for each of 16 cases are 400, and a run without trouble takes 45. Measured: 200.
const BOUND: u64 = 400;

/// What came of such answers is as it must be, and partywall held no more than the bound meanwhile.
fn bounded(trouble: &str, at: &str, code: i32, says: &str) {
    let ended = check(&Case {
        trouble,
        paths: "/items",
        at,
        code,
        says,
    });
    let peak = ended.peak;
    assert!(peak > 20 && peak < BOUND, "{trouble}: {peak} MB");
}

#[test]
fn answers_without_end_are_cut_and_the_memory_for_them_is_bounded() {
    for trouble in ["is-large", "never-ends", "bombs", "never-ends-its-head"] {
        bounded(trouble, "Sweep", 3, "because the target did not answer");
    }
}

#[test]
fn in_the_baseline_they_prove_nothing() {
    for trouble in ["is-large", "bombs"] {
        bounded(
            trouble,
            "Baseline",
            4,
            "no answer held a value of the database",
        );
    }
}

/// Half a document would be half the routes, and the other half would be tested by nobody.
#[test]
fn a_document_of_routes_that_does_not_end_is_none() {
    for trouble in [
        "is-large",
        "bombs",
        "hangs-in-the-body",
        "resets-in-the-body",
    ] {
        let mut run = Run::new();
        run.described_by_the_target();
        let ended = run.with(trouble, "/openapi.json", "");
        ended.is(
            1,
            "/openapi.json cannot be had: the answer did not come to its end",
        );
        assert!(
            ended.troubles == 1 && ended.peak < 100,
            "{trouble}: {ended}"
        );
    }
    let mut run = Run::new();
    run.described_by_the_target();
    run.alone().is(0, "3 of 3 routes worked");
}
