//! What is no HTTP, no text, no answer to keep a browser's cookies by; and a target that wants to be left alone.

use super::driver::{Case, check};

#[test]
fn what_is_no_http_is_no_answer() {
    const SILENT: &str = "because the target did not answer";
    for (trouble, says) in [
        ("is-no-http", SILENT),
        ("has-no-status", SILENT),
        ("breaks-its-chunks", SILENT),
        ("is-no-gzip", SILENT),
        ("sets-cookies", SILENT),
    ] {
        check(&Case {
            trouble,
            paths: "/items",
            at: "Sweep",
            code: 3,
            says,
        });
    }
    let says = "got no answer: broken response";
    check(&Case {
        trouble: "is-no-http",
        paths: "/items",
        at: "Baseline",
        code: 4,
        says,
    });
}

#[test]
fn throttling_is_waited_for_a_moment_and_is_no_refusal() {
    for (trouble, at, code, says) in [
        (
            "throttles=0",
            "Sweep",
            3,
            "because the target throttled the call",
        ),
        (
            "throttles=9999",
            "Sweep",
            3,
            "because the target throttled the call",
        ),
        ("throttles", "Sweep", 3, "the target throttled the call"),
        ("throttles=9999", "Baseline", 4, "was answered 429"),
    ] {
        check(&Case {
            trouble,
            paths: "/items",
            at,
            code,
            says,
        });
    }
}
