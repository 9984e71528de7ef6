//! What must be true of the registry, the files and the pages.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::attack::{ATTACKS, Attack, find};

#[test]
fn ids_are_unique_and_kebab_case() {
    let mut seen = BTreeSet::new();
    for attack in ATTACKS {
        let id = attack.id();
        assert!(seen.insert(id), "{id} twice");
        let (family, name) = id.split_once('.').unwrap();
        for part in [family, name] {
            let kebab = part
                .split('-')
                .all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()));
            assert!(kebab, "{id}");
        }
    }
}

#[test]
fn every_attack_is_found_by_its_id_alone() {
    for attack in ATTACKS {
        assert_eq!(find(attack.id()).map(Attack::id), Some(attack.id()));
    }
    assert!(find("id.nothing").is_none());
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/attack")
}

#[test]
fn every_attack_has_its_file_and_every_file_its_attack() {
    let files: BTreeSet<PathBuf> = ATTACKS
        .iter()
        .map(|attack| {
            let (family, name) = attack.id().split_once('.').unwrap();
            folder()
                .join(family)
                .join(format!("{}.rs", name.replace('-', "_")))
        })
        .collect();
    let mut found = BTreeSet::new();
    let families: BTreeSet<_> = ATTACKS
        .iter()
        .filter_map(|a| a.id().split_once('.'))
        .map(|f| f.0)
        .collect();
    for family in families {
        let files = std::fs::read_dir(folder().join(family)).unwrap();
        found.extend(files.map(|f| f.unwrap().path()));
    }
    found.retain(|file| !file.ends_with("mod.rs"));
    assert_eq!(files, found);
}

#[test]
fn every_page_says_what_why_and_how_with_an_example() {
    for attack in ATTACKS {
        let (id, doc) = (attack.id(), attack.doc());
        let headings: Vec<_> = doc.lines().filter_map(|l| l.strip_prefix("## ")).collect();
        let expected = [
            "What it does",
            "Why teams fall for it",
            "A correct target",
            "Example",
        ];
        assert_eq!(headings, expected, "{id}");
        let (text, example) = doc.split_once("## Example").unwrap();
        assert!(
            text.contains("RL-") || text.contains("CVE-") || text.contains("real leaks"),
            "{id} is not grounded"
        );
        let first = example.trim_start().split(' ').next().unwrap();
        assert!(
            ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].contains(&first),
            "{id}: {first}"
        );
        assert!(
            !attack.title().is_empty() && !attack.title().ends_with('.'),
            "{id}"
        );
        let indented = example
            .trim_end()
            .lines()
            .skip(1)
            .all(|l| l.is_empty() || l.starts_with("    "));
        assert!(indented, "{id}: {example}");
    }
}
