//! The README is read by strangers who type what it says: its descriptions must be readable by the program.

use std::path::Path;

use partywall::settings::{Overrides, Settings};
use partywall::target::description::Description;

/// The fenced blocks of one language.
fn blocks(language: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(path).expect("the README");
    let open = format!("```{language}\n");
    let found = text.split(&open).skip(1);
    found
        .map(|rest| rest.split("```").next().expect("closed").to_owned())
        .collect()
}

#[test]
fn every_piece_of_a_description_has_keys_that_exist() {
    let blocks = blocks("toml");
    assert!(blocks.len() >= 8, "found {}", blocks.len());
    for block in blocks {
        if let Err(error) = toml::from_str::<Description>(&block) {
            panic!("{error}\nin\n{block}");
        }
    }
}

#[test]
fn the_whole_description_can_be_used() {
    let whole: Vec<String> = blocks("toml")
        .into_iter()
        .filter(|b| b.contains("name       = "))
        .collect();
    let [whole] = &whole[..] else {
        panic!("found {}", whole.len())
    };
    if let Err(error) = Settings::parse("README.md", whole, Overrides::default(), &|_| None) {
        panic!("{error}");
    }
}

#[test]
fn the_exit_codes_are_those_of_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(path).expect("the README");
    for exit in partywall::model::exit::Exit::ALL {
        assert!(
            text.contains(&format!("\n| {} | ", exit.code())),
            "no exit code {}",
            exit.code()
        );
    }
}
