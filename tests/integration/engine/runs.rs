//! Whole runs, and what must come of them.

use partywall::engine::{self, RunError};
use partywall::model::event::{Event, Listener, Report};
use partywall::model::exchange::Purpose;
use partywall::model::finding::{Confidence, Finding};
use partywall::model::ownership::Rule;
use partywall::model::verdict::Crossing;
use partywall::settings::{Budget, Overrides, Settings};
use partywall::world::World;
use tokio_util::sync::CancellationToken;

use super::{stored, target};

/// Says what the run warns of, for whoever reads a failed test.
struct Told;

impl Listener for Told {
    fn on(&self, event: &Event) {
        if let Event::Warning(warning) = event {
            eprintln!("{warning}");
        }
    }
}

/// Runs partywall on the tiny target in one of its ways; `more` is the rest of the description.
async fn run(way: &str, log: &str, more: &str) -> Result<Report, RunError> {
    run_on(&target::start(), target::SCHEMA, way, log, more).await
}

/// Runs partywall on the target that this line starts, with these tables.
async fn run_on(
    start: &str,
    schema: &str,
    way: &str,
    log: &str,
    more: &str,
) -> Result<Report, RunError> {
    let settings = description(start, schema, way, log, more);
    Box::pin(engine::run(settings, &Told, CancellationToken::new())).await
}

/// The description of the target that this line starts, with these tables.
fn description(start: &str, schema: &str, way: &str, log: &str, more: &str) -> Settings {
    let text = format!(
        "[target]\nstart = {start:?}\nready = \"/health\"\n\
         env = {{ TINY_TARGET_PORT = \"{{port}}\", TINY_TARGET_DATABASE = \"{{database.app.url}}\", \
         TINY_TARGET_WAY = {way:?}, TINY_TARGET_LOG = {log:?} }}\n\
         [database]\nsetup = [{schema:?}]\n\
         [tenant]\naddress = \"session\"\n\
         [[login]]\n[[login.step]]\ncall = \"POST /login\"\njson = {{ email = \"{{user.email}}\" }}\n\
         take = {{ bearer = \"$.token\" }}\n{more}",
    );
    let overrides = Overrides {
        // What is about sequences says so.
        budget: Some(Budget::Sequences(0)),
        ..Overrides::default()
    };
    Settings::parse("partywall.toml", &text, overrides, &|_| None).unwrap()
}

const READS: &str =
    "[[routes.list]]\nroute = \"GET /items\"\n[[routes.list]]\nroute = \"GET /items/{id}\"\n";

const EXPORTS: &str =
    "[[routes.list]]\nroute = \"GET /export\"\n[[routes.list]]\nroute = \"POST /exports\"\n";

const WRITES: &str = "[[routes.list]]\nroute = \"POST /items\"\njson = { name = \"a name\", note = \"a note\" }\n\
                      [[routes.list]]\nroute = \"PATCH /items/{id}\"\njson = { name = \"another\" }\n\
                      [[routes.list]]\nroute = \"DELETE /items/{id}\"\n";

#[tokio::test]
async fn a_right_target_has_no_findings_and_one_that_believes_a_header_has() {
    let report = run("", "", READS).await.unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    assert!(report.attacks.iter().any(|(_, t)| t.held > 0));
    let report = run("believes", "", READS).await.unwrap();
    assert!(!report.findings.is_empty());
}

/// What stands in no row is found by who was shown it first; what all are shown, and what each call draws anew, is not.
#[tokio::test]
async fn a_link_that_is_kept_in_memory_alone_is_found_where_it_crosses() {
    let more = format!("{READS}{EXPORTS}");
    let report = run("", "", &more).await.unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let report = run("exports believe", "", &more).await.unwrap();
    let [finding] = &report.findings[..] else {
        panic!("{:?}", report.findings);
    };
    assert_eq!(finding.confidence, Confidence::Confirmed, "{finding:?}");
    assert_eq!(finding.evidence.oracle, "leak");
    let Crossing::Observed { values, at } = &finding.evidence.crossing else {
        panic!("{:?}", finding.evidence);
    };
    assert_eq!((values.len(), at.as_str()), (1, "/link"), "{values:?}");
    assert_eq!(values[0].at, "/link");
    assert_eq!(Some(&values[0].tenant), finding.evidence.victim.as_ref());
    let first = finding.history.of(Purpose::Setup).next().unwrap();
    assert_eq!(
        first.call.actor,
        *values[0].source.actor(),
        "the owner first"
    );
    assert_eq!(finding.requests.len(), 2, "{:?}", finding.requests);
}

#[tokio::test]
async fn refusals_of_a_session_that_a_refusal_ended_hide_no_leak() {
    let report = run("ends sessions", "", READS).await.unwrap();
    let confirmed =
        |f: &&Finding| f.confidence == Confidence::Confirmed && f.attack.starts_with("header.");
    let found = report.findings.iter().find(confirmed);
    assert!(
        found.is_some(),
        "{:?} {:?}",
        report.findings,
        report.attacks
    );
}

#[tokio::test]
async fn a_target_on_a_copy_is_found_out_before_anything_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("writes");
    let more = format!("{READS}{WRITES}");
    let error = run("copy", log.to_str().unwrap(), &more).await.unwrap_err();
    assert!(matches!(error, RunError::Pair(_)), "{error}");
    assert!(error.to_string().contains("POST /items"), "{error}");
    let asked = std::fs::read_to_string(&log).unwrap_or_default();
    let mut asked = asked.lines().peekable();
    assert!(asked.peek().is_some() && asked.all(|line| line == "POST /items"));
}

