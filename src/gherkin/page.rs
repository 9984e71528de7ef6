//! The page of phrases, made from the code.

use super::phrase::Kind;
use super::phrases::PHRASES;

/// Every phrase with what it does.
pub fn phrases() -> impl Iterator<Item = (&'static str, &'static str)> {
    PHRASES.iter().map(|phrase| (phrase.text, phrase.about))
}

/// Every phrase with what it does and an example, in Markdown.
pub fn page() -> String {
    let section = |title: &str, kind: Kind| {
        let entries = PHRASES.iter().filter(|phrase| phrase.kind == kind);
        let entries = entries.map(|phrase| {
            let example = phrase.example.replace('\n', "\n    ");
            format!("### {}\n\n{}\n\n    {example}\n", phrase.text, phrase.about)
        });
        format!("## {title}\n\n{}", entries.collect::<Vec<_>>().join("\n"))
    };
    format!(
        "# Phrases\n\n{}\n{}",
        section("What is done (Given, When)", Kind::Does),
        section("What is expected (Then)", Kind::Expects)
    )
}
