//! What `cache-header` must find, and what it must not.

use super::*;
use crate::oracle::testing::{ACME, BOLT, World, attack, history};

const AHEAD: (&str, &str) = ("expires", "Sat, 28 Nov 2026 20:00:00 GMT");
const DATE: (&str, &str) = ("date", "Sat, 28 Nov 2026 19:00:00 GMT");

/// What is said of an answer with this tenant's task, to a member of acme.
fn said(org: &str, headers: &[(&str, &str)]) -> Vec<Evidence> {
    let world = World::new();
    judge(&world, &case(&world, org, headers, "plain.call"))
}

fn case(world: &World, org: &str, headers: &[(&str, &str)], by: &str) -> History {
    let id = world.task(org, 0);
    let mut exchange = attack(&id, 200, &world.task_json(&id));
    if let Ok(response) = &mut exchange.outcome {
        let pairs = headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        response.headers.extend(pairs);
    }
    history(by).with(Purpose::Attack, exchange)
}

fn judge(world: &World, history: &History) -> Vec<Evidence> {
    CacheHeader.judge(history, &world.knowledge).unwrap()
}

#[test]
fn what_shared_caches_may_keep_is_said_with_its_header_and_a_value() {
    let control = |value| said(ACME, &[("cache-control", value)]);
    for value in ["public", "max-age=60, Public", "s-maxage=10"] {
        let found = control(value);
        let Crossing::Cacheable {
            header, value: own, ..
        } = &found[0].crossing
        else {
            panic!("{found:?}");
        };
        assert_eq!(*header, format!("Cache-Control: {value}"));
        assert!(own.owners.includes(ACME));
        assert_eq!(found[0].severity, Severity::Medium);
    }
    assert_eq!(said(ACME, &[AHEAD, DATE]).len(), 1);
    assert_eq!(said(ACME, &[("age", "7")]).len(), 1);
    assert_eq!(said(ACME, &[("x-cache", "Hit from edge")]).len(), 1);
}

#[test]
fn what_is_private_or_kept_apart_is_none() {
    let control = |value| said(ACME, &[("cache-control", value)]);
    for value in [
        "private",
        "no-store, public",
        "max-age=60",
        "private, s-maxage=9",
        "no-cache",
    ] {
        assert!(control(value).is_empty(), "{value}");
    }
    let public = ("cache-control", "public");
    assert!(said(ACME, &[public, ("vary", "Accept, Cookie")]).is_empty());
    assert!(said(ACME, &[("cache-control", "no-cache"), AHEAD, DATE]).is_empty());
    assert!(said(ACME, &[("expires", "0"), DATE]).is_empty());
    assert!(said(ACME, &[("expires", DATE.1), DATE]).is_empty());
    assert!(said(ACME, &[("age", "0"), ("x-cache", "MISS")]).is_empty());
}

#[test]
fn foreign_data_and_attacks_are_for_others_to_judge() {
    let public = ("cache-control", "public");
    assert!(said(BOLT, &[public]).is_empty());
    let world = World::new();
    let hostile = case(&world, ACME, &[public], "id.path");
    assert!(
        CacheHeader
            .judge(&hostile, &world.knowledge)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn an_answer_that_says_nothing_is_an_advisory() {
    let world = World::new();
    let advised = |headers: &[_]| {
        let case = case(&world, ACME, headers, "plain.call");
        CacheHeader.advisories(&case, &world.knowledge).len()
    };
    assert_eq!(advised(&[]), 1);
    assert_eq!(advised(&[("cache-control", "no-cache")]), 0);
}
