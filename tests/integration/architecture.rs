//! What the design says about the source itself: who may import whom, and how each file begins.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

/// Every room, with the rooms that it may use beside itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    // The shape of the description is target's; settings read it.
    ("settings", &["model", "target"]),
    ("target", &["model", "settings"]),
    ("world", &["model", "settings", "target"]),
    ("seed", &["model", "settings", "target", "world"]),
    ("attack", &["model", "target"]),
    ("oracle", &["model"]),
    ("audit", &["model", "world"]),
    (
        "engine",
        &[
            "model", "settings", "target", "world", "seed", "attack", "oracle", "audit", "browser",
        ],
    ),
    ("browser", &["model", "world"]),
    // A failing step shows the line that repeats it, and the nearest name.
    (
        "gherkin",
        &["model", "settings", "target", "engine", "browser", "report"],
    ),
    ("report", &["model"]),
    (
        "cli",
        &[
            "model", "settings", "target", "world", "seed", "attack", "oracle", "audit", "engine",
            "browser", "gherkin", "report",
        ],
    ),
    ("main", &["cli"]),
];

/// The only room that may know of the reference application.
const KNOWS_THE_APPLICATION: &str = "cli/demo/";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `folder`, with its path relative to it.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(&next).expect("a folder of the repository") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path
                    .strip_prefix(folder)
                    .expect("below")
                    .display()
                    .to_string();
                found.push((name, fs::read_to_string(&path).expect("text")));
            }
        }
    }
    found.sort();
    found
}

/// The room that a file of `src/` lives in; none for `lib.rs`.
fn room(file: &str) -> Option<&str> {
    let first = file.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first)).filter(|room| *room != "lib")
}

/// The module path of a file: `oracle/mod.rs` and `oracle.rs` are `[oracle]`, `oracle/leak.rs` is `[oracle, leak]`.
fn module(file: &str) -> Vec<String> {
    let mut parts: Vec<String> = file
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if parts
        .last()
        .is_some_and(|last| last == "mod" || last == "lib" || last == "main")
    {
        parts.pop();
    }
    parts
}

/// Comments, string literals and character literals.
static PROSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r##"(?s)//[^\n]*|/\*.*?\*/|r#".*?"#|r"[^"]*"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])'"##)
        .expect("a regular expression")
});

/// A path from the crate's root, or by the library's own name.
static ROOTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:crate|partywall)\s*::\s*(?:(\w+)|\{)").expect("a regular expression")
});

/// A path upwards.
static UPWARDS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b((?:super\s*::\s*)+)(\w+)").expect("a regular expression"));

/// The code without comments and literals, so that prose may name what it likes.
fn code(text: &str) -> String {
    PROSE.replace_all(text, "\"\"").into_owned()
}

/// Every room that a file names by a path from the crate's root, by `super`, or by the library's own name.
fn used(file: &str, text: &str) -> BTreeSet<String> {
    let code = code(text);
    let mut used = BTreeSet::new();
    for found in ROOTED.captures_iter(&code) {
        match found.get(1) {
            Some(name) => {
                used.insert(name.as_str().to_owned());
            }
            None => used.extend(group(&code[found.get(0).expect("whole").end()..])),
        }
    }
    for found in UPWARDS.captures_iter(&code) {
        let up = found[1].matches("super").count();
        // As many steps up as there are modules leads to the root, where the next name is a room.
        if up == module(file).len() {
            used.insert(found[2].to_owned());
        }
    }
    used
}

/// The first names in `{a::b, c}` after the brace.
fn group(rest: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = Vec::new();
    let mut expect = true;
    let mut name = String::new();
    for c in rest.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expect = true;
                continue;
            }
            c if expect && (c.is_alphanumeric() || c == '_') => {
                name.push(c);
                continue;
            }
            _ => {}
        }
        if !name.is_empty() {
            names.push(std::mem::take(&mut name));
            expect = false;
        }
    }
    if !name.is_empty() {
        names.push(name);
    }
    names
}

