//! What `noninterference` must find, and what it must not.

use super::*;
use crate::oracle::testing::{BOLT, World, attack, history};

/// Two answers with bolt's first task there, one while it is away, one with it back.
fn case(world: &World, bodies: [&str; 4]) -> History {
    let [one, two, alone, three] = bodies.map(|body| attack("1", 200, body));
    let mut history = history("plain.without-others")
        .with(Purpose::Still, one)
        .with(Purpose::Still, two)
        .with(Purpose::Attack, alone)
        .with(Purpose::Still, three);
    history.away = vec![world.row("task", &world.task(BOLT, 0))];
    history
}

#[test]
fn a_count_that_goes_down_and_comes_back_is_a_violation() {
    let world = World::new();
    let history = case(
        &world,
        [r#"{"n":7}"#, r#"{"n":7}"#, r#"{"n":6}"#, r#"{"n":7}"#],
    );
    let found = Noninterference.judge(&history, &world.knowledge).unwrap();
    let [evidence] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(evidence.victim.as_deref(), Some(BOLT));
    let Crossing::Moved {
        at, with, without, ..
    } = &evidence.crossing
    else {
        panic!("{evidence:?}");
    };
    let values = (at.as_str(), with.as_deref(), without.as_deref());
    assert_eq!(values, ("/n", Some("7"), Some("6")));
}

#[test]
fn a_create_that_is_refused_since_another_s_took_the_name_is_no_violation() {
    let world = World::new();
    let mut history = case(
        &world,
        [r#"{"n":1}"#, r#"{"n":1}"#, r#"{"n":2}"#, r#"{"n":1}"#],
    );
    history
        .exchanges
        .insert(2, (Purpose::Setup, attack("1", 201, "{}")));
    let found = Noninterference.judge(&history, &world.knowledge).unwrap();
    assert_eq!(found.len(), 1, "a number that another's create moves");
    assert_eq!(found[0].severity, Severity::Medium);
    let mut of_tenants = history.clone();
    of_tenants.away = vec![world.row("org", BOLT)];
    let found = Noninterference
        .judge(&of_tenants, &world.knowledge)
        .unwrap();
    assert_eq!(found[0].severity, Severity::Info, "names of tenants");
    if let Ok(response) = &mut history.exchanges[3].1.outcome {
        response.status = 409;
    }
    let judged = Noninterference.judge(&history, &world.knowledge);
    assert_eq!(judged.unwrap_err(), Reason::NotApplicable);
}

#[test]
fn what_does_not_come_back_or_never_worked_is_none() {
    let world = World::new();
    let n = |n: u32| format!(r#"{{"n":{n}}}"#);
    let [a, b, c] = [n(7), n(6), n(5)];
    for bodies in [[&a, &a, &b, &b], [&a, &a, &a, &a], [&a, &b, &c, &a]] {
        let history = case(&world, bodies.map(String::as_str));
        assert!(
            Noninterference
                .judge(&history, &world.knowledge)
                .unwrap()
                .is_empty()
        );
    }
    let mut refused = case(&world, [&a, &a, &b, &a].map(String::as_str));
    if let Ok(response) = &mut refused.exchanges[0].1.outcome {
        response.status = 403;
    }
    let judged = Noninterference.judge(&refused, &world.knowledge);
    assert_eq!(judged.unwrap_err(), Reason::OwnControlFailed);
    let mut nothing = case(&world, [&a, &a, &b, &a].map(String::as_str));
    nothing.away.clear();
    let judged = Noninterference.judge(&nothing, &world.knowledge);
    assert_eq!(judged.unwrap_err(), Reason::NotApplicable);
}
