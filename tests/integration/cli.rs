//! The command line as a user meets it: what needs no world.

use std::path::Path;

use assert_cmd::Command;

/// The program, in an empty folder, without what the environment of the test would add.
fn partywall(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("partywall").expect("built");
    command.current_dir(folder).env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// What it wrote to standard output, to standard error, and its exit code.
fn outcome(arguments: &[&str]) -> (String, String, i32) {
    let folder = tempfile::tempdir().expect("a folder");
    outcome_in(folder.path(), arguments)
}

fn outcome_in(folder: &Path, arguments: &[&str]) -> (String, String, i32) {
    let output = partywall(folder).args(arguments).output().expect("runs");
    (
        String::from_utf8(output.stdout).expect("text"),
        String::from_utf8(output.stderr).expect("text"),
        output.status.code().expect("ended by itself"),
    )
}

#[test]
fn help_tells_the_commands_and_the_exit_codes() {
    let (out, _, code) = outcome(&["--help"]);
    assert_eq!(code, 0);
    for word in [
        "demo",
        "run",
        "replay",
        "discover",
        "token",
        "list",
        "explain",
        "schema",
        "Exit codes:",
    ] {
        assert!(out.contains(word), "no {word} in {out}");
    }
    assert!(
        !out.contains("reference-app"),
        "the hidden subcommand is shown: {out}"
    );
}

#[test]
fn a_wrong_command_line_ends_with_1_for_2_means_a_leak() {
    for wrong in [
        &["attack"][..],
        &[],
        &["run", "--seed", "x"],
        &["list", "cats"],
        &["run", "--budget", "soon"],
    ] {
        let (out, err, code) = outcome(wrong);
        assert_eq!(code, 1, "{wrong:?}: {out}{err}");
        assert!(!err.is_empty(), "{wrong:?}");
    }
}

#[test]
fn faults_and_quirks_are_listed_with_a_title_each() {
    for what in ["faults", "quirks"] {
        let (out, _, code) = outcome(&["list", what]);
        assert_eq!(code, 0);
        assert!(
            out.lines()
                .filter(|line| line.starts_with("  ") && line.len() > 20)
                .count()
                >= 12,
            "{out}"
        );
    }
}

#[test]
fn lists_are_json_on_demand() {
    for what in ["attacks", "oracles", "faults", "quirks", "leaks"] {
        let (out, _, code) = outcome(&["list", what, "--format", "json"]);
        assert_eq!(code, 0);
        let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(json["schema"], "partywall/json/v1");
        assert_eq!(json["kind"], what);
    }
}

/// Every id that a list shows has a page.
#[test]
fn whatever_is_listed_can_be_explained() {
    for what in ["attacks", "oracles", "faults", "quirks", "leaks"] {
        let (out, _, _) = outcome(&["list", what, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        let entries = json["entries"].as_array().expect("entries");
        for entry in entries.iter().take(3) {
            let id = entry["id"].as_str().expect("an id");
            let (page, err, code) = outcome(&["explain", id]);
            assert_eq!(code, 0, "{id}: {err}");
            assert!(page.starts_with(id), "{page}");
        }
    }
}

#[test]
fn exit_codes_and_reasons_have_pages() {
    let (page, _, code) = outcome(&["explain", "exit-codes"]);
    assert_eq!(code, 0);
    for number in [
        "0  held",
        "1  usage",
        "2  leak",
        "3  inconclusive",
        "4  baseline-failed",
        "70  bug",
    ] {
        assert!(page.contains(number), "no {number} in {page}");
    }
    let (page, _, code) = outcome(&["explain", "alone"]);
    assert_eq!(code, 0);
    assert!(page.contains("routes.bind"), "{page}");
}

#[test]
fn an_unknown_id_is_an_error_that_names_the_nearest() {
    let (out, err, code) = outcome(&["explain", "exit-code"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("did you mean `exit-codes`?"), "{err}");
}

#[test]
fn the_schema_is_json_and_knows_the_sections() {
    let (out, _, code) = outcome(&["schema"]);
    assert_eq!(code, 0);
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    for section in ["target", "tenant", "login", "seed", "expect"] {
        assert!(json["properties"][section].is_object(), "no {section}");
    }
}

#[test]
fn the_reference_is_markdown() {
    let (out, _, code) = outcome(&["reference"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("# "), "{out}");
}

#[test]
fn a_result_goes_to_a_file_on_demand() {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, _, code) = outcome_in(folder.path(), &["list", "faults", "--output", "faults.txt"]);
    assert_eq!((code, out.as_str()), (0, ""));
    let written = std::fs::read_to_string(folder.path().join("faults.txt")).expect("written");
    assert!(written.lines().count() > 10, "{written}");
    let (_, err, code) = outcome_in(
        folder.path(),
        &["list", "faults", "--output", "no/such/folder.txt"],
    );
    assert_eq!(code, 1);
    assert!(err.contains("no/such/folder.txt"), "{err}");
}

#[test]
fn without_a_description_every_run_says_which_file_is_missing() {
    for command in [&["run"][..], &["discover"], &["token", "acme.admin"]] {
        let (out, err, code) = outcome(command);
        assert_eq!((code, out.as_str()), (1, ""), "{command:?}: {err}");
        assert!(err.contains("partywall.toml"), "{command:?}: {err}");
    }
}

#[test]
fn a_file_that_is_no_replay_is_refused_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("x.json"), "{\n  \"format\": 1\n}").expect("written");
    let (_, err, code) = outcome_in(folder.path(), &["replay", "x.json"]);
    assert_eq!(code, 1);
    assert!(err.contains("x.json") && err.contains("line 2"), "{err}");
    let (_, err, code) = outcome_in(folder.path(), &["replay", "missing.json"]);
    assert_eq!(code, 1);
    assert!(err.contains("missing.json"), "{err}");
}

#[test]
fn an_unknown_fault_is_refused_before_anything_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, err, code) = outcome_in(
        folder.path(),
        &["demo", "--fault", "no-such-fault-anywhere"],
    );
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(
        err.contains("no fault is called `no-such-fault-anywhere`"),
        "{err}"
    );
    assert!(!folder.path().join(".partywall").exists());
}

/// Colours would be noise in a log.
#[test]
fn no_escape_codes_where_no_terminal_is() {
    let (out, _, _) = outcome(&["list", "faults"]);
    let (_, err, _) = outcome(&["explain", "nothing-like-it"]);
    assert!(
        !out.contains('\u{1b}') && !err.contains('\u{1b}'),
        "{out}{err}"
    );
}
