//! When a case held, and the reasons why it shows nothing.

use std::time::Duration;

use super::*;
use crate::oracle::testing::{ACME, BOLT, World, attack, call, exchange, history};

fn refused(world: &World) -> History {
    let id = world.task(BOLT, 0);
    world
        .controlled("id.path")
        .with(Purpose::Attack, attack(&id, 404, "{}"))
        .reaching(world.row("task", &id))
}

fn replace(mut history: History, purpose: Purpose, exchange: Exchange) -> History {
    history.exchanges.retain(|(p, _)| *p != purpose);
    history.with(purpose, exchange)
}

#[test]
fn a_refusal_with_working_controls_held() {
    let world = World::new();
    assert_eq!(held(&refused(&world), &world.knowledge), Ok(()));
}

#[test]
fn an_error_of_the_server_is_no_refusal() {
    let world = World::new();
    let id = world.task(BOLT, 0);
    for status in [500, 503] {
        let history = replace(refused(&world), Purpose::Attack, attack(&id, status, "{}"));
        assert_eq!(held(&history, &world.knowledge), Err(Reason::ServerError));
    }
}

#[test]
fn without_the_owner_s_own_data_nothing_is_shown() {
    let world = World::new();
    let k = &world.knowledge;
    let owner = |status, body: &str| {
        exchange(
            call("bolt.admin", "GET /tasks/{id}", BOLT, ""),
            status,
            body,
        )
    };
    for (answer, reason) in [
        (owner(403, "{}"), Reason::OwnerControlFailed),
        (owner(200, "[]"), Reason::NothingShown),
        (
            owner(500, &world.task_json(&world.task(BOLT, 0))),
            Reason::OwnerControlFailed,
        ),
        // Another tenant's data is not the owner's.
        (
            owner(200, &world.task_json(&world.task(ACME, 0))),
            Reason::NothingShown,
        ),
    ] {
        let history = replace(refused(&world), Purpose::OwnerControl, answer);
        assert_eq!(held(&history, k), Err(reason));
    }
    let mut none = refused(&world);
    none.exchanges.retain(|(p, _)| *p != Purpose::OwnerControl);
    assert_eq!(held(&none, k), Err(Reason::OwnerControlFailed));
}

#[test]
fn weak_values_show_the_owner_s_row_too() {
    let world = World::new();
    let value = |column| world.value("task", &world.task(BOLT, 0), column);
    let body = format!(
        r#"{{"amount":{},"due":"{}","status":"open"}}"#,
        value("amount"),
        value("due")
    );
    let owner = exchange(call("bolt.admin", "GET /tasks/{id}", BOLT, ""), 200, &body);
    let history = replace(refused(&world), Purpose::OwnerControl, owner);
    assert_eq!(held(&history, &world.knowledge), Ok(()));
}

#[test]
fn where_the_owner_s_write_changed_a_row_the_attacker_s_must_change_one_too() {
    let mut world = World::new();
    let changed = world.update("task", &world.task(BOLT, 3), "title", "done");
    let owner = exchange(call("bolt.admin", "PATCH /tasks/{id}", BOLT, ""), 204, "");
    let history = replace(
        refused(&world),
        Purpose::OwnerControl,
        owner.changing([changed]),
    );
    let own = |status| {
        exchange(
            call("acme.admin", "PATCH /tasks/{id}", ACME, ""),
            status,
            "",
        )
    };
    let mut redirected = own(302);
    let response = redirected.outcome.as_mut().unwrap();
    response.headers.push(("location".into(), "/login".into()));
    let mut unmoved = own(200);
    unmoved.outcome.as_mut().unwrap().body = r#"{"ok":false}"#.into();
    let task = world.task_json(&world.task(ACME, 0));
    let mut told = own(200);
    told.outcome.as_mut().unwrap().body = task.into();
    for control in [own(403), own(204), redirected, unmoved, told] {
        let history = replace(history.clone(), Purpose::OwnControl, control);
        assert_eq!(
            held(&history, &world.knowledge),
            Err(Reason::OwnControlFailed)
        );
    }
    let changed = world.update("task", &world.task(ACME, 3), "title", "done");
    let worked = own(204).changing([changed]);
    let history = replace(history, Purpose::OwnControl, worked);
    assert_eq!(held(&history, &world.knowledge), Ok(()));
}

