//! What attempts look like when they are written.

use super::every;
use crate::attack::testing::Set;
use crate::model::call::Call;
use crate::target::Target;
use crate::target::address::Addressing;
use crate::target::placeholder::Values;

/// The target of a ground.
fn target(set: &Set) -> Target {
    let facts = &set.facts;
    let by_slug = false;
    let addressing = if facts.tenant_in_host {
        let template = "http://{slug}.example.com:{port}".to_owned();
        Addressing::Host { template }
    } else if let Some(parameter) = facts.tenant_in_path.clone() {
        Addressing::Path { parameter, by_slug }
    } else if let Some(name) = facts.tenant_in_header.clone() {
        Addressing::Header { name, by_slug }
    } else {
        Addressing::Session
    };
    Target::new(
        crate::target::description::Description::default(),
        "http://127.0.0.1:4000",
        4000,
        addressing,
        vec![set.own.clone(), set.victim.clone()],
        Values::new().with("port", "4000"),
    )
}

#[test]
fn every_call_can_be_written_and_every_attempt_differs_on_the_wire() {
    every(|at, set, attempt| {
        let target = target(set);
        let wire = |call: &Call| {
            let wire = target.render(call, None);
            wire.unwrap_or_else(|error| panic!("{at}: {error}"))
        };
        let hostile = wire(&attempt.call);
        for call in &attempt.first {
            wire(call);
        }
        // Without a session neither tokens and cookies show nor that there are no credentials.
        let bent = &attempt.call.tampering;
        let credentials = bent.token.is_some()
            || bent.cookie.is_some()
            || bent.suspended
            || bent.without_credentials;
        for call in attempt.control.iter().chain(&attempt.missing) {
            assert!(
                credentials || wire(call) != hostile,
                "{at}: the wire says the same"
            );
        }
        // A warmed call differs by what came before it.
        let unseen = credentials || !attempt.first.is_empty() || attempt.without_others;
        if !unseen && !at.starts_with("plain.call") {
            assert!(
                hostile != wire(&set.own_call),
                "{at}: the wire says what the own call says"
            );
        }
    });
}
