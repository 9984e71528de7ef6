//! `JUnit`: a test case a route, for whatever shows such files beside a pull request.

use quick_junit::{NonSuccessKind, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::names::Names;
use super::{View, sentence};
use crate::model::finding::{Confidence, Finding, Sink};
use crate::model::route::RouteId;

/// The report: a route fails where something crosses, and is skipped where nothing is known of it.
pub fn report(view: &View<'_>) -> Result<String, SerializeError> {
    let names = view.names();
    let mut suite = TestSuite::new(format!("partywall: {}", view.report.target));
    let tried = view.report.baseline.iter().map(|route| &route.route);
    let found = view.report.findings.iter().filter_map(|f| match &f.sink {
        Sink::Route(route) => Some(route),
        Sink::AllRoutes => None,
    });
    let mut routes: Vec<&RouteId> = Vec::new();
    for route in tried.chain(found) {
        if !routes.contains(&route) {
            routes.push(route);
        }
    }
    for route in routes {
        let of = |f: &&Finding| matches!(&f.sink, Sink::Route(at) if at == route);
        let found: Vec<&Finding> = view.report.findings.iter().filter(of).collect();
        let status = status(&found, &names).unwrap_or_else(|| quiet(view, route));
        suite.add_test_case(case(route.to_string(), "route", status));
    }
    for finding in &view.report.findings {
        if finding.sink == Sink::AllRoutes
            && let Some(status) = status(&[finding], &names)
        {
            suite.add_test_case(case(finding.attack.clone(), "all routes", status));
        }
    }
    let mut all = quick_junit::Report::new("partywall");
    all.set_time(view.report.stages.iter().map(|(_, time)| *time).sum());
    all.add_test_suite(suite);
    all.to_string()
}

fn case(name: String, class: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    case
}

/// Findings as a failure: what is only suspected is an error, which tells the two apart.
fn status(found: &[&Finding], names: &Names<'_>) -> Option<TestCaseStatus> {
    let first = found.first()?;
    let confirmed = found.iter().any(|f| f.confidence == Confidence::Confirmed);
    let kind = if confirmed {
        NonSuccessKind::Failure
    } else {
        NonSuccessKind::Error
    };
    let line = |finding: &&Finding| {
        format!(
            "{}: {}\n  {}\n  attack {}, finding {}",
            super::text::severity(finding.severity),
            sentence::headline(finding, names),
            finding.proof,
            finding.attack,
            finding.id
        )
    };
    let lines: Vec<String> = found.iter().map(line).collect();
    let mut status = TestCaseStatus::non_success(kind);
    status
        .set_message(sentence::headline(first, names))
        .set_type(first.evidence.oracle)
        .set_description(lines.join("\n"));
    Some(status)
}

/// A route without findings: held, unless it never worked or not one case showed anything.
fn quiet(view: &View<'_>, route: &RouteId) -> TestCaseStatus {
    let mut baseline = view.report.baseline.iter();
    let never = baseline.find(|row| row.route == *route);
    let never = never.and_then(|row| row.reason.clone());
    let mut unshown = view.report.unshown.iter();
    let unshown = unshown.find(|(at, _)| at == route);
    let Some(why) = never.or_else(|| unshown.map(|(_, reason)| reason.to_string())) else {
        return TestCaseStatus::success();
    };
    let mut status = TestCaseStatus::skipped();
    status.set_message(why);
    status
}
