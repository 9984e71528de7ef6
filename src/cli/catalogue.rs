//! What there is to list and to explain: attacks, oracles, faults, quirks, and the fixed pages.

use super::args::{Format, Listing};
use super::as_json;
use super::failure::Failure;
use super::output::Shell;
use crate::attack::{ATTACKS, REAL_LEAKS, RealLeak};
use crate::gherkin;
use crate::model::exit::Exit;
use crate::oracle::ORACLES;
use crate::report::{Class, json, terminal};

/// One entry with its page.
#[derive(Debug, Clone)]
pub struct Topic {
    /// What it is.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// One line about it.
    pub title: String,
    /// Its page.
    pub body: String,
}

/// Lists one kind.
pub fn list(what: Listing, shell: &Shell) -> Result<Exit, Failure> {
    let topics = match what {
        Listing::Phrases if shell.format == Format::Human => return shell.put(&gherkin::page()),
        Listing::Phrases => phrases(),
        Listing::Attacks => attacks(),
        Listing::Oracles => oracles(),
        Listing::Faults => faults()?,
        Listing::Quirks => quirks()?,
        Listing::Leaks => leaks(),
    };
    let entries: Vec<(&str, &str)> = topics
        .iter()
        .map(|t| (t.id.as_str(), t.title.as_str()))
        .collect();
    let name = match what {
        Listing::Attacks => "attacks",
        Listing::Oracles => "oracles",
        Listing::Faults => "faults",
        Listing::Quirks => "quirks",
        Listing::Leaks => "leaks",
        Listing::Phrases => "phrases",
    };
    let text = match shell.format {
        Format::Human => terminal::catalogue(&entries, shell.layout()),
        Format::Json => as_json(json::v1::catalogue(name, &entries))?,
    };
    shell.put(&text)
}

/// Every attack.
pub fn attacks() -> Vec<Topic> {
    let topic = |attack: &&dyn crate::attack::Attack| Topic {
        kind: "attack",
        id: attack.id().to_owned(),
        title: attack.title().to_owned(),
        body: attack.doc().to_owned(),
    };
    ATTACKS.iter().map(topic).collect()
}

/// Every oracle.
pub fn oracles() -> Vec<Topic> {
    let topic = |oracle: &&dyn crate::oracle::Oracle| Topic {
        kind: "oracle",
        id: oracle.id().to_owned(),
        title: oracle.title().to_owned(),
        body: format!(
            "{}\n\nFindings are classified as CWE-{} and OWASP {}.",
            oracle.doc().trim(),
            oracle.cwe(),
            oracle.owasp()
        ),
    };
    ORACLES.iter().map(topic).collect()
}

/// Every phrase of features.
fn phrases() -> Vec<Topic> {
    let topic = |(text, about): (&str, &str)| Topic {
        kind: "phrase",
        id: text.to_owned(),
        title: about.to_owned(),
        body: String::new(),
    };
    gherkin::phrases().map(topic).collect()
}

/// Every leak that the pages cite.
pub fn leaks() -> Vec<Topic> {
    let topic = |leak: &RealLeak| Topic {
        kind: "leak",
        id: leak.id.to_owned(),
        title: leak.decision.to_owned(),
        body: format!(
            "Shipped by a real team: {}.\n\n## What hides it from a naive test\n{}\n\nRead there in November 2026; not \
             reproduced by partywall.",
            leak.source, leak.hides
        ),
    };
    REAL_LEAKS.iter().map(topic).collect()
}

/// What an oracle's findings are classified as.
pub fn classify(oracle: &str) -> Option<Class> {
    let oracle = ORACLES.iter().find(|known| known.id() == oracle)?;
    Some(Class {
        cwe: oracle.cwe(),
        owasp: oracle.owasp(),
    })
}

#[cfg(feature = "demo")]
#[allow(
    clippy::unnecessary_wraps,
    reason = "without the feature there are none"
)]
fn faults() -> Result<Vec<Topic>, Failure> {
    Ok(super::demo::faults())
}

#[cfg(feature = "demo")]
#[allow(
    clippy::unnecessary_wraps,
    reason = "without the feature there are none"
)]
fn quirks() -> Result<Vec<Topic>, Failure> {
    Ok(super::demo::quirks())
}

#[cfg(not(feature = "demo"))]
fn faults() -> Result<Vec<Topic>, Failure> {
    Err(without_demo())
}

#[cfg(not(feature = "demo"))]
fn quirks() -> Result<Vec<Topic>, Failure> {
    Err(without_demo())
}

#[cfg(not(feature = "demo"))]
fn without_demo() -> Failure {
    Failure::hint(
        "this partywall was built without the application that has faults and quirks".to_owned(),
        "build it with the default features".to_owned(),
    )
}

/// Everything that has a page.
pub fn topics() -> Vec<Topic> {
    let mut all = attacks();
    all.extend(oracles());
    all.extend(faults().unwrap_or_default());
    all.extend(quirks().unwrap_or_default());
    all.extend(leaks());
    all.extend(super::explain::fixed());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_leak_a_page_cites_has_a_page() {
        let expression = regex::Regex::new(r"RL-\d\d").expect("an expression");
        let leaks: Vec<String> = leaks().into_iter().map(|topic| topic.id).collect();
        let pages = topics();
        let ids = pages
            .iter()
            .flat_map(|page| expression.find_iter(&page.body));
        let ids: Vec<&str> = ids.map(|m| m.as_str()).collect();
        assert!(ids.len() > 100, "{}", ids.len());
        for id in ids {
            assert!(leaks.iter().any(|leak| leak == id), "{id}");
        }
    }
}
