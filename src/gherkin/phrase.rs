//! A phrase: what a person may write as a step, and what the engine does then.

use cucumber::gherkin::{Step, StepType};
use futures::future::LocalBoxFuture;
use regex::Regex;

use super::phrases::PHRASES;
use super::scene::Scene;
use crate::target::names::nearest;

/// What a step may say.
#[derive(Debug)]
pub struct Phrase {
    /// Whether it does something (`Given`, `When`) or expects something (`Then`).
    pub kind: Kind,
    /// How it is written; words in braces stand for what is named there.
    pub text: &'static str,
    /// What it does, for the page of phrases.
    pub about: &'static str,
    /// A step, with its table where it takes one.
    pub example: &'static str,
    /// Does it.
    pub act: Act,
}

/// What a phrase does with what a step named.
pub type Act = for<'a> fn(&'a mut Scene, &'a Named) -> LocalBoxFuture<'a, Result<(), String>>;

/// What a phrase is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It does something.
    Does,
    /// It expects something of what was done.
    Expects,
}

/// What a step names, in the order of the braces; and its table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// What stands where the phrase has braces.
    pub words: Vec<String>,
    /// The rows of its table.
    pub table: Vec<Vec<String>>,
}

impl Named {
    /// The `nth` word, from 0.
    pub fn word(&self, nth: usize) -> &str {
        self.words.get(nth).map_or("", String::as_str)
    }
}

/// The phrase that a step is written by, with what it names; or what is wrong with it.
pub fn find(step: &Step) -> Result<(&'static Phrase, Named), String> {
    let kind = match step.ty {
        StepType::Given | StepType::When => Kind::Does,
        StepType::Then => Kind::Expects,
    };
    for phrase in PHRASES.iter().filter(|phrase| phrase.kind == kind) {
        if let Some(words) = named(phrase.text, &step.value) {
            let table = step
                .table
                .as_ref()
                .map_or_else(Vec::new, |t| t.rows.clone());
            return Ok((phrase, Named { words, table }));
        }
    }
    let texts = PHRASES.iter().map(|phrase| phrase.text);
    let elsewhere = texts
        .clone()
        .find(|text| named(text, &step.value).is_some());
    Err(match elsewhere {
        Some(text) => format!(
            "`{text}` {}",
            match kind {
                Kind::Does => "expects something: write it with Then",
                Kind::Expects => "does something: write it with Given or When",
            }
        ),
        None => format!(
            "no phrase reads like this; the nearest is `{}` (`partywall list phrases` shows all)",
            nearest(&step.value, texts).unwrap_or(PHRASES[0].text)
        ),
    })
}

/// What a text names where a phrase has braces; `None` where it is not written by that phrase.
fn named(phrase: &str, text: &str) -> Option<Vec<String>> {
    let found = pattern(phrase).captures(text)?;
    let words = found.iter().skip(1).flatten();
    Some(words.map(|word| word.as_str().to_owned()).collect())
}

/// The regular expression of a phrase. What may hold blanks stands in quotes.
fn pattern(phrase: &str) -> Regex {
    let mut pattern = String::from("^");
    for piece in phrase.split_inclusive('}') {
        let (plain, word) = piece.split_once('{').unwrap_or((piece, ""));
        pattern += &regex::escape(plain);
        pattern += match word.trim_end_matches('}') {
            "" => "",
            "actor" | "tenant" => r"([\w.@-]+)",
            "statuses" => r"([1-5][0-9x]{2}(?:(?:, | or )[1-5][0-9x]{2})*)",
            _ => "\"([^\"]+)\"",
        };
    }
    pattern += "$";
    Regex::new(&pattern).unwrap_or_else(|error| unreachable!("a test compiles all: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(ty: StepType, text: &str) -> Step {
        Step {
            keyword: String::new(),
            ty,
            value: text.to_owned(),
            docstring: None,
            table: None,
            span: cucumber::gherkin::Span { start: 0, end: 0 },
            position: cucumber::gherkin::LineCol { line: 1, col: 1 },
        }
    }

    #[test]
    fn every_example_is_read_by_its_own_phrase_alone() {
        for phrase in PHRASES {
            let ty = match phrase.kind {
                Kind::Does => StepType::When,
                Kind::Expects => StepType::Then,
            };
            let text = phrase.example.lines().next().unwrap_or_default();
            let text = text.trim_start_matches("When ").trim_start_matches("Then ");
            let (found, named) = find(&step(ty, text)).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(found.text, phrase.text);
            assert_eq!(named.words.len(), phrase.text.matches('{').count());
            let fits = PHRASES.iter().filter(|p| pattern(p.text).is_match(text));
            assert_eq!(fits.count(), 1, "{text}");
            assert!(!phrase.about.is_empty());
        }
    }

    #[test]
    fn a_slip_is_told_with_the_nearest_phrase() {
        let slip = find(&step(StepType::When, "acme.admin call \"GET /x\"")).unwrap_err();
        assert!(slip.contains("`{actor} calls {route}`"), "{slip}");
        let misplaced = find(&step(StepType::When, "the wall holds")).unwrap_err();
        assert!(misplaced.contains("write it with Then"), "{misplaced}");
    }
}
