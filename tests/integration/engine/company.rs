//! Runs against a target that minds when calls come at once.

use std::path::Path;

use partywall::engine;
use partywall::model::event::{Report, Silence};
use partywall::model::finding::Confidence;
use partywall::model::replay::Replay;
use partywall::settings::{Budget, Overrides, Settings};
use tokio_util::sync::CancellationToken;

use super::{crowd, target};

const READS: &str =
    "[[routes.list]]\nroute = \"GET /items\"\n[[routes.list]]\nroute = \"GET /items/{id}\"\n";

const WRITES: &str = "[[routes.list]]\nroute = \"POST /items\"\njson = { name = \"a name\", note = \"a note\" }\n\
                      [[routes.list]]\nroute = \"PATCH /items/{id}\"\njson = { name = \"another\" }\n";

/// Partywall's settings for the target in one of its ways; what it is asked stands in `log` afterwards.
fn settings(way: &str, log: &Path, routes: &str) -> Settings {
    let text = format!(
        "[target]\nstart = {:?}\nready = \"/health\"\n\
         env = {{ TINY_TARGET_PORT = \"{{port}}\", TINY_TARGET_DATABASE = \"{{database.app.url}}\", \
         TINY_TARGET_WAY = {way:?}, TINY_TARGET_LOG = {:?} }}\n\
         [database]\nsetup = [{:?}]\n\
         [tenant]\naddress = \"session\"\n\
         [[login]]\ncsrf = {{ from = \"header:x-csrf\", to = \"x-csrf\" }}\n\
         [[login.step]]\ncall = \"POST /login\"\njson = {{ email = \"{{user.email}}\" }}\n\
         take = {{ bearer = \"$.token\" }}\n{routes}",
        crowd::start(),
        log.to_str().unwrap(),
        target::SCHEMA,
    );
    let overrides = Overrides {
        // What is about sequences says so.
        budget: Some(Budget::Sequences(0)),
        ..Overrides::default()
    };
    Settings::parse("partywall.toml", &text, overrides, &|_| None).unwrap()
}

async fn run(way: &str, log: &Path, routes: &str) -> Report {
    let settings = settings(way, log, routes);
    let run = engine::run(settings, &Silence, CancellationToken::new());
    Box::pin(run).await.unwrap()
}

/// How many lines of a log begin so.
fn lines(log: &Path, begin: &str) -> usize {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().filter(|l| l.starts_with(begin)).count()
}

fn said<'r>(report: &'r Report, words: &str) -> Option<&'r String> {
    report.warnings.iter().find(|w| w.contains(words))
}

#[tokio::test]
async fn calls_that_are_throttled_beside_others_go_one_at_a_time_and_are_tried_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let [right, throttling] = ["right", "throttling"].map(|name| folder.path().join(name));
    let wanted = run("", &right, READS).await;
    assert!(wanted.findings.is_empty(), "{:?}", wanted.findings);
    assert!(wanted.attacks.iter().any(|(_, t)| t.held > 0));
    let report = run("throttles", &throttling, READS).await;
    assert_eq!(report.attacks, wanted.attacks, "{:?}", report.inconclusive);
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    assert!(
        said(&report, "throttled (429)").is_some(),
        "{:?}",
        report.warnings
    );
    // Some calls of each actor, and none after that.
    let refused = lines(&throttling, "429");
    assert!((1..100).contains(&refused), "{refused}");
    assert!(
        said(&wanted, "one at a time").is_none(),
        "{:?}",
        wanted.warnings
    );
}

#[tokio::test]
async fn refusals_of_calls_that_came_at_once_hide_no_leak() {
    let folder = tempfile::tempdir().unwrap();
    let [right, busy] = ["right", "busy"].map(|name| folder.path().join(name));
    let routes = format!("{READS}{WRITES}");
    let wanted = run("believes", &right, &routes).await;
    let report = run("believes busy", &busy, &routes).await;
    assert_eq!(report.attacks, wanted.attacks, "{:?}", report.inconclusive);
    let ids =
        |report: &Report| -> Vec<String> { report.findings.iter().map(|f| f.id.clone()).collect() };
    assert!(!ids(&report).is_empty());
    assert_eq!(ids(&report), ids(&wanted));
    assert!(
        said(&report, "not when made alone").is_some(),
        "{:?}",
        report.warnings
    );
    let refused = lines(&busy, "409");
    assert!((1..100).contains(&refused), "{refused}");
}

#[tokio::test]
async fn a_token_that_is_good_for_one_call_is_renewed_by_each_answer_and_not_by_logging_in() {
    let folder = tempfile::tempdir().unwrap();
    let [right, rotates] = ["right", "rotates"].map(|name| folder.path().join(name));
    let routes = format!("{READS}{WRITES}");
    let wanted = run("", &right, &routes).await;
    let report = run("token", &rotates, &routes).await;
    assert_eq!(report.attacks, wanted.attacks, "{:?}", report.inconclusive);
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    assert!(
        said(&report, "spend the CSRF token").is_some(),
        "{:?}",
        report.warnings
    );
    let [usual, here] = [&right, &rotates].map(|log| lines(log, "200 POST /login"));
    assert!(here <= usual + 10, "{here} log-ins instead of {usual}");
}

#[tokio::test]
async fn what_crosses_only_beside_others_calls_is_confirmed_with_its_rate_and_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let report = run("global", &log, READS).await;
    let found = report.findings.iter();
    let found = found.filter(|f| f.id == "leak-plain-call-get-items");
    let [finding] = found.collect::<Vec<_>>()[..] else {
        panic!("{:?}", report.findings);
    };
    assert_eq!(
        finding.confidence,
        Confidence::Confirmed,
        "{}",
        finding.proof
    );
    let (crossed, goes) = finding.rate.unwrap();
    assert!((1..=5).contains(&crossed) && goes == 5);
    let said = format!("reproduced in {crossed} of 5 replays of its batch");
    assert!(finding.proof.contains(&said), "{}", finding.proof);
    let replay = Replay::of(finding, &report, Path::new("partywall.toml"), String::new());
    assert!(replay.company.len() > 4);
    let file = folder.path().join("replay.json");
    std::fs::write(&file, replay.to_text().unwrap()).unwrap();
    let replayed = engine::replay(settings("global", &log, READS), &file, &Silence);
    let replayed = Box::pin(replayed).await.unwrap();
    assert!(replayed.rate.0 > 0, "{:?}", replayed.verdict);
    let replayed = engine::replay(settings("", &log, READS), &file, &Silence);
    assert_eq!(Box::pin(replayed).await.unwrap().rate.0, 0);
}

#[tokio::test]
async fn what_crossed_once_and_never_again_stays_suspected_with_its_rate() {
    let folder = tempfile::tempdir().unwrap();
    let report = run("global once", &folder.path().join("log"), READS).await;
    let [finding] = &report.findings[..] else {
        panic!("{:?}", report.findings);
    };
    assert_eq!(finding.confidence, Confidence::Suspected);
    assert_eq!(finding.rate, Some((0, 5)));
    assert!(
        finding.proof.contains("0 of 5 replays"),
        "{}",
        finding.proof
    );
}
