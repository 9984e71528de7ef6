//! The example of a repository that plays features in its own `cargo test`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;

use super::driver::FAULT;

/// A copy of the example, with the versions that this repository is tested with. What it is built with stands beside it, so
/// that what is built already is used.
fn example(place: &Path, planted: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let from = root.join("examples/cargo-test");
    for folder in ["tests", "features"] {
        std::fs::create_dir_all(place.join(folder)).unwrap();
        for file in from.join(folder).read_dir().unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), place.join(folder).join(file.file_name())).unwrap();
        }
    }
    let text = |file: &Path| std::fs::read_to_string(file).unwrap();
    let manifest = text(&from.join("Cargo.toml"));
    let here = manifest.replace("../..", &root.display().to_string());
    assert_ne!(here, manifest);
    std::fs::write(place.join("Cargo.toml"), here).unwrap();
    std::fs::copy(root.join("Cargo.lock"), place.join("Cargo.lock")).unwrap();
    let description = text(&from.join("partywall.toml"));
    let changed = description.replace("{port}\"\nready", &format!("{{port}}{planted}\"\nready"));
    std::fs::write(place.join("partywall.toml"), changed).unwrap();
    let manifest: toml::Table = text(&root.join("Cargo.toml")).parse().unwrap();
    let mut profiles = toml::Table::new();
    profiles.insert("profile".to_owned(), manifest["profile"].clone());
    std::fs::write(place.join("profiles.toml"), profiles.to_string()).unwrap();
}

/// `cargo test` there, as its owner runs it, with the program on the path.
fn tested(place: &Path) -> Output {
    let program = cargo_bin("partywall");
    let folder = program.parent().unwrap();
    let target = folder.parent().unwrap();
    let paths = std::env::var_os("PATH").unwrap();
    let paths = std::iter::once(PathBuf::from(folder)).chain(std::env::split_paths(&paths));
    Command::new(env!("CARGO"))
        .args(["test", "--config", "profiles.toml", "--target-dir"])
        .arg(target)
        .current_dir(place)
        .env("PATH", std::env::join_paths(paths).unwrap())
        .output()
        .unwrap()
}

#[test]
fn a_repository_plays_its_features_in_its_own_tests() {
    let place = tempfile::tempdir().unwrap();
    for (planted, green) in [("", true), (FAULT, false)] {
        let planted = if planted.is_empty() {
            String::new()
        } else {
            format!(" --fault {planted}")
        };
        example(place.path(), &planted);
        let output = tested(place.path());
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = said(&output.stdout) + &said(&output.stderr);
        assert_eq!(output.status.success(), green, "{said}");
        assert!(said.contains("2 scenarios"), "{said}");
        assert_eq!(
            said.contains("promises that are not kept"),
            !green,
            "{said}"
        );
    }
}
