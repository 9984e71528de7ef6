//! The kill table: the reference application with each fault alone must be found out by the expected oracle; without faults,
//! with and without quirks, nothing may be found. One test a row; the rows are gathered in `target/kill-table.md`.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use partywall::model::event::{Report, Silence};
use partywall::model::finding::{Confidence, Finding};
use partywall::settings::{Overrides, Settings};
use partywall::target::description::Description;
use reference_app::faults::{FAULTS, Fault, FaultEntry, Setup};
use reference_app::quirks::QUIRKS;
use serde_json::{Value, json};

/// Routes on which a fault of the middleware is tried, and quirks, which slow an application down.
const SAMPLE: &[&str] = &[
    "GET /api/admin/services",
    "GET /api/admin/services/{id}",
    "PATCH /api/admin/services/{id}",
    "GET /api/admin/bookings",
    "POST /api/admin/tasks",
    "GET /api/admin/stats/counts",
    "GET /api/portal/services",
];

/// Routes of the runs that must find nothing: reads, writes, nested and bulk ones of several resources.
const CLEAN: &[&str] = &[
    "* /api/admin/services*",
    "* /api/admin/tasks*",
    "* /api/portal/bookings*",
    "GET /api/admin/invoices*",
    "GET /api/admin/stats/*",
    "GET /api/tenants",
];

/// Seeds of the runs that must find nothing.
const SEEDS: [u64; 3] = [1, 2, 3];

