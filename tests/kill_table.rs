//! The kill table: each fault alone must be found by the expected oracle and attack, and by those that the committed table
//! names (`snapshots/kill-table.json`); without faults, with and without quirks, nothing may be found. One test a row, each
//! made by the built `partywall kill-table`.

use std::path::Path;
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};
use partywall::attack::ATTACKS;
use partywall::model::event::{Report, Silence};
use partywall::model::kill_table::{Row, needless};
use partywall::oracle::ORACLES;
use partywall::report::json::v1::read_kill_table;
use partywall::settings::{Budget, Overrides, Settings};
use reference_app::faults::FAULTS;
use reference_app::quirks::QUIRKS;

/// The committed table.
const KEPT: &str = "snapshots/kill-table.json";

/// Seeds of the runs that must find nothing.
const SEEDS: [u64; 3] = [1, 2, 3];

fn main() {
    let arguments = Arguments::from_args();
    let row =
        |title: String, name: &'static str, seed: u64| Trial::test(title, move || made(name, seed));
    let mut trials: Vec<Trial> = Vec::new();
    for fault in FAULTS {
        trials.push(row(format!("fault {}", fault.name), fault.name, 1));
    }
    for quirk in QUIRKS {
        trials.push(row(format!("clean quirk {}", quirk.name), quirk.name, 1));
    }
    for seed in SEEDS {
        trials.push(row(format!("clean seed {seed}"), "nothing", seed));
        let title = format!("clean all quirks seed {seed}");
        trials.push(row(title, "all-quirks", seed));
    }
    trials.push(Trial::test("clean with kept answers", keeps_answers));
    trials.push(Trial::test("nobody is needless", nobody_is_needless));
    libtest_mimic::run(&arguments, trials).exit();
}

/// The row is as it must be.
fn made(name: &str, seed: u64) -> Result<(), Failed> {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join(KEPT);
    let mut command = Command::new(env!("CARGO_BIN_EXE_partywall"));
    command.args(["kill-table", name, "--seed", &seed.to_string()]);
    // What people do in a browser is the same under every seed, sequences aside, and takes minutes.
    if seed != SEEDS[0] {
        command.arg("--no-browser");
    }
    let made = command.arg("--against").arg(kept).output()?;
    if made.status.success() {
        return Ok(());
    }
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Err(format!("{}{}", said(&made.stdout), said(&made.stderr)).into())
}

/// What finds no fault alone, but one before all others do: every attack in a browser lets two people work, one after the
/// other, and this is the one that does nothing else.
const FIRST: [&str; 1] = ["browser.in-turn"];

/// By the committed table each attack and each oracle, switched off, would let some fault survive; or it is the first to find one.
fn nobody_is_needless() -> Result<(), Failed> {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join(KEPT);
    let rows = read_kill_table(&std::fs::read_to_string(kept)?)?;
    let attacks = needless(&rows, ATTACKS.iter().map(|a| a.id()), |by| &by.attacks);
    let oracles = needless(&rows, ORACLES.iter().map(|o| o.id()), |by| &by.oracles);
    let all = [attacks, oracles].concat();
    let first = |id: &str| {
        let found = |row: &Row| row.found.as_ref().is_some_and(|f| f.attack == id);
        rows.iter().any(found)
    };
    if all == FIRST && FIRST.iter().all(|id| first(id)) {
        return Ok(());
    }
    Err(format!(
        "these, and not those of `FIRST`, find no fault alone: {}",
        all.join(", ")
    )
    .into())
}

/// Runs partywall on two routes of the reference application, with this in its environment.
fn run(env: &[(&str, &str)]) -> Result<Report, Failed> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/reference/partywall.toml");
    let overrides = Overrides {
        seed: Some(1),
        only: vec![
            "GET /api/admin/tasks/{id}".to_owned(),
            "PATCH /api/admin/tasks/{id}".to_owned(),
        ],
        budget: Some(Budget::Sequences(0)),
        no_browser: true,
        ..Overrides::default()
    };
    let mut settings =
        Settings::load(&path, overrides).map_err(|e| Failed::from(format!("{e:?}")))?;
    let target = &mut settings.description.target;
    target.start = Some(format!(
        "{} reference-app --listen 127.0.0.1:{{port}}",
        env!("CARGO_BIN_EXE_partywall")
    ));
    target
        .env
        .extend(env.iter().map(|(k, v)| ((*k).into(), (*v).into())));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let stop = tokio_util::sync::CancellationToken::new();
    runtime
        .block_on(partywall::engine::run(settings, &Silence, stop))
        .map_err(|e| Failed::from(e.to_string()))
}

/// A target that caches cannot be undone: that is noticed and said, and nothing is found for it. Without the cache, nothing
/// is said.
fn keeps_answers() -> Result<(), Failed> {
    let said = |report: &Report| report.warnings.iter().any(|w| w.contains("caches"));
    let usual = run(&[])?;
    let kept = run(&[("REFERENCE_APP_KEEP_ANSWERS", "true")])?;
    if said(&kept) && !said(&usual) && kept.findings.is_empty() && usual.findings.is_empty() {
        return Ok(());
    }
    let told = |report: &Report| {
        let ids: Vec<&str> = report.findings.iter().map(|f| f.id.as_str()).collect();
        format!("found {ids:?}, warnings: {:#?}", report.warnings)
    };
    Err(format!("kept: {}\nusual: {}", told(&kept), told(&usual)).into())
}
