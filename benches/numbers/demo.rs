//! Runs of the built program on the reference application: how long it takes to the first attack, and all attacks.

use std::process::Command;
use std::time::Instant;

use serde::Deserialize;

use super::Failed;
use super::table::{Measure, Target};
use super::time::middle;

/// Starts, of which the middle counts.
const STARTS: usize = 5;

/// Whole sweeps, of which the middle counts.
const SWEEPS: usize = 3;

/// What comes before the first attack.
const BEFORE: [&str; 4] = ["world", "seed", "freeze", "baseline"];

/// What is read of a report.
#[derive(Deserialize)]
struct Report {
    calls: usize,
    stages: Vec<Stage>,
}

#[derive(Deserialize)]
struct Stage {
    name: String,
    milliseconds: u32,
}

impl Report {
    /// How long a stage took, in seconds.
    fn of(&self, stage: &str) -> f64 {
        let mut stages = self.stages.iter().filter(|s| s.name == stage);
        stages
            .next()
            .map_or(0.0, |s| f64::from(s.milliseconds) / 1e3)
    }
}

/// From the start to the first attack; attacks go on for a moment only.
pub fn start() -> Result<Vec<Measure>, Failed> {
    let reports: Result<Vec<Report>, Failed> =
        (0..STARTS).map(|_| run(&["--budget", "1s"])).collect();
    let reports = reports?;
    let of = |stage: &str| {
        let all: Vec<f64> = reports.iter().map(|r| r.of(stage)).collect();
        middle(&all)
    };
    let whole: Vec<f64> = reports
        .iter()
        .map(|r| BEFORE.iter().map(|s| r.of(s)).sum())
        .collect();
    let parts: Vec<String> = BEFORE.iter().map(|s| format!("{s} {:.2}", of(s))).collect();
    Ok(vec![Measure {
        what: "start to first attack".into(),
        target: Target::AtMost(2.0),
        value: middle(&whole),
        unit: "s",
        about: format!("middle of {STARTS}; {}", parts.join(", ")),
    }])
}

/// The sweep of all routes with all attacks.
pub fn sweep() -> Result<Vec<Measure>, Failed> {
    let begun = Instant::now();
    let reports: Result<Vec<Report>, Failed> = (0..SWEEPS).map(|_| run(&[])).collect();
    let reports = reports?;
    let whole = begun.elapsed().as_secs_f64() / SWEEPS as f64;
    let all: Vec<f64> = reports.iter().map(|r| r.of("sweep")).collect();
    let calls = reports.first().map_or(0, |r| r.calls);
    Ok(vec![Measure {
        what: "whole sweep of the reference application".into(),
        target: Target::AtMost(60.0),
        value: middle(&all),
        unit: "s",
        about: format!(
            "middle of {SWEEPS}; {calls} calls in the whole run, which took {whole:.0} s"
        ),
    }])
}

/// One run of `partywall demo`.
fn run(more: &[&str]) -> Result<Report, Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("report.json");
    let output = Command::new(env!("CARGO_BIN_EXE_partywall"))
        .args(["demo", "--quiet", "--format", "json", "--output"])
        .arg(&file)
        .args(more)
        .current_dir(folder.path())
        .output()?;
    let text = std::fs::read(&file).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("partywall demo left no report ({error}): {said}")
    })?;
    Ok(serde_json::from_slice(&text)?)
}
