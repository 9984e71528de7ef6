//! Features and attack chains, played on the reference application: all are green, and each scenario is red under the fault
//! that its tag names (`@red:FAULT`), each chain under the one in its file's name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::{Arguments, Failed, Trial};
use reference_app::faults::{Fault, Setup};
use serde_json::Value as Json;

fn main() {
    let arguments = Arguments::from_args();
    let named = red();
    let mut trials = vec![Trial::test("all are green", || {
        played(None).and_then(|scenarios| {
            let failed: Vec<&str> = names(&scenarios, |failed| failed);
            (scenarios.len() >= 20 && failed.is_empty())
                .then_some(())
                .ok_or_else(|| format!("of {}: {failed:?}", scenarios.len()).into())
        })
    })];
    trials.push(Trial::test("tags say what is needed", tags_say));
    trials.push(Trial::test(
        "the table says which fault each falls to",
        || {
            table();
            Ok(())
        },
    ));
    trials.push(Trial::test("slips are told", slips_are_told));
    trials.push(Trial::test("a run tries a chain beside it", tried_by_a_run));
    for (file, fault) in kept() {
        let title = format!("scenario {}", file.display());
        trials.push(Trial::test(title, move || crosses(&file, &fault)));
    }
    for (fault, number) in named {
        trials.push(Trial::test(format!("red {fault}"), move || {
            let scenarios = played(Some(&fault))?;
            let green: Vec<&str> = names(&scenarios, |failed| !failed);
            (scenarios.len() == number && green.is_empty())
                .then_some(())
                .ok_or_else(|| format!("of {number} green under {fault}: {green:?}").into())
        }));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("features")
}

/// The features, by the names of their files.
fn texts() -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder()).expect("features");
    let paths = files.map(|file| file.expect("a file").path());
    let named = |path: PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(&path).expect("text");
        (name.into_owned(), text)
    };
    paths.map(named).collect()
}

/// A scenario as it stands in its file.
struct Told {
    feature: String,
    name: String,
    tags: String,
    steps: String,
}

/// All scenarios, by the names of their files.
fn told() -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    for (file, text) in texts() {
        let (head, scenarios) = text.split_once("Feature:").expect("a feature");
        let mut tags = "";
        for line in scenarios.lines().map(str::trim) {
            if let Some((_, name)) = line
                .split_once(':')
                .filter(|_| line.starts_with("Scenario"))
            {
                all.push(Told {
                    feature: file.clone(),
                    name: name.trim().to_owned(),
                    tags: format!("{} {tags}", head.trim()),
                    steps: String::new(),
                });
            } else if line.starts_with('@') {
                tags = line;
            } else if let Some(told) = all.last_mut().filter(|t| t.feature == file) {
                told.steps.extend([line, "\n"]);
            }
        }
    }
    all
}

/// The faults that a scenario's tags name.
fn faults(tags: &str) -> impl Iterator<Item = &str> {
    tags.split_whitespace()
        .filter_map(|tag| tag.strip_prefix("@red:"))
}

/// Every scenario names a fault; `@browser` says that it takes a browser, and `@database` that it writes, so that rows are
/// watched.
fn tags_say() -> Result<(), Failed> {
    let wrong = told().into_iter().filter(|Told { tags, steps, .. }| {
        let browser = steps.contains("in a browser") || steps.contains("the pages are attacked");
        let writes = ["POST", "PUT", "PATCH", "DELETE"];
        let writes = writes.iter().any(|m| steps.contains(&format!("\"{m} ")));
        faults(tags).next().is_none()
            || tags.contains("@browser") != browser
            || tags.contains("@database") != writes
    });
    let wrong: Vec<String> = wrong.map(|told| told.name).collect();
    wrong
        .is_empty()
        .then_some(())
        .ok_or_else(|| format!("{wrong:?}").into())
}

/// The table of which scenario goes red under which fault: each row is played by the tests of this file.
fn table() {
    let mut table = String::from("| feature | scenario | goes red under |\n|---|---|---|\n");
    for Told {
        feature,
        name,
        tags,
        ..
    } in told()
    {
        let faults: Vec<String> = faults(&tags).map(|f| format!("`{f}`")).collect();
        table.extend([
            "| ",
            &feature,
            " | ",
            &name,
            " | ",
            &faults.join(", "),
            " |\n",
        ]);
    }
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("features", table);
    });
}

