//! Tests of the renderers on the sample report, the accepted outputs under `snapshots/`.

use std::path::Path;

use super::gate::{Gate, total};
use super::style::Layout;
use super::{Outcome, View, json, junit, markdown, sample, terminal};
use crate::model::event::{CutShort, Report, Tally};
use crate::model::exit::Exit;
use crate::model::finding::Confidence;
use crate::model::replay::{FORMAT, NamedRow, Replay, ReplayError};
use crate::model::verdict::{Reason, Severity};

const GATE: Gate = Gate {
    fail_on: Severity::Low,
    max_inconclusive: 100,
    max_unreached: 50,
    budgeted: false,
    interrupted: false,
};

fn judged(report: &Report, gate: Gate) -> Exit {
    gate.judge(report).exit
}

fn with_view<T>(report: &Report, gate: Gate, show: impl FnOnce(&View<'_>) -> T) -> T {
    let outcome: Outcome = gate.judge(report);
    show(&View {
        report,
        outcome: &outcome,
        classify: &sample::classify,
        replays: &sample::replays(report),
        description: Path::new("partywall.toml"),
    })
}

/// Accepted outputs are in one place for the whole repository.
fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn terminal_report() {
    let report = sample::report();
    let text = with_view(&report, GATE, |view| {
        terminal::report(view, Layout::new(100, false, false))
    });
    snapshot("terminal_report", &text);
}

#[test]
fn terminal_report_verbose_and_narrow() {
    let report = sample::report();
    let text = with_view(&report, GATE, |view| {
        terminal::report(view, Layout::new(72, false, true))
    });
    snapshot("terminal_report_verbose_and_narrow", &text);
}

#[test]
fn terminal_report_of_a_wall_that_held() {
    let report = clean();
    let text = with_view(&report, GATE, |view| {
        terminal::report(view, Layout::new(100, false, false))
    });
    snapshot("terminal_report_held", &text);
}

#[test]
fn markdown_summary() {
    let report = sample::report();
    snapshot(
        "markdown_summary",
        &with_view(&report, GATE, markdown::summary),
    );
}

#[test]
fn junit_report() {
    let report = sample::report();
    let text = with_view(&report, GATE, junit::report).expect("XML");
    snapshot("junit_report", &text);
}

#[test]
fn json_report() {
    let report = sample::report();
    let text = with_view(&report, GATE, json::v1::report).expect("JSON");
    snapshot(
        "json_v1_report",
        &text.replace(env!("CARGO_PKG_VERSION"), "[version]"),
    );
}

#[test]
fn terminal_discovery() {
    let text = terminal::discovery(&sample::discovery(), Layout::new(100, false, false));
    snapshot("terminal_discovery", &text);
}

#[test]
fn json_discovery() {
    let text = json::v1::discovery(&sample::discovery()).expect("JSON");
    snapshot("json_v1_discovery", &text);
}

#[test]
fn terminal_replayed() {
    let text = terminal::replayed(&sample::replayed(), Layout::new(100, false, false));
    snapshot("terminal_replayed", &text);
}

#[test]
fn json_replayed() {
    let text = json::v1::replayed(&sample::replayed()).expect("JSON");
    snapshot("json_v1_replayed", &text);
}

/// What was first seen in an answer is told by whom it was shown to; what lets its bearer in, only that it crossed.
#[test]
fn observed_values_are_told_by_their_first_sight_and_credentials_masked() {
    let mut report = sample::report();
    report.findings = vec![sample::observed(false), sample::observed(true)];
    report.findings[1].id = "leak-credential".to_owned();
    let (text, json) = with_view(&report, GATE, |view| {
        let text = terminal::report(view, Layout::new(200, false, true));
        (text, json::v1::report(view).expect("JSON"))
    });
    for said in [
        "read what GET /api/export/{id} shows globex alone",
        "\"x7k2p9q4r8s3t6v1w5z0\" at /link stands in no row; globex.admin was shown it first, by GET /api/export/{id}",
        "read a credential of globex",
        "\"<secret>\" at /link stands in no row; globex.admin was shown it first, by its log-in",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let crossing = |n: usize| &json["findings"][n]["crossing"];
    assert_eq!(crossing(0)["kind"], "observed");
    let seen = &crossing(0)["values"][0];
    assert_eq!(seen["value"], "x7k2p9q4r8s3t6v1w5z0");
    assert_eq!(seen["tenant"], "globex");
    assert_eq!(seen["route"], "GET /api/export/{id}");
    assert_eq!(crossing(1)["values"][0]["value"], "<secret>");
    assert!(crossing(1)["values"][0]["route"].is_null());
    let said = format!("{:?}", report.findings[1].evidence);
    assert!(!said.contains("x7k2"), "{said}");
}

/// Passwords are among what the renderers are given; none of them may print one.
#[test]
fn no_renderer_prints_what_actors_hold() {
    let found = sample::discovery();
    for text in [
        terminal::discovery(&found, Layout::new(100, false, true)),
        json::v1::discovery(&found).expect("JSON"),
    ] {
        assert!(!text.contains("correct horse"), "{text}");
    }
}

#[test]
fn only_what_can_be_broken_is_wider_than_the_terminal() {
    let report = sample::report();
    let text = with_view(&report, GATE, |view| {
        terminal::report(view, Layout::new(100, false, true))
    });
    let wide: Vec<&str> = text
        .lines()
        .filter(|line| line.chars().count() > 100)
        .collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

/// No findings, everything held.
fn clean() -> Report {
    let mut report = sample::report();
    report.findings.clear();
    for (_, tally) in &mut report.attacks {
        tally.held += tally.violated;
        tally.violated = 0;
    }
    report
}

#[test]
fn confirmed_findings_gate_before_suspected_ones() {
    assert_eq!(judged(&sample::report(), GATE), Exit::Leak);
    let mut report = sample::report();
    report
        .findings
        .retain(|f| f.confidence == Confidence::Suspected);
    assert_eq!(judged(&report, GATE), Exit::Inconclusive);
    assert_eq!(judged(&clean(), GATE), Exit::Held);
}

#[test]
fn findings_below_the_gate_do_not_fail_and_info_never_does() {
    let mut report = sample::report();
    report.findings.retain(|f| f.severity == Severity::Low);
    assert_eq!(report.findings.len(), 1);
    assert_eq!(judged(&report, GATE), Exit::Leak);
    let lenient = Gate {
        fail_on: Severity::Medium,
        ..GATE
    };
    assert_eq!(judged(&report, lenient), Exit::Held);
    report.findings[0].severity = Severity::Info;
    let strict = Gate {
        fail_on: Severity::Info,
        ..GATE
    };
    assert_eq!(judged(&report, strict), Exit::Held);
}

#[test]
fn a_run_that_showed_nothing_is_not_held() {
    let mut report = clean();
    for (_, tally) in &mut report.attacks {
        *tally = Tally {
            inconclusive: 5,
            ..Tally::default()
        };
    }
    assert_eq!(judged(&report, GATE), Exit::Inconclusive);
    report.attacks.clear();
    assert_eq!(judged(&report, GATE), Exit::Inconclusive);
}

#[test]
fn too_many_inconclusive_cases_fail_a_run_that_says_so() {
    let report = clean();
    let some = Gate {
        max_inconclusive: 1,
        ..GATE
    };
    assert_eq!(judged(&report, some), Exit::Inconclusive);
    let more = Gate {
        max_inconclusive: 2,
        ..GATE
    };
    assert_eq!(judged(&report, more), Exit::Held);
}

#[test]
fn a_target_that_fell_silent_under_attack_is_not_held_whatever_may_be_inconclusive() {
    let mut report = clean();
    let route = report.baseline[0].route.clone();
    for (reason, exit) in [
        (Reason::NoAnswer, Exit::Inconclusive),
        (Reason::Throttled, Exit::Inconclusive),
        (Reason::ServerError, Exit::Inconclusive),
        (Reason::RowGone, Exit::Held),
    ] {
        report.unshown = vec![(route.clone(), reason)];
        assert_eq!(judged(&report, GATE), exit, "{reason}");
    }
    report.unshown.clear();
    let all = total(&report);
    let cases = all.held + all.violated + all.inconclusive;
    for (unanswered, exit) in [
        (cases / 10, Exit::Held),
        (cases / 10 + 1, Exit::Inconclusive),
    ] {
        report.inconclusive = vec![(Reason::Throttled, unanswered)];
        assert_eq!(judged(&report, GATE), exit, "{unanswered} of {cases}");
    }
}

#[test]
fn a_run_in_which_too_few_routes_worked_shows_nothing_whatever_its_cases_say() {
    let mut report = clean();
    let gate = Gate {
        max_unreached: 10,
        ..GATE
    };
    for route in &mut report.baseline {
        route.reason = None;
    }
    assert_eq!(judged(&report, gate), Exit::Held);
    report.baseline[0].reason = Some("it was answered 400".into());
    assert_eq!(judged(&report, gate), Exit::Inconclusive);
    report.baseline[0].left_out = true;
    assert_eq!(judged(&report, gate), Exit::Held);
}

#[test]
fn a_run_cut_short_is_held_only_where_a_budget_was_set() {
    let mut report = clean();
    let budgeted = Gate {
        budgeted: true,
        ..GATE
    };
    report.cut_short = Some(CutShort::Broke("the target did not come back".into()));
    assert_eq!(judged(&report, GATE), Exit::Inconclusive);
    // A target that dies is no budget that ran out.
    assert_eq!(judged(&report, budgeted), Exit::Inconclusive);
    report.cut_short = Some(CutShort::Budget);
    assert_eq!(judged(&report, GATE), Exit::Inconclusive);
    assert_eq!(judged(&report, budgeted), Exit::Held);
    assert_eq!(
        judged(
            &report,
            Gate {
                interrupted: true,
                ..GATE
            }
        ),
        Exit::Interrupted
    );
}

#[test]
fn a_replay_file_reads_back_as_it_was_written_and_names_rows_by_table() {
    let report = sample::report();
    for finding in &report.findings {
        let replay = Replay::of(
            finding,
            &report,
            Path::new("partywall.toml"),
            "what happened".into(),
        );
        let text = replay.to_text().expect("JSON");
        assert_eq!(Replay::parse(&text).expect("reads back"), replay);
        assert_eq!(
            replay.reached[0].resolve(&report.schema).as_ref(),
            finding.history.reached.first()
        );
    }
    let elsewhere = NamedRow {
        table: "gone".into(),
        key: Vec::new(),
    };
    assert_eq!(elsewhere.resolve(&report.schema), None);
}

#[test]
fn replay_file() {
    let report = sample::report();
    let replay = Replay::of(
        &report.findings[0],
        &report,
        Path::new("partywall.toml"),
        "what happened".into(),
    );
    let text = replay.to_text().expect("JSON");
    snapshot(
        "replay_file",
        &text.replace(env!("CARGO_PKG_VERSION"), "[version]"),
    );
}

#[test]
fn a_replay_file_of_another_format_is_refused_by_name() {
    let error = Replay::parse("{\"format\": \"partywall.replay/9\"}").expect_err("refused");
    assert!(matches!(error, ReplayError::Format { .. }), "{error}");
    assert!(error.to_string().contains(FORMAT), "{error}");
    let error = Replay::parse("{\n  \"format\": \"partywall.replay/1\"\n}").expect_err("refused");
    assert!(error.to_string().contains("line 3"), "{error}");
}
