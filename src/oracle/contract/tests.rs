//! What `contract` must find, and what it must not.

use super::*;
use crate::oracle::testing::{BOLT, World, attack};

fn world(expectation: Expectation) -> World {
    let mut world = World::new();
    world.knowledge.expectations = vec![expectation];
    world
}

fn status(attack: &str, status: u16) -> Expectation {
    Expectation {
        attack: attack.to_owned(),
        routes: Vec::new(),
        status: vec![status],
        body: None,
    }
}

fn case(world: &World, answered: u16, body: &str) -> History {
    let attack = attack(&world.task(BOLT, 0), answered, body);
    world
        .controlled("header.tenant")
        .with(Purpose::Attack, attack)
}

#[test]
fn a_status_that_was_promised_must_come() {
    let world = world(status("header.*", 403));
    let judge = |answered| Contract.judge(&case(&world, answered, ""), &world.knowledge);
    assert_eq!(judge(403), Ok(Vec::new()));
    let broken = judge(200).unwrap();
    let Crossing::Broke { promise, instead } = &broken[0].crossing else {
        panic!("{broken:?}");
    };
    assert_eq!(promise, "header.* answers 403");
    assert_eq!(instead, "answered 200");
    assert_eq!(judge(429), Err(Reason::Throttled));
}

#[test]
fn any_of_several_statuses_keeps_the_promise() {
    let mut expectation = status("header.*", 401);
    expectation.status.push(403);
    let world = world(expectation);
    let judge = |answered| Contract.judge(&case(&world, answered, ""), &world.knowledge);
    assert_eq!(judge(401), Ok(Vec::new()));
    assert_eq!(judge(403), Ok(Vec::new()));
    let Crossing::Broke { promise, .. } = &judge(404).unwrap()[0].crossing else {
        panic!("a broken promise");
    };
    assert_eq!(promise, "header.* answers 401 or 403");
}

#[test]
fn words_that_were_promised_must_stand_in_the_body() {
    let mut expectation = status("header.tenant", 400);
    expectation.body = Some("tenant filter required".to_owned());
    let world = world(expectation);
    let judge = |body| {
        Contract
            .judge(&case(&world, 400, body), &world.knowledge)
            .unwrap()
    };
    assert!(judge(r#"{"error":"Tenant filter REQUIRED"}"#).is_empty());
    assert_eq!(judge(r#"{"error":"no"}"#).len(), 1);
}

#[test]
fn other_attacks_and_routes_are_not_judged() {
    let judge = |expectation| {
        let world = world(expectation);
        Contract.judge(&case(&world, 200, ""), &world.knowledge)
    };
    assert_eq!(judge(status("host.*", 403)), Err(Reason::NotApplicable));
    let mut elsewhere = status("header.*", 403);
    elsewhere.routes = vec!["GET /invoices/*".to_owned()];
    assert_eq!(judge(elsewhere.clone()), Err(Reason::NotApplicable));
    for named in ["GET /tasks/*", "/tasks/*", "GET /tasks/{task}"] {
        let mut here = elsewhere.clone();
        here.routes.push(named.to_owned());
        assert_eq!(judge(here).unwrap().len(), 1, "{named}");
    }
}

#[test]
fn where_controls_fail_nothing_is_shown() {
    let world = world(status("header.*", 403));
    let mut history = case(&world, 200, "");
    history.exchanges[1].1.outcome.as_mut().unwrap().status = 403;
    let judged = Contract.judge(&history, &world.knowledge);
    assert_eq!(judged, Err(Reason::OwnControlFailed));
}

#[test]
fn tokens_are_not_looked_at_where_anybody_is_served() {
    let mut world = world(status("token.*", 401));
    let attack = attack(&world.task(BOLT, 0), 200, "{}");
    let route = attack.call.route.clone();
    let history = world
        .controlled("token.expired")
        .with(Purpose::Attack, attack);
    assert_eq!(Contract.judge(&history, &world.knowledge).unwrap().len(), 1);
    world.knowledge.open_routes.insert(route);
    let judged = Contract.judge(&history, &world.knowledge);
    assert_eq!(judged, Err(Reason::NotApplicable));
}
