//! What `own-data` must find, and what it must not.

use super::*;
use crate::model::exchange::Failure;
use crate::oracle::testing::{BOLT, TASKS, World, attack, call, exchange, history};

fn victim(status: u16, body: &str) -> Exchange {
    exchange(call("bolt.admin", "GET /tasks", BOLT, ""), status, body)
}

fn around(before: Exchange, after: Exchange) -> History {
    history("cache.poison")
        .with(Purpose::VictimBefore, before)
        .with(Purpose::Attack, attack("x", 200, "{}"))
        .with(Purpose::VictimAfter, after)
}

fn judge(history: &History, world: &World) -> Vec<(String, Severity)> {
    let found = OwnData.judge(history, &world.knowledge).unwrap();
    found
        .into_iter()
        .map(|e| match e.crossing {
            Crossing::Blocked { sentence } => {
                assert_eq!(e.victim.as_deref(), Some(BOLT));
                (sentence, e.severity)
            }
            other => panic!("{other:?}"),
        })
        .collect()
}

/// The list of bolt's tasks of these numbers.
fn list(world: &World, numbers: impl IntoIterator<Item = usize>) -> String {
    let tasks = numbers
        .into_iter()
        .map(|n| world.task_json(&world.task(BOLT, n)));
    format!("[{}]", tasks.collect::<Vec<_>>().join(","))
}

#[test]
fn success_that_became_refusal_is_a_block() {
    let world = World::new();
    let all = list(&world, 0..TASKS);
    let found = judge(&around(victim(200, &all), victim(403, "{}")), &world);
    assert_eq!(found[0].1, Severity::High);
    assert!(found[0].0.contains("403 after"), "{found:?}");
    assert!(judge(&around(victim(200, &all), victim(200, &all)), &world).is_empty());
}

#[test]
fn own_rows_gone_from_the_answer_are_a_block() {
    let world = World::new();
    let all = list(&world, 0..TASKS);
    let some = list(&world, 0..2);
    assert_eq!(
        judge(&around(victim(200, &all), victim(200, &some)), &world).len(),
        1
    );
    let nothing = judge(&around(victim(200, &all), victim(200, "[]")), &world);
    assert!(nothing[0].0.contains("4 of them"), "{nothing:?}");
}

#[test]
fn pages_in_random_order_are_none() {
    let world = World::new();
    let (one, two) = (list(&world, 0..2), list(&world, 2..4));
    assert!(judge(&around(victim(200, &one), victim(200, &two)), &world).is_empty());
}

#[test]
fn rows_that_were_changed_or_deleted_are_left_to_write() {
    let mut world = World::new();
    let all = list(&world, 0..TASKS);
    let deleted = world.delete("task", &world.task(BOLT, 3));
    let mut history = around(victim(200, &all), victim(200, &list(&world, 0..3)));
    assert!(judge(&history, &world).is_empty());
    let changed = world.update("task", &world.task(BOLT, 2), "title", "x");
    history.exchanges[1].1.changes = vec![deleted, changed];
    history.exchanges[2].1.outcome.as_mut().unwrap().body = list(&world, 0..2).into();
    assert!(judge(&history, &world).is_empty());
}

#[test]
fn a_throttled_victim_shows_nothing() {
    let world = World::new();
    for before in [200, 429] {
        let throttled = around(victim(before, "[]"), victim(429, ""));
        assert_eq!(
            OwnData.judge(&throttled, &world.knowledge),
            Err(Reason::Throttled)
        );
    }
}

#[test]
fn an_owner_who_never_could_is_inconclusive() {
    let world = World::new();
    let never = around(victim(403, ""), victim(403, ""));
    assert_eq!(
        OwnData.judge(&never, &world.knowledge),
        Err(Reason::OwnerControlFailed)
    );
    let mut silent = around(victim(200, "[]"), victim(200, "[]"));
    silent.exchanges[2].1.outcome = Err(Failure::Refused);
    assert_eq!(
        OwnData.judge(&silent, &world.knowledge),
        Err(Reason::NoAnswer)
    );
}

#[test]
fn without_an_attack_in_between_nothing_is_judged() {
    let world = World::new();
    let history = history("cache.poison")
        .with(Purpose::VictimBefore, victim(200, "[]"))
        .with(Purpose::VictimAfter, victim(403, ""))
        .with(Purpose::Attack, attack("x", 200, "{}"));
    assert_eq!(
        OwnData.judge(&history, &world.knowledge),
        Err(Reason::NotApplicable)
    );
}

#[test]
fn what_the_victim_did_itself_is_none() {
    let mut world = World::new();
    let shown = list(&world, 3..4);
    let deleted = world.delete("task", &world.task(BOLT, 3));
    let own = exchange(call("bolt.admin", "DELETE /tasks/{id}", BOLT, ""), 204, "");
    let mut history = around(victim(200, &shown), victim(404, ""));
    let step = (Purpose::OwnerControl, own.changing([deleted]));
    history.exchanges.insert(1, step);
    assert!(judge(&history, &world).is_empty());
    // A creation cannot be repeated where something is unique.
    let made = world.insert("task", &["t-once", BOLT, "once", "open"]);
    let once = around(victim(201, "{}").changing([made]), victim(409, ""));
    assert!(judge(&once, &world).is_empty());
}

#[test]
fn what_the_victim_could_make_before_and_took_back_counts() {
    let mut world = World::new();
    let made = world.insert("comment", &["c-x", &world.task(BOLT, 1), "hi"]);
    let create = |status, changes: &[crate::model::rows::Change]| {
        let mut exchange = victim(status, "{}").changing(changes.iter().cloned());
        exchange.call.method = "POST".into();
        exchange
    };
    let first = create(201, std::slice::from_ref(&made));
    // As long as the row stands, the second call fails by the first.
    let kept = judge(&around(first.clone(), create(409, &[])), &world);
    assert!(kept.is_empty(), "{kept:?}");
    world.delete("comment", "c-x");
    let blocked = judge(&around(first, create(409, &[])), &world);
    assert_eq!(blocked.len(), 1);
}

#[test]
fn a_write_that_succeeds_again_is_no_block_whatever_its_answer_holds() {
    let world = World::new();
    let all = list(&world, 0..TASKS);
    let create = |body: &str| {
        let mut exchange = victim(201, body);
        exchange.call.method = "POST".into();
        exchange
    };
    assert!(judge(&around(create(&all), create("{}")), &world).is_empty());
}

#[test]
fn a_row_that_is_gone_by_itself_blocks_nobody() {
    let mut world = World::new();
    let task = world.task(BOLT, 0);
    let body = world.task_json(&task);
    let history = around(victim(200, &body), victim(404, "{}"));
    assert_eq!(judge(&history, &world).len(), 1);
    world.delete("task", &task);
    assert!(judge(&history, &world).is_empty());
}

#[test]
fn a_named_row_that_is_gone_by_itself_blocks_nobody_though_others_were_shown() {
    let mut world = World::new();
    let (named, other) = (world.task(BOLT, 0), world.task(BOLT, 1));
    let mut before = victim(200, &list(&world, 0..2));
    before.call.path.insert("id".into(), named.clone());
    let history = around(before, victim(404, "{}"));
    assert_eq!(judge(&history, &world).len(), 1);
    world.delete("task", &named);
    let stands = world.row("task", &other);
    assert!(world.knowledge.rows.get(&stands).is_some());
    assert!(judge(&history, &world).is_empty());
}