fn main() {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = FAULTS
        .iter()
        .map(|fault| Trial::test(format!("fault {}", fault.name), move || killed(fault)))
        .collect();
    for seed in SEEDS {
        trials.push(Trial::test(format!("clean seed {seed}"), move || {
            clean(seed, &[])
        }));
        trials.push(Trial::test(
            format!("clean all quirks seed {seed}"),
            move || clean(seed, &QUIRKS.iter().map(|q| q.name).collect::<Vec<_>>()),
        ));
    }
    trials.push(Trial::test("clean with kept answers", keeps_answers));
    for quirk in QUIRKS {
        trials.push(Trial::test(
            format!("clean quirk {}", quirk.name),
            move || clean(1, &[quirk.name]),
        ));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// Runs partywall on the reference application, as its description says, with these faults and quirks.
fn run(seed: u64, faults: &[&str], quirks: &[&str], only: &[String]) -> Result<Report, Failed> {
    run_with(seed, faults, quirks, only, &[])
}

fn run_with(
    seed: u64,
    faults: &[&str],
    quirks: &[&str],
    only: &[String],
    more: &[(&str, &str)],
) -> Result<Report, Failed> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/reference/partywall.toml");
    let overrides = Overrides {
        seed: Some(seed),
        only: only.to_vec(),
        ..Overrides::default()
    };
    let mut settings =
        Settings::load(&path, overrides).map_err(|e| Failed::from(format!("{e:?}")))?;
    if quirks.iter().any(|quirk| quirk.starts_with("refuses-")) {
        // Whoever refuses otherwise makes another promise.
        let expect = &mut settings.description.expect;
        expect.retain(|attack, _| !attack.starts_with("id."));
    }
    let target = &mut settings.description.target;
    target.start = Some(format!(
        "{} reference-app --listen 127.0.0.1:{{port}}",
        env!("CARGO_BIN_EXE_partywall")
    ));
    target
        .env
        .insert("REFERENCE_APP_FAULTS".into(), faults.join(","));
    target
        .env
        .insert("REFERENCE_APP_QUIRKS".into(), quirks.join(","));
    let more = more.iter().map(|(k, v)| ((*k).into(), (*v).into()));
    target.env.extend(more);
    for fault in faults.iter().filter_map(|name| Fault::from_name(name)) {
        set_up(&mut settings.description, fault.setup());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Failed::from(e.to_string()))?;
    runtime
        .block_on(partywall::engine::run(
            settings,
            &Silence,
            tokio_util::sync::CancellationToken::new(),
        ))
        .map_err(|e| Failed::from(e.to_string()))
}

/// Describes the application as it is set up for a fault to show.
fn set_up(description: &mut Description, setup: Setup) {
    let env = &mut description.target.env;
    match setup {
        Setup::Usual => {}
        Setup::TenantHeader => {
            env.insert("REFERENCE_APP_TENANT_HEADER".into(), "x-firm".into());
            description.tenant.address = Some("header:X-Firm={slug}".into());
        }
        Setup::KeyPair => {
            let key = include_str!("../reference-app/tests/support/keys/private.pem");
            env.insert("JWT_PRIVATE_KEY".into(), key.into());
            let key = include_str!("../reference-app/tests/support/keys/public.pem");
            env.insert("JWT_PUBLIC_KEY".into(), key.into());
            for login in &mut description.login {
                login.signing = None;
                login.public_key = Some(key.into());
            }
        }
    }
}

/// The fault is confirmed on one of its routes, by the expected oracle and by the expected attack, be it among others.
fn killed(fault: &FaultEntry) -> Result<(), Failed> {
    let only: Vec<String> = match fault.routes {
        ["*"] => SAMPLE,
        ["*", some @ ..] => some,
        routes => routes,
    }
    .iter()
    .map(ToString::to_string)
    .collect();
    let report = run(1, &[fault.name], &[], &only)?;
    let told_of =
        |f: &&Finding| f.confidence == Confidence::Confirmed && f.evidence.oracle == fault.oracle;
    let shown = |f: &&Finding| {
        let mut attacks = std::iter::once(&f.attack).chain(&f.also);
        attacks.any(|attack| attack == fault.attack)
    };
    let mut confirmed = report.findings.iter().filter(told_of);
    let found = confirmed.clone().find(shown);
    let nearest = found.or_else(|| confirmed.next());
    write_row(
        fault.name,
        &json!({
            "kind": "fault", "name": fault.name, "class": format!("{:?}", fault.class), "leak": fault.leak,
            "expected": format!("{} by {}", fault.oracle, fault.attack),
            "found": nearest.map(|f| format!("{} by {}", f.evidence.oracle, f.attack)),
            "also": nearest.map(|f| f.also.join(" ")), "by attack": found.map_or("no", |f| {
                if f.attack == fault.attack { "first" } else { "also" }
            }), "calls": report.calls,
        }),
    )?;
    if found.is_some() {
        return Ok(());
    }
    Err(format!(
        "expected {} by {}; {}",
        fault.oracle,
        fault.attack,
        told(&report)
    )
    .into())
}

/// Nothing is found, suspected findings included.
fn clean(seed: u64, quirks: &[&str]) -> Result<(), Failed> {
    let entry = QUIRKS.iter().find(|q| quirks == [q.name]);
    let routes = match entry.map(|q| q.routes) {
        _ if quirks.is_empty() => CLEAN,
        None | Some([]) => SAMPLE,
        Some(its) => its,
    };
    let only: Vec<String> = routes.iter().map(ToString::to_string).collect();
    let report = run(seed, &[], quirks, &only)?;
    let name = match quirks {
        [] => format!("(nothing) seed {seed}"),
        [one] => (*one).to_owned(),
        _ => format!("(all quirks) seed {seed}"),
    };
    write_row(
        &format!(
            "clean-{}",
            name.replace(|c: char| !c.is_ascii_alphanumeric(), "-")
        ),
        &json!({"kind": "quirk", "name": name, "found": report.findings.len(), "calls": report.calls}),
    )?;
    let worked = report
        .baseline
        .iter()
        .filter(|r| r.reason.is_none())
        .count();
    if worked * 10 < report.baseline.len() * 9 {
        return Err(format!(
            "only {worked} of {} routes worked; {}",
            report.baseline.len(),
            told(&report)
        )
        .into());
    }
    if report.findings.is_empty() {
        Ok(())
    } else {
        Err(told(&report).into())
    }
}

/// A target that caches cannot be undone: that is noticed and said, and nothing is found for it. Without the cache, nothing
/// is said.
fn keeps_answers() -> Result<(), Failed> {
    let only = [
        "GET /api/admin/tasks/{id}".to_owned(),
        "PATCH /api/admin/tasks/{id}".to_owned(),
    ];
    let said = |report: &Report| report.warnings.iter().any(|w| w.contains("caches"));
    let usual = run(1, &[], &[], &only)?;
    let keeping = [("REFERENCE_APP_KEEP_ANSWERS", "true")];
    let kept = run_with(1, &[], &[], &only, &keeping)?;
    if said(&kept) && !said(&usual) && kept.findings.is_empty() && usual.findings.is_empty() {
        return Ok(());
    }
    Err(format!("kept: {}\nusual: {}", told(&kept), told(&usual)).into())
}

fn told(report: &Report) -> String {
    let findings: Vec<String> = report
        .findings
        .iter()
        .map(|f| {
            format!(
                "\n  {:?} {} by {} ({}): {:?}",
                f.confidence, f.id, f.attack, f.history.variant, f.evidence.crossing
            )
        })
        .collect();
    let reasons: Vec<String> = report
        .baseline
        .iter()
        .filter_map(|r| Some(format!("\n  {}: {}", r.route, r.reason.as_ref()?)))
        .collect();
    format!(
        "{} findings:{}\nroutes that never worked:{}\nwarnings: {:#?}",
        findings.len(),
        findings.concat(),
        reasons.concat(),
        report.warnings
    )
}

/// Keeps a row and writes the table of all rows that are there.
fn write_row(name: &str, row: &Value) -> Result<(), Failed> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kill-table");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("{name}.json")), row.to_string())?;
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)?
        .filter_map(|e| Some(e.ok()?.path()))
        .collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "json"));
    paths.sort();
    let mut table = String::from(
        "| what | class | leak | expected | found | expected attack | also | calls |\n|---|---|---|---|---|---|---|---|\n",
    );
    for path in paths {
        let row: Value = serde_json::from_str(&fs::read_to_string(path)?).unwrap_or_default();
        let cell = |key: &str| match &row[key] {
            Value::Null => "–".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let cells = [
            "name",
            "class",
            "leak",
            "expected",
            "found",
            "by attack",
            "also",
            "calls",
        ]
        .map(cell);
        table.extend(["| ", &cells.join(" | "), " |\n"]);
    }
    let scratch = folder.join(format!(".{}.md", std::process::id()));
    fs::write(&scratch, table)?;
    fs::rename(
        scratch,
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("kill-table.md"),
    )?;
    Ok(())
}
