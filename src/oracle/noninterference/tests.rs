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
    let Crossing::Moved { with, without, .. } = &found[0].crossing else {
        panic!("{found:?}");
    };
    let after = (without.as_deref(), with.as_deref());
    assert_eq!(
        after,
        (Some("1"), Some("2")),
        "2 with the other's row there"
    );
    let mut of_tenants = history.clone();
    let severity = |history: &History| {
        let found = Noninterference.judge(history, &world.knowledge).unwrap();
        found[0].severity
    };
    let counting = world.row("org", BOLT);
    of_tenants.away = vec![counting.clone()];
    assert_eq!(
        severity(&of_tenants),
        Severity::Medium,
        "a tenant's counter"
    );
    let made = RowRef {
        key: vec![Some("org-new".into())],
        ..counting
    };
    of_tenants.away.push(made);
    assert_eq!(severity(&of_tenants), Severity::Info, "names of tenants");
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

#[test]
fn what_moved_once_must_move_in_every_round() {
    let world = World::new();
    let body = |host: &str, n: u32| format!(r#"{{"host":"{host}","n":{n}}}"#);
    let first = [body("a", 7), body("a", 7), body("b", 7), body("a", 7)];
    let once = case(&world, first.each_ref().map(String::as_str));
    let judge = |history: &History| {
        let found = Noninterference.judge(history, &world.knowledge);
        found.unwrap().len()
    };
    assert_eq!(judge(&once), 1, "a candidate");
    let round = |alone: String, back: String| {
        let again = once.clone().with(Purpose::Attack, attack("1", 200, &alone));
        again.with(Purpose::Still, attack("1", 200, &back))
    };
    assert_eq!(judge(&round(body("b", 7), body("a", 7))), 1);
    assert_eq!(judge(&round(body("a", 7), body("a", 7))), 0);
    assert_eq!(judge(&round(body("b", 7), body("b", 7))), 0);
    assert_eq!(judge(&round(body("c", 7), body("a", 7))), 0);
}

#[test]
fn ten_of_twelve_rows_in_random_order_are_no_violation() {
    let world = World::new();
    let page = |left_out: [u32; 2], shift: usize| {
        let mut rows: Vec<u32> = (1..=12).filter(|n| !left_out.contains(n)).collect();
        rows.rotate_left(shift);
        let rows: Vec<String> = rows.iter().map(|n| format!(r#"{{"id":{n}}}"#)).collect();
        format!(r#"{{"items":[{}],"total":12}}"#, rows.join(","))
    };
    for n in 1..10 {
        let pages = [
            page([11, 12], n as usize),
            page([10, 12], 3),
            page([n, 12], 5),
            page([9, 11], 1),
        ];
        let pages = [&*pages[0], &*pages[1], &*pages[2], &*pages[3]];
        let judged = Noninterference.judge(&case(&world, pages), &world.knowledge);
        assert!(judged.unwrap().is_empty());
    }
}

#[test]
fn what_a_public_route_answers_everybody_may_see() {
    let mut world = World::new();
    let n = |n: u32| format!(r#"{{"n":{n}}}"#);
    let history = case(&world, [&n(7), &n(7), &n(6), &n(7)]);
    let route = history.exchanges[0].1.call.route.clone();
    assert_eq!(
        Noninterference
            .judge(&history, &world.knowledge)
            .map(|f| f.len()),
        Ok(1)
    );
    world.knowledge.public_routes.insert(route);
    let judged = Noninterference.judge(&history, &world.knowledge);
    assert_eq!(judged.unwrap_err(), Reason::NotApplicable);
}