/// The faults that scenarios name, with how many do.
fn red() -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for told in told() {
        for fault in faults(&told.tags) {
            *all.entry(fault.to_owned()).or_default() += 1;
        }
    }
    all
}

/// Scenarios by name, with whether a step of theirs failed.
type Scenarios = Vec<(String, bool)>;

fn names(scenarios: &Scenarios, wanted: impl Fn(bool) -> bool) -> Vec<&str> {
    let fit = scenarios.iter().filter(|(_, failed)| wanted(*failed));
    fit.map(|(name, _)| name.as_str()).collect()
}

/// What plays features in a folder of its own, on the reference application with a fault planted.
fn player(place: &Path, features: &Path, fault: Option<&str>) -> Result<Command, Failed> {
    describe(place, fault)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_partywall"));
    command.arg("features").arg(features).current_dir(place);
    Ok(command)
}

/// Writes the description of the reference application, with a fault planted.
fn describe(place: &Path, fault: Option<&str>) -> Result<(), Failed> {
    let program = env!("CARGO_BIN_EXE_partywall");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("scenarios/reference/partywall.toml"))?;
    let planted = fault.map_or_else(String::new, |fault| format!(" --fault {fault}"));
    let start = format!("start = \"{program} reference-app --listen 127.0.0.1:{{port}}{planted}\"");
    let lines = text.lines().filter(|line| !line.starts_with("dir "));
    let lines = lines.map(|line| {
        if line.starts_with("start ") {
            &start
        } else {
            line
        }
    });
    let mut description = lines.collect::<Vec<_>>().join("\n");
    let setup = fault.and_then(Fault::from_name).map(Fault::setup);
    if setup == Some(Setup::ParentDomain) {
        description = description
            .replace("localhost:{port}", "firms.localhost:{port}")
            .replace(
                "[target.env]\n",
                "[target.env]\nBASE_DOMAIN = \"firms.localhost\"\n",
            );
    }
    std::fs::write(place.join("partywall.toml"), description)?;
    Ok(())
}

/// What it said, on both streams.
fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// The attack chains that are kept beside the reference application's description: `NAME.FAULT.json`.
fn kept() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(root.join("scenarios/reference/scenarios")).expect("scenarios");
    let mut all: Vec<(PathBuf, String)> = files
        .map(|file| file.expect("a file").path())
        .map(|path| {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let fault = stem.split_once('.').expect("a fault").1.to_owned();
            (path, fault)
        })
        .collect();
    all.sort();
    all
}

/// A chain crosses where the fault is planted, and not where it is not: it holds, or where the attacker's own call was served
/// by the fault alone, shows nothing.
fn crosses(file: &Path, fault: &str) -> Result<(), Failed> {
    for (planted, codes) in [(Some(fault), &[2][..]), (None, &[0, 3])] {
        let place = tempfile::tempdir()?;
        describe(place.path(), planted)?;
        let output = Command::new(env!("CARGO_BIN_EXE_partywall"))
            .arg("replay")
            .arg(file)
            .current_dir(place.path())
            .output()?;
        if !output
            .status
            .code()
            .is_some_and(|code| codes.contains(&code))
        {
            return Err(format!("{planted:?}: {}: {}", output.status, said(&output)).into());
        }
    }
    Ok(())
}

/// What is kept beside a description is tried by a run: it holds, and crosses where its fault is planted, though the run itself
/// would not find that (it is told of none of the routes).
fn tried_by_a_run() -> Result<(), Failed> {
    let chain = "browser-switch.drafts-key-lacks-firm.json";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/reference/scenarios");
    for (planted, code) in [(None, 0), (Some("drafts-key-lacks-firm"), 2)] {
        let place = tempfile::tempdir()?;
        describe(place.path(), planted)?;
        let beside = place.path().join("scenarios");
        std::fs::create_dir(&beside)?;
        std::fs::copy(file.join(chain), beside.join("chain.json"))?;
        let of_the_sweep = "id-path.get-ignores-tenant.json";
        std::fs::copy(file.join(of_the_sweep), beside.join("held.json"))?;
        std::fs::write(beside.join("other.json"), "{\"of another kind\": true}")?;
        let output = Command::new(env!("CARGO_BIN_EXE_partywall"))
            .args(["run", "--budget", "0", "--only", "id.path", "--only"])
            .args(["browser.switch", "--only", "GET /api/admin/services/{id}"])
            .current_dir(place.path())
            .output()?;
        let text = said(&output);
        let tried = text.contains("histories that are kept");
        // The attack's own script, and the one that is kept.
        let both = text.contains("2         0             0") || planted.is_some();
        if output.status.code() != Some(code)
            || !tried
            || !both
            || text.contains("shows nothing any more")
        {
            return Err(text.into());
        }
    }
    Ok(())
}