/// What a file uses and may not.
fn forbidden(file: &str, text: &str) -> Vec<String> {
    let Some(own) = room(file) else {
        return Vec::new();
    };
    let rooms: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let Some(may) = rooms.get(own) else {
        return vec![format!(
            "src/{file}: no room is called `{own}`; the design names the rooms"
        )];
    };
    used(file, text)
        .into_iter()
        .filter(|name| {
            rooms.contains_key(name.as_str()) && name != own && !may.contains(&name.as_str())
        })
        .map(|name| format!("src/{file}: {own} may not use {name}"))
        .collect()
}

#[test]
fn rooms_use_only_what_the_design_allows() {
    let files = sources(&root().join("src"));
    assert!(files.len() > 20, "found only {} files", files.len());
    let broken: Vec<String> = files
        .iter()
        .flat_map(|(file, text)| forbidden(file, text))
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_file_says_first_what_lives_there() {
    let silent: Vec<String> = ["src", "reference-app/src"]
        .iter()
        .flat_map(|folder| {
            sources(&root().join(folder))
                .into_iter()
                .filter(|(_, text)| !text.starts_with("//! "))
                .map(move |(file, _)| format!("{folder}/{file}"))
        })
        .collect();
    assert!(
        silent.is_empty(),
        "these do not begin with `//! `: {silent:#?}"
    );
}

#[test]
fn only_the_demonstration_knows_the_reference_application() {
    let knowing: Vec<String> = sources(&root().join("src"))
        .into_iter()
        .filter(|(file, text)| {
            !file.starts_with(KNOWS_THE_APPLICATION) && names_the_application(text)
        })
        .map(|(file, _)| file)
        .collect();
    assert!(knowing.is_empty(), "{knowing:#?}");
}

fn names_the_application(text: &str) -> bool {
    text.contains("reference_app") || text.contains("reference-app")
}

#[test]
fn the_judged_never_imports_the_judge() {
    let manifest = fs::read_to_string(root().join("reference-app/Cargo.toml")).expect("a manifest");
    assert!(
        !manifest.contains("partywall"),
        "reference-app depends on partywall"
    );
    for (file, text) in sources(&root().join("reference-app/src")) {
        assert!(
            !code(&text).contains("partywall::"),
            "reference-app/src/{file} uses partywall"
        );
    }
}

#[test]
fn the_binary_is_thin() {
    let text = fs::read_to_string(root().join("src/main.rs")).expect("the binary's source");
    assert!(
        text.lines().count() < 30,
        "src/main.rs is to stay under 30 lines"
    );
}

/// The checks above, on sources that break the rules: each way to name a room must be seen.
#[test]
fn broken_rules_are_seen() {
    for (file, text) in [
        ("oracle/leak.rs", "use crate::world::World;"),
        ("oracle/leak.rs", "fn f() { crate::attack::ATTACKS.len(); }"),
        ("oracle/mod.rs", "use super::engine;"),
        ("oracle/leak/scan.rs", "use super::super::super::seed::run;"),
        (
            "model/call.rs",
            "use crate::{model::route, target::render::Target};",
        ),
        (
            "attack/id.rs",
            "use crate::{\n    model::{call, route},\n    oracle,\n};",
        ),
        ("report/mod.rs", "use partywall::cli;"),
        ("engine/run.rs", "pub use crate::report::View;"),
        ("main.rs", "use partywall::engine;"),
        ("warehouse/mod.rs", ""),
    ] {
        assert_eq!(forbidden(file, text).len(), 1, "{file}: {text}");
    }
}

#[test]
fn kept_rules_and_prose_are_let_pass() {
    for (file, text) in [
        (
            "oracle/leak.rs",
            "use crate::model::call::Call;\nuse super::Oracle;",
        ),
        (
            "oracle/leak.rs",
            "//! Unlike [`crate::attack`].\n// crate::world\nconst S: &str = \"crate::world\";",
        ),
        (
            "engine/run.rs",
            "use crate::{model::call::{Call, world}, seed};",
        ),
        (
            "settings/shape.rs",
            "use super::super::target::description;",
        ),
        ("lib.rs", "pub use crate::world;"),
    ] {
        assert_eq!(
            forbidden(file, text),
            Vec::<String>::new(),
            "{file}: {text}"
        );
    }
    assert!(!names_the_application("an application"));
}