#[test]
fn housekeeping_is_no_change_of_the_owner_s_row() {
    let mut world = World::new();
    let audit = world.insert("audit", &["a-1", BOLT, "refused"]);
    world.knowledge.background.learn(&audit);
    let owner = exchange(call("bolt.admin", "GET /tasks/{id}", BOLT, ""), 403, "");
    let history = replace(
        refused(&world),
        Purpose::OwnerControl,
        owner.changing([audit]),
    );
    assert_eq!(
        held(&history, &world.knowledge),
        Err(Reason::OwnerControlFailed)
    );
}

#[test]
fn the_attacker_s_own_call_must_show_its_own_data() {
    let world = World::new();
    let own = |status, body: &str| {
        exchange(
            call("acme.admin", "GET /tasks/{id}", ACME, ""),
            status,
            body,
        )
    };
    for answer in [own(403, "{}"), own(200, "[]"), own(302, "")] {
        let history = replace(refused(&world), Purpose::OwnControl, answer);
        assert_eq!(
            held(&history, &world.knowledge),
            Err(Reason::OwnControlFailed)
        );
    }
    let mut none = refused(&world);
    none.exchanges.retain(|(p, _)| *p != Purpose::OwnControl);
    assert_eq!(held(&none, &world.knowledge), Err(Reason::OwnControlFailed));
}

#[test]
fn who_has_no_tenant_is_judged_by_status() {
    let world = World::new();
    let mut anonymous = refused(&world).by("anonymous", &[]);
    anonymous
        .exchanges
        .retain(|(p, _)| *p != Purpose::OwnControl);
    assert_eq!(held(&anonymous, &world.knowledge), Ok(()));
    let homeless = anonymous.by("nobody.user", &[]);
    assert_eq!(
        held(&homeless, &world.knowledge),
        Err(Reason::OwnControlFailed)
    );
    let own = |status| exchange(call("nobody.user", "GET /me", ACME, ""), status, "");
    let with = |status| homeless.clone().with(Purpose::OwnControl, own(status));
    assert_eq!(held(&with(200), &world.knowledge), Ok(()));
    assert_eq!(
        held(&with(401), &world.knowledge),
        Err(Reason::OwnControlFailed)
    );
    let redirected = |to: &str| {
        let mut history = with(302);
        let (_, control) = history.exchanges.last_mut().unwrap();
        let response = control.outcome.as_mut().unwrap();
        response.headers.push(("location".into(), to.into()));
        held(&history, &world.knowledge)
    };
    assert_eq!(redirected("/authors/7"), Ok(()));
    for to in [
        "/login?next=%2Fme",
        "https://id.test/sign-in",
        "/users/auth",
    ] {
        assert_eq!(redirected(to), Err(Reason::OwnControlFailed), "{to}");
    }
}

#[test]
fn the_victim_s_row_must_stand() {
    let mut world = World::new();
    let history = refused(&world);
    world.delete("task", &world.task(BOLT, 0));
    assert_eq!(held(&history, &world.knowledge), Err(Reason::RowGone));
}

#[test]
fn where_no_row_is_named_one_of_those_shown_or_a_sibling_must_stand() {
    let mut world = World::new();
    let mut history = refused(&world);
    history.reached.clear();
    assert_eq!(held(&history, &world.knowledge), Ok(()));
    world.delete("task", &world.task(BOLT, 0));
    assert_eq!(held(&history, &world.knowledge), Ok(()));
    for n in 1..4 {
        world.delete("task", &world.task(BOLT, n));
    }
    // The answer of the control also names its assignee's row, if at all; here only tasks.
    assert_eq!(held(&history, &world.knowledge), Err(Reason::RowGone));
}

