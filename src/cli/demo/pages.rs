//! The pages of faults and quirks.

use reference_app::faults::{Class, FAULTS, FaultEntry};
use reference_app::quirks::QUIRKS;

use crate::cli::catalogue::Topic;

/// Every fault with its page.
pub fn faults() -> Vec<Topic> {
    let topic = |entry: &FaultEntry| Topic {
        kind: "fault",
        id: entry.name.to_owned(),
        title: entry.title.to_owned(),
        body: page(entry),
    };
    FAULTS.iter().map(topic).collect()
}

fn page(entry: &FaultEntry) -> String {
    let class = match entry.class {
        Class::Read => "reads another tenant's data",
        Class::Write => "changes, makes, moves or points at another tenant's rows",
        Class::Existence => "learns that a row exists",
        Class::Aggregate => "learns a number that depends on other tenants' rows",
        Class::Block => "keeps another tenant from its own",
        Class::Contract => "gets an answer that a promise rules out, though nothing crosses",
    };
    let shown = match entry.routes {
        ["*", ..] => &["*"],
        routes => routes,
    };
    let routes: Vec<&str> = shown
        .iter()
        .map(|&route| {
            if route == "*" {
                "every route of a tenant"
            } else {
                route
            }
        })
        .collect();
    let how = match entry.fault.setup().needs() {
        None => format!("Try it: partywall demo --fault {}", entry.name),
        Some(needs) => format!("It needs {needs}: the kill table (`cargo test`) tries it so."),
    };
    format!(
        "  an attacker  {class}\n  routes       {}\n  attack       {} is expected to show it first\n  \
         oracle       {} is expected to speak\n  grounded in  {}\n\n{how}",
        routes.join("\n               "),
        entry.attack,
        entry.oracle,
        entry.leak.unwrap_or("imagination: no public case is known"),
    )
}

/// Every quirk with its page.
pub fn quirks() -> Vec<Topic> {
    QUIRKS
        .iter()
        .map(|entry| Topic {
            kind: "quirk",
            id: entry.name.to_owned(),
            title: entry.title.to_owned(),
            body: format!(
                "Odd but correct: partywall must find nothing because of it.\n\nTry it: partywall demo --quirk {}",
                entry.name
            ),
        })
        .collect()
}