/// Names that do not exist are told with the nearest that do, and what fails with the line that repeats it.
fn slips_are_told() -> Result<(), Failed> {
    let place = tempfile::tempdir()?;
    let file = place.path().join("slips.feature");
    for (steps, code, expected) in [
        (
            "When acme.admin calls \"GET /api/admin/servics\"",
            1,
            "did you mean `GET /api/admin/services`?",
        ),
        (
            "When acme.amin calls \"GET /api/admin/services\"",
            2,
            "did you mean `acme.admin`?",
        ),
        (
            "When acme.admin calls \"GET /api/admin/services/{id}\" on a row of globx",
            2,
            "did you mean `globex`?",
        ),
        (
            "When \"GET /api/admin/services\" is attacked with \"hedder\"",
            2,
            "did you mean `header.",
        ),
        (
            "When acme.admin calls \"GET /api/admin/services\"\n      | heeder | a | b |",
            2,
            "`heeder` is no place",
        ),
        (
            "When acme.admin calls \"GET /api/admin/services\"\n    Then the answer is 418",
            2,
            "curl -i 'http://",
        ),
    ] {
        std::fs::write(
            &file,
            format!("Feature: Slips\n  Scenario: One\n    {steps}\n"),
        )?;
        let output = player(place.path(), &file, None)?.output()?;
        let text = said(&output).replace("\n  │ ", " ");
        if output.status.code() != Some(code) || !text.contains(expected) {
            return Err(format!("{steps}: {:?}, and not {expected}: {text}", output.status).into());
        }
    }
    // The line asks for credentials with the description that was played.
    let own = place.path().join("own.toml");
    std::fs::rename(place.path().join("partywall.toml"), &own)?;
    let mut named = Command::new(env!("CARGO_BIN_EXE_partywall"));
    let arguments = ["features", "slips.feature", "--config", "own.toml"];
    let output = named.args(arguments).current_dir(place.path()).output()?;
    if !said(&output).contains("partywall token -c own.toml acme.admin") {
        return Err(said(&output).into());
    }
    Ok(())
}

/// Plays all features, or those that name a fault, with that fault planted.
fn played(fault: Option<&str>) -> Result<Scenarios, Failed> {
    let place = tempfile::tempdir()?;
    let mut command = player(place.path(), &folder(), fault)?;
    command.args(["--cucumber-json", "out.json", "--junit", "out.xml"]);
    if let Some(fault) = fault {
        command.args(["--tags", &format!("@red:{fault}")]);
    }
    let output = command.output()?;
    let wanted = if fault.is_some() { 2 } else { 0 };
    if output.status.code() != Some(wanted) {
        return Err(said(&output).into());
    }
    let junit = std::fs::read_to_string(place.path().join("out.xml"))?;
    if junit.contains("<failure") != fault.is_some() || !junit.contains("<testcase") {
        return Err(junit.into());
    }
    let json = std::fs::read_to_string(place.path().join("out.json"))?;
    let features: Vec<Json> = serde_json::from_str(&json)?;
    let elements = features.iter().flat_map(|feature| {
        let elements = feature["elements"].as_array();
        elements.into_iter().flatten()
    });
    let failed = |element: &Json| {
        let mut steps = element["steps"].as_array().into_iter().flatten();
        steps.any(|step| step["result"]["status"] == "failed")
    };
    Ok(elements
        .map(|e| (e["name"].as_str().unwrap_or_default().to_owned(), failed(e)))
        .collect())
}