#[test]
fn throttling_and_silence_give_their_own_reasons() {
    let world = World::new();
    for purpose in [Purpose::Attack, Purpose::OwnerControl, Purpose::OwnControl] {
        let throttled = replace(refused(&world), purpose, attack("x", 429, ""));
        assert_eq!(held(&throttled, &world.knowledge), Err(Reason::Throttled));
        let mut silent = attack("x", 200, "");
        silent.outcome = Err(Failure::Timeout(Duration::from_secs(1)));
        let silent = replace(refused(&world), purpose, silent);
        assert_eq!(held(&silent, &world.knowledge), Err(Reason::NoAnswer));
        let mut endless = attack("x", 200, "");
        endless.outcome.as_mut().unwrap().truncated = true;
        let endless = replace(refused(&world), purpose, endless);
        assert_eq!(held(&endless, &world.knowledge), Err(Reason::NoAnswer));
    }
    let mut none = refused(&world);
    none.exchanges.retain(|(p, _)| *p != Purpose::Attack);
    assert_eq!(held(&none, &world.knowledge), Err(Reason::NotApplicable));
}

#[test]
fn a_legitimate_call_is_its_own_control() {
    let world = World::new();
    let plain = |status, body: &str| {
        let call = call("acme.admin", "GET /tasks", ACME, "");
        history("plain.call").with(Purpose::Attack, exchange(call, status, body))
    };
    let own = world.task_json(&world.task(ACME, 0));
    assert_eq!(held(&plain(200, &own), &world.knowledge), Ok(()));
    assert_eq!(held(&plain(200, "{\"count\":3}"), &world.knowledge), Ok(()));
    assert_eq!(
        held(&plain(403, "{}"), &world.knowledge),
        Err(Reason::OwnControlFailed)
    );
    assert_eq!(
        held(&plain(429, "{}"), &world.knowledge),
        Err(Reason::Throttled)
    );
    for nothing in ["", "[]", r#"{"items":[],"total":0}"#, r#"{"ok":true}"#] {
        assert_eq!(
            held(&plain(200, nothing), &world.knowledge),
            Err(Reason::NothingShown),
            "{nothing}"
        );
    }
    let mut moved = plain(302, "");
    assert_eq!(held(&moved, &world.knowledge), Err(Reason::NothingShown));
    moved.exchanges[0].1 = plain(200, "{\"done\":\"yes\"}").exchanges.remove(0).1;
    "POST".clone_into(&mut moved.exchanges[0].1.call.method);
    assert_eq!(held(&moved, &world.knowledge), Err(Reason::NothingShown));
}

#[test]
fn nobody_is_held_off_only_where_the_owner_is_let_in() {
    let world = World::new();
    let refused = attack("x", 401, "{}");
    let mut nobody = history("plain.call").by("anonymous", &[]);
    nobody.victim = None;
    let mut call = refused.call.clone();
    call.actor = "anonymous".into();
    nobody = nobody.with(Purpose::Attack, exchange(call, 401, "{}"));
    assert_eq!(
        held(&nobody, &world.knowledge),
        Err(Reason::OwnerControlFailed)
    );
    let owner = call_of_bolt(&world, 200);
    let with = |owner| nobody.clone().with(Purpose::OwnerControl, owner);
    assert_eq!(held(&with(owner), &world.knowledge), Ok(()));
    assert_eq!(
        held(&with(call_of_bolt(&world, 403)), &world.knowledge),
        Err(Reason::OwnerControlFailed)
    );
}

fn call_of_bolt(world: &World, status: u16) -> Exchange {
    let id = world.task(BOLT, 0);
    let call = call("bolt.admin", "GET /tasks/{id}", BOLT, &id);
    exchange(call, status, &world.task_json(&id))
}

#[test]
fn an_attack_without_controls_never_held() {
    let world = World::new();
    for status in [200, 404] {
        let bare = history("id.path").with(Purpose::Attack, attack("x", status, "{}"));
        assert_eq!(
            held(&bare, &world.knowledge),
            Err(Reason::OwnerControlFailed)
        );
    }
}