#[tokio::test]
async fn an_answer_kept_under_a_key_for_all_tenants_is_confirmed_by_its_short_random_id() {
    let more = "[[routes.list]]\nroute = \"GET /orders\"\n[[routes.list]]\nroute = \"POST /orders\"\n\
                json = { remark = \"as usual\", quantity = 3 }\n";
    let start = stored::start();
    let run = |way| run_on(&start, stored::SCHEMA, way, "", more);
    let report = run("").await.unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let report = run("shared").await.unwrap();
    let [finding] = &report.findings[..] else {
        panic!("{:?} {:?}", report.findings, report.attacks);
    };
    assert_eq!(finding.attack, "id.idempotency-key");
    assert_eq!(
        finding.confidence,
        Confidence::Confirmed,
        "{}",
        finding.proof
    );
}

#[tokio::test]
async fn a_declared_table_may_come_on_first_use_and_is_told_where_it_never_does() {
    let discovered = |way| {
        let more = format!("{READS}[tenant.columns]\nvisits = \"place\"\n");
        let settings = description(&target::start(), target::SCHEMA, way, "", &more);
        async move { engine::discover(settings, &Told).await.unwrap() }
    };
    let told = |warnings: &[String]| warnings.iter().any(|w| w.contains("`visits`"));
    let found = discovered("makes a table").await;
    assert!(!told(&found.warnings), "{:?}", found.warnings);
    let visits = found.schema.by_name("visits").unwrap();
    let rule = found.ownership.rule(visits.id);
    assert!(
        matches!(rule, Rule::Columns { columns } if columns == &[visits.column("place").unwrap()])
    );
    assert!(told(&discovered("").await.warnings));
}

#[tokio::test]
async fn a_filter_that_only_the_document_tells_is_tried_with_a_foreign_id() {
    let start = stored::start();
    let more = "[routes]\nopenapi = \"/openapi.json\"\n";
    let run = |way| run_on(&start, stored::SCHEMA, way, "", more);
    let report = run("").await.unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let report = run("filters").await.unwrap();
    let leak = |f: &&Finding| f.evidence.oracle == "leak";
    let finding = report.findings.iter().find(leak).unwrap();
    assert_eq!(finding.attack, "id.body");
    assert_eq!(finding.history.variant, "body /filter/order_id");
    assert_eq!(
        finding.confidence,
        Confidence::Confirmed,
        "{}",
        finding.proof
    );
}

#[tokio::test]
async fn a_listed_query_is_sent_and_also_left_out() {
    let more = "[[routes.list]]\nroute = \"GET /items\"\nquery = { shelf = \"1\" }\n";
    let report = run("", "", more).await.unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let report = run("forgets without a filter", "", more).await.unwrap();
    let [finding] = &report.findings[..] else {
        panic!("{:?}", report.findings);
    };
    assert_eq!(finding.attack, "plain.variant");
    assert_eq!(finding.history.variant, "without shelf");
    assert_eq!(finding.confidence, Confidence::Confirmed);
}

/// Keeps what the run warns of.
#[derive(Default)]
struct Kept(std::sync::Mutex<Vec<String>>);

impl Listener for Kept {
    fn on(&self, event: &Event) {
        if let Event::Warning(warning) = event {
            self.0.lock().unwrap().push(warning.clone());
        }
    }
}

#[tokio::test]
async fn where_most_routes_fail_the_targets_last_words_are_shown() {
    let way = "says why it breaks";
    let settings = description(&target::start(), target::SCHEMA, way, "", READS);
    let kept = Kept::default();
    let run = engine::run(settings, &kept, CancellationToken::new());
    let failed = Box::pin(run).await;
    assert!(matches!(failed, Err(RunError::Baseline(_))));
    let said = kept.0.into_inner().unwrap();
    let shown = |w: &&String| w.contains("printed last") && w.contains("undefined function mend()");
    assert!(said.iter().any(|w| shown(&w)), "{said:?}");
}

/// Somebody's own target and database, which another world plays: it is tested where it runs, and findings say what was weaker.
#[tokio::test]
async fn a_target_that_runs_already_is_tested_and_its_findings_say_that_it_was_not_restarted() {
    let theirs = description(&target::start(), target::SCHEMA, "believes", "", READS);
    let mut host = World::up(&theirs, &Told).await.unwrap();
    host.freeze().await.unwrap();
    let role = "CREATE ROLE boss SUPERUSER LOGIN PASSWORD 'pass'";
    sqlx::query(role).execute(host.pool()).await.unwrap();
    let at = |part: &str| host.values().get(&format!("database.app.{part}")).unwrap();
    let text = format!(
        "[target]\nurl = {:?}\n[database]\nurl = \"postgresql://boss:pass@{}:{}/{}\"\n\
         [tenant]\naddress = \"session\"\n\
         [[login]]\n[[login.step]]\ncall = \"POST /login\"\njson = {{ email = \"{{user.email}}\" }}\n\
         take = {{ bearer = \"$.token\" }}\n{READS}",
        host.base(),
        at("host"),
        at("port"),
        at("name"),
    );
    let overrides = Overrides {
        budget: Some(Budget::Sequences(0)),
        ..Overrides::default()
    };
    let ours = Settings::parse("partywall.toml", &text, overrides, &|_| None).unwrap();
    let run = engine::run(ours, &Told, CancellationToken::new());
    let report = Box::pin(run).await.unwrap();
    let leak = report.findings.iter().find(|f| f.evidence.oracle == "leak");
    let leak = leak.unwrap_or_else(|| panic!("{:?}", report.warnings));
    assert_eq!(leak.confidence, Confidence::Confirmed, "{}", leak.proof);
    assert!(
        leak.proof.contains("the target not restarted"),
        "{}",
        leak.proof
    );
    assert!(host.alive());
    host.close().await.unwrap();
}
