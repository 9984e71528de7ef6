//! The features, played on the reference application: all are green, and each scenario is red under the fault that its tag
//! names (`@red:FAULT`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};
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
    trials.push(Trial::test("every scenario names a fault", || {
        let unnamed = texts().into_iter().flat_map(|text| {
            let mut last = String::new();
            let mut without = Vec::new();
            for line in text.lines().map(str::trim) {
                if line.starts_with("Scenario") && !last.contains("@red:") {
                    without.push(line.to_owned());
                }
                line.clone_into(&mut last);
            }
            without
        });
        let unnamed: Vec<String> = unnamed.collect();
        unnamed
            .is_empty()
            .then_some(())
            .ok_or_else(|| format!("{unnamed:?}").into())
    }));
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

fn texts() -> Vec<String> {
    let files = std::fs::read_dir(folder()).expect("features");
    let paths = files.map(|file| file.expect("a file").path());
    paths
        .map(|path| std::fs::read_to_string(path).expect("text"))
        .collect()
}

/// The faults that scenarios name, with how many do.
fn red() -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for text in texts() {
        for tag in text.split_whitespace() {
            if let Some(fault) = tag.strip_prefix("@red:") {
                *all.entry(fault.to_owned()).or_default() += 1;
            }
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

/// Plays all features, or those that name a fault, with that fault planted.
fn played(fault: Option<&str>) -> Result<Scenarios, Failed> {
    let place = tempfile::tempdir()?;
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
    let description = lines.collect::<Vec<_>>().join("\n");
    std::fs::write(place.path().join("partywall.toml"), description)?;
    let mut command = Command::new(program);
    command
        .arg("features")
        .arg(folder())
        .args(["--cucumber-json", "out.json"])
        .current_dir(place.path());
    if let Some(fault) = fault {
        command.args(["--tags", &format!("@red:{fault}")]);
    }
    let ended = command.output()?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let wanted = if fault.is_some() { 2 } else { 0 };
    if ended.status.code() != Some(wanted) {
        return Err(format!("{}{}", said(&ended.stdout), said(&ended.stderr)).into());
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
