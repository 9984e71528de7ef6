//! A target that dies, hangs, refuses, breaks off, or asks to be left alone.

use super::driver::{Case, Run, check};

/// In the baseline nothing can be shown, and it is said what the target did instead of answering.
#[test]
fn a_target_that_gives_no_answers_to_its_rightful_tenants_fails_the_baseline() {
    for (trouble, paths, why) in [
        ("dies", "/items", "the target has ended"),
        ("hangs", "/", "the target answers no more"),
        ("refuses", "/", "the target answers no more"),
        ("closes", "/items", "got no answer: connection reset"),
        ("resets", "/items", "got no answer: connection reset"),
    ] {
        check(&Case {
            trouble,
            paths,
            at: "Baseline",
            code: 4,
            says: why,
        });
    }
}

/// Once attacks have begun, they show nothing from then on.
#[test]
fn a_target_that_ceases_to_answer_during_the_attacks_is_not_called_safe() {
    const SILENT: &str = "because the target did not answer";
    for (trouble, paths, why) in [
        ("dies", "/items", "it was started anew"),
        ("hangs", "/items", SILENT),
        ("hangs-in-the-body", "/items/", SILENT),
        ("hangs", "/", "the target was not ready"),
        ("refuses", "/", "the target was not ready"),
        ("closes", "/items", SILENT),
        ("resets", "/items", SILENT),
        ("resets-in-the-body", "/items", SILENT),
        ("dribbles", "/items", SILENT),
    ] {
        check(&Case {
            trouble,
            paths,
            at: "Sweep",
            code: 3,
            says: why,
        });
    }
}

/// What all other tests here stand on: it is the trouble that keeps their runs from being green.
#[test]
fn without_trouble_the_wall_holds() {
    let ended = Run::new().alone();
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(
        ended.report.contains("HELD") && ended.troubles == 0,
        "{ended}"
    );
}
