//! Every fault, driven by hand: it crosses when it is on, and neither without it nor under all quirks.
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::too_many_lines,
    reason = "a test may panic, and a table of cases is long"
)]

#[path = "../support/mod.rs"]
mod support;

mod exports;
mod guards;
mod kept;
mod numbers;
mod pages;
mod reads;
mod sequences;
mod tokens;
mod ways;
mod writes;

use std::time::Duration;

use reference_app::{
    faults::{FAULTS, Fault, FaultEntry},
    quirks::QUIRKS,
};
use support::{Actor, App, Postgres, seed::MARK};

/// A running application, and those who call.
pub struct World {
    /// The application.
    pub app: App,
    /// Acme's administrator.
    pub attacker: Actor,
    /// Bolt's administrator.
    pub victim: Actor,
    /// Whether writes may be committed after their answer.
    pub late: bool,
}

impl World {
    async fn start(postgres: &Postgres, faults: &[&str], quirks: &[&str]) -> Self {
        let app = App::start(postgres, faults, quirks).await;
        let (acme, bolt) = (format!("acme.{}", app.base), format!("bolt.{}", app.base));
        let attacker = app.login(&acme, "admin@acme.test").await;
        let victim = app.login(&bolt, "admin@bolt.test").await;
        assert!(
            !attacker.token.is_empty() && !victim.token.is_empty(),
            "both log in"
        );
        Self {
            app,
            attacker,
            victim,
            late: !quirks.is_empty(),
        }
    }

    /// Waits for what is committed late.
    pub async fn settle(&self) {
        if self.late {
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
    }

    /// Whether the attacker's call brings a word of the victim's.
    pub async fn leaks(&self, line: &str) -> bool {
        self.app
            .call(&self.attacker, line)
            .await
            .body
            .contains(MARK)
    }
}

/// Drives a fault; true if something crossed or a promise was broken.
async fn crosses(entry: &FaultEntry, world: &World) -> bool {
    if let Some(crossed) = reads::drive(entry.fault, world).await {
        return crossed;
    }
    if let Some(crossed) = writes::drive(entry.fault, world).await {
        return crossed;
    }
    if let Some(crossed) = tokens::drive(entry.fault, world).await {
        return crossed;
    }
    if let Some(crossed) = ways::drive(entry.fault, world).await {
        return crossed;
    }
    if let Some(crossed) = numbers::drive(entry.fault, world).await {
        return crossed;
    }
    if let Some(crossed) = exports::drive(entry.fault, world).await {
        return crossed;
    }
    if let Some(crossed) = sequences::drive(entry.fault, world).await {
        return crossed;
    }
    if let Some(crossed) = kept::drive(entry.fault, world).await {
        return crossed;
    }
    if let Some(crossed) = pages::drive(entry.fault, world).await {
        return crossed;
    }
    guards::drive(entry.fault, world)
        .await
        .unwrap_or_else(|| panic!("nobody drives {}", entry.name))
}

/// Drives every fault against one application, none of them on; the names of those that cross.
async fn crossings(postgres: &Postgres, quirks: &[&str]) -> Vec<&'static str> {
    let world = World::start(postgres, &[], quirks).await;
    // Under this quirk the promise of a 404 is not given.
    let promised =
        |entry: &&FaultEntry| entry.fault != Fault::ForeignIdForbidden || quirks.is_empty();
    let mut red = Vec::new();
    for entry in FAULTS.iter().filter(promised) {
        if crosses(entry, &world).await {
            red.push(entry.name);
        }
    }
    world.app.stop().await;
    red
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_crosses_when_it_is_on() {
    let postgres = Postgres::start().await;
    let mut idle = Vec::new();
    for entry in FAULTS {
        let world = World::start(&postgres, &[entry.name], &[]).await;
        if !crosses(entry, &world).await {
            idle.push(entry.name);
        }
        world.app.stop().await;
    }
    assert!(idle.is_empty(), "these faults do nothing: {idle:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_crosses_without_faults_whatever_quirks_are_on() {
    let postgres = Postgres::start().await;
    let mut sets = vec![("none", vec![]), ("all", vec!["all"])];
    sets.extend(QUIRKS.iter().map(|quirk| (quirk.name, vec![quirk.name])));
    // A few applications at a time: each one holds ten connections.
    let mut red = Vec::new();
    for some in sets.chunks(6) {
        let runs = some
            .iter()
            .map(async |(name, quirks)| (*name, crossings(&postgres, quirks).await));
        red.extend(futures::future::join_all(runs).await);
    }
    red.retain(|(_, crossed)| !crossed.is_empty());
    assert!(
        red.is_empty(),
        "these cross although no fault is on: {red:?}"
    );
}
