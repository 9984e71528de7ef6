//! Several targets attacked side by side.

use std::fmt::Write;
use std::path::Path;

use partywall::engine;
use partywall::model::event::{Report, Silence};
use partywall::settings::{Budget, Overrides, Settings};
use tokio_util::sync::CancellationToken;

use super::{crowd, target};

/// Enough for two lanes.
const SHELVES: usize = 8;

async fn run(way: &str, workers: usize, log: &Path) -> Report {
    let mut text = format!(
        "[target]\nstart = {:?}\nready = \"/health\"\n\
         env = {{ TINY_TARGET_PORT = \"{{port}}\", TINY_TARGET_DATABASE = \"{{database.app.url}}\", \
         TINY_TARGET_WAY = {way:?}, TINY_TARGET_LOG = {:?} }}\n\
         [database]\nsetup = [{:?}]\n\
         [limits]\nworkers = {workers}\n\
         [tenant]\naddress = \"session\"\n\
         [[login]]\n[[login.step]]\ncall = \"POST /login\"\njson = {{ email = \"{{user.email}}\" }}\n\
         take = {{ bearer = \"$.token\" }}\n\
         [[routes.list]]\nroute = \"POST /items\"\njson = {{ name = \"a name\", note = \"a note\" }}\n",
        crowd::start(),
        log.to_str().unwrap(),
        target::SCHEMA,
    );
    for shelf in 0..SHELVES {
        for route in ["items", "items/{id}"] {
            write!(
                text,
                "[[routes.list]]\nroute = \"GET /shelf-{shelf}/{route}\"\n"
            )
            .unwrap();
        }
    }
    let overrides = Overrides {
        only: ["plain", "header.tenant", "id.path"]
            .map(String::from)
            .into(),
        budget: Some(Budget::Sequences(0)),
        ..Overrides::default()
    };
    let settings = Settings::parse("partywall.toml", &text, overrides, &|_| None).unwrap();
    let run = engine::run(settings, &Silence, CancellationToken::new());
    Box::pin(run).await.unwrap()
}

fn starts(log: &Path) -> usize {
    let text = std::fs::read_to_string(log).unwrap();
    text.lines().filter(|line| *line == "started").count()
}

fn ids(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|f| f.id.as_str()).collect()
}

fn fewer(report: &Report) -> Option<&String> {
    let mut warnings = report.warnings.iter();
    warnings.find(|w| w.contains("fewer targets than limits.workers"))
}

#[tokio::test]
async fn two_targets_show_what_one_shows_whichever_of_them_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
    // Its list falls to one of them, a single item of it to the other.
    let wanted = run("believes on /shelf-5", 1, &one).await;
    let report = run("believes on /shelf-5", 2, &two).await;
    assert!(!wanted.findings.is_empty());
    assert_eq!(ids(&report), ids(&wanted));
    assert_eq!(report.attacks, wanted.attacks, "{:?}", report.inconclusive);
    assert_eq!(
        report.inconclusive_by_route.len(),
        wanted.inconclusive_by_route.len()
    );
    assert!(fewer(&report).is_none(), "{:?}", report.warnings);
    let several = std::thread::available_parallelism().is_ok_and(|n| n.get() > 1);
    assert_eq!(starts(&two), starts(&one) + usize::from(several));
}

#[tokio::test]
async fn a_target_that_does_not_work_where_it_is_told_to_is_attacked_alone() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
    let wanted = run("believes remembers", 1, &one).await;
    let report = run("believes remembers", 2, &two).await;
    assert_eq!(ids(&report), ids(&wanted));
    assert_eq!(report.attacks, wanted.attacks, "{:?}", report.inconclusive);
    let several = std::thread::available_parallelism().is_ok_and(|n| n.get() > 1);
    let said = fewer(&report).map(String::as_str).unwrap_or_default();
    assert_eq!(
        said.contains("nothing that a second target did showed"),
        several,
        "{:?}",
        report.warnings
    );
}
