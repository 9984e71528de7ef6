//! What `leak` must find, and what it must not.

use proptest::prelude::*;

use super::*;
use crate::model::call::Body;
use crate::model::exchange::Failure;
use crate::model::knowledge::Visibility;
use crate::model::route::RouteId;
use crate::oracle::testing::{ACME, BOLT, TASKS, World, attack, call, exchange, history};

fn judge(history: &History, world: &World) -> Vec<Evidence> {
    Leak.judge(history, &world.knowledge).unwrap()
}

fn answered(world: &World, id: &str, status: u16, body: &str) -> Vec<Evidence> {
    let history = history("id.path").with(Purpose::Attack, attack(id, status, body));
    judge(&history, world)
}

fn leaked(evidence: &Evidence) -> (&[Provenance], bool, &str) {
    match &evidence.crossing {
        Crossing::Leaked { values, strong, at } => (values, *strong, at),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_foreign_row_in_the_answer_is_a_leak_with_its_origin() {
    let world = World::new();
    let id = world.task(BOLT, 1);
    let body = format!("[{}]", world.task_json(&id));
    let found = answered(&world, &id, 200, &body);
    assert_eq!(found.len(), 1);
    let (values, strong, at) = leaked(&found[0]);
    assert!(strong);
    assert_eq!(at, "/0/title");
    assert_eq!(values[0].row, world.row("task", &id));
    assert_eq!(values[0].column, 2);
    // The id was sent: it is not among what leaked.
    assert!(values.iter().all(|v| v.value != id));
    assert_eq!(found[0].victim.as_deref(), Some(BOLT));
    assert_eq!(found[0].severity, Severity::High);
    assert_eq!(found[0].shown_by, (Purpose::Attack, 0));
}

#[test]
fn a_refusal_that_names_the_row_is_a_leak() {
    let world = World::new();
    let id = world.task(BOLT, 1);
    let title = world.value("task", &id, "title");
    let body = format!(r#"{{"error":"task \"{title}\" belongs to another organisation"}}"#);
    let found = answered(&world, &id, 403, &body);
    assert_eq!(leaked(&found[0]).2, "/error");
}

#[test]
fn headers_and_trailers_are_searched() {
    let world = World::new();
    let id = world.task(BOLT, 1);
    let other = world.task(BOLT, 2);
    let mut exchange = attack(&id, 404, "{}");
    let response = exchange.outcome.as_mut().unwrap();
    response
        .headers
        .push(("location".into(), format!("/tasks/{other}")));
    let found = judge(
        &history("id.path").with(Purpose::Attack, exchange.clone()),
        &world,
    );
    assert_eq!(leaked(&found[0]).2, "header location");
    let response = exchange.outcome.as_mut().unwrap();
    response.trailers.push(response.headers.pop().unwrap());
    let found = judge(&history("id.path").with(Purpose::Attack, exchange), &world);
    assert_eq!(leaked(&found[0]).2, "trailer location");
}

#[test]
fn reads_after_the_attack_count_and_the_victims_do_not() {
    let world = World::new();
    let body = world.task_json(&world.task(BOLT, 1));
    let hidden = attack("x", 204, "");
    let owner = || exchange(call("bolt.admin", "GET /tasks", BOLT, ""), 200, &body);
    let clean = history("id.path")
        .with(Purpose::OwnerControl, owner())
        .with(Purpose::VictimBefore, owner())
        .with(Purpose::Attack, hidden)
        .with(Purpose::VictimAfter, owner());
    assert!(judge(&clean, &world).is_empty());
    let read = exchange(call("acme.admin", "GET /tasks", ACME, ""), 200, &body);
    let found = judge(&clean.with(Purpose::AttackerAfter, read), &world);
    assert_eq!(found[0].shown_by, (Purpose::AttackerAfter, 0));
}

#[test]
fn own_rows_and_echoed_ids_are_none() {
    let world = World::new();
    let own = world.task_json(&world.task(ACME, 1));
    let id = world.task(BOLT, 1);
    assert!(answered(&world, &id, 200, &own).is_empty());
    let echo = format!(
        r#"{{"error":"task {} not found","path":"/tasks/{id}"}}"#,
        id.to_uppercase()
    );
    assert!(answered(&world, &id, 404, &echo).is_empty());
}

#[test]
fn what_was_sent_in_a_body_or_an_earlier_call_is_none() {
    let mut world = World::new();
    let title = world.value("task", &world.task(BOLT, 1), "title");
    let echo = format!(r#"{{"q":"{title}","hits":[]}}"#);
    let mut search = attack("x", 200, &echo);
    search.call.body = Some(Body::Json(
        serde_json::json!({ "q": format!("title:{title}") }),
    ));
    assert!(judge(&history("id.body").with(Purpose::Attack, search), &world).is_empty());
    assert_eq!(answered(&world, "x", 200, &echo).len(), 1);
    let earlier = call("acme.admin", "GET /search", ACME, &title);
    world.knowledge.learn_sent(&[ACME.into()], &earlier);
    assert!(answered(&world, "x", 200, &echo).is_empty());
}

#[test]
fn members_of_both_tenants_may_see_both() {
    let world = World::new();
    let both = world.row("users", "user-both-admin");
    let email = world.knowledge.rows.get(&both).unwrap()[1].clone().unwrap();
    assert!(answered(&world, "x", 200, &format!(r#"["{email}"]"#)).is_empty());
    let body = world.task_json(&world.task(BOLT, 1));
    let inbox = history("plain.list").by("both.admin", &[ACME, BOLT]).with(
        Purpose::Attack,
        exchange(call("both.admin", "GET /inbox", ACME, ""), 200, &body),
    );
    assert!(judge(&inbox, &world).is_empty());
    let bound = inbox.by("both.admin", &[ACME]);
    assert_eq!(judge(&bound, &world).len(), 1);
}

#[test]
fn whoever_belongs_to_a_tenant_may_be_told_its_name_wherever_it_works() {
    let mut world = World::new();
    let name = "boltworks-5d1c7e90-limited";
    world.update("org", BOLT, "name", name);
    let row = world.row("org", BOLT);
    world.knowledge.canaries.insert(Provenance {
        column: 2,
        value: name.to_owned(),
        owners: world.knowledge.owners_of(&row),
        row,
    });
    let told = |actor: &str| {
        let mut seen = attack("x", 200, &format!(r#"{{"others":["{name}"]}}"#));
        seen.call.actor = actor.into();
        let history = history("id.path").by(actor, &[ACME]);
        judge(&history.with(Purpose::Attack, seen), &world).len()
    };
    assert_eq!((told("both.admin"), told("acme.admin")), (0, 1));
}

#[test]
fn a_user_who_joined_since_the_seed_may_be_seen() {
    let mut world = World::new();
    let email = world.value("users", "user-bolt-admin", "email");
    let body = format!(r#"["{email}"]"#);
    assert_eq!(answered(&world, "x", 200, &body).len(), 1);
    world.insert("member", &["m-new", "user-bolt-admin", ACME, "staff"]);
    assert!(answered(&world, "x", 200, &body).is_empty());
}

#[test]
fn public_rows_and_public_routes_are_none() {
    let mut world = World::new();
    let id = world.task(BOLT, 1);
    let body = world.task_json(&id);
    world.knowledge.visibility.push(Visibility {
        table: world.table("task"),
        column: None,
        rows: Some([world.row("task", &id)].into()),
        from: None,
        to: None,
    });
    assert!(answered(&world, "x", 200, &body).is_empty());
    let other = world.task_json(&world.task(BOLT, 2));
    assert_eq!(answered(&world, "x", 200, &other).len(), 1);
    let route = RouteId("GET /tasks/{id}".to_owned());
    world.knowledge.public_routes.insert(route);
    assert!(answered(&world, "x", 200, &other).is_empty());
    // A declared route by another path is another place.
    let mut around = attack("x", 200, &other);
    around.call.tampering.target = Some("/tasks/../admin".to_owned());
    let history = history("path.dots").with(Purpose::Attack, around);
    assert_eq!(judge(&history, &world).len(), 1);
}

#[test]
fn the_anonymous_caller_makes_it_critical() {
    let world = World::new();
    let body = world.task_json(&world.task(ACME, 1));
    let anonymous = exchange(call("anonymous", "GET /tasks/{id}", ACME, "x"), 200, &body);
    // Even tenants named by mistake are not the anonymous caller's.
    let history = history("plain.anonymous")
        .by("anonymous", &[ACME])
        .with(Purpose::Attack, anonymous);
    let found = judge(&history, &world);
    assert_eq!(found[0].severity, Severity::Critical);
    assert_eq!(found[0].victim.as_deref(), Some(ACME));
}

#[test]
fn a_foreign_value_copied_into_an_own_row_is_still_foreign() {
    let mut world = World::new();
    let title = world.value("task", &world.task(BOLT, 1), "title");
    let copy = world.insert(
        "task",
        &["7f3a9c52-1b44-4e0d-9a6e-c00000000001", ACME, &title, "open"],
    );
    let canary = title.split(' ').next().unwrap();
    world.knowledge.canaries.insert(Provenance {
        row: copy.row(&world.knowledge.schema).unwrap(),
        column: 2,
        value: canary.to_owned(),
        owners: copy.owners_after.clone(),
    });
    let body = format!(r#"{{"title":"{title}"}}"#);
    let cloned = attack("x", 201, &body).changing([copy]);
    let found = judge(&history("id.body").with(Purpose::Attack, cloned), &world);
    assert_eq!(found.len(), 1);
    assert_eq!(
        leaked(&found[0]).0[0].row.key[0].as_deref(),
        Some(&*world.task(BOLT, 1))
    );
}

#[test]
fn the_id_of_a_row_that_the_attack_made_itself_is_none() {
    let mut world = World::new();
    let id = "7f3a9c52-1b44-4e0d-9a6e-c00000000002";
    let planted = world.insert("task", &[id, BOLT, "planted", "open"]);
    world.knowledge.canaries.insert(Provenance {
        row: world.row("task", id),
        column: 0,
        value: id.to_owned(),
        owners: planted.owners_after.clone(),
    });
    let created = attack("x", 201, &format!(r#"{{"id":"{id}"}}"#)).changing([planted]);
    let history = history("assign.tenant").with(Purpose::Attack, created);
    assert!(judge(&history, &world).is_empty());
}

#[test]
fn a_reference_that_was_taken_back_hides_nothing() {
    let mut world = World::new();
    let id = world.task(BOLT, 1);
    let body = format!(r#"["{id}"]"#);
    // Acme's row pointed there once, and the index remembers it.
    let own = world.task(ACME, 1);
    let place = Provenance {
        row: world.row("task", &own),
        column: 7,
        value: id.clone(),
        owners: world.knowledge.owners_of(&world.row("task", &own)),
    };
    world.knowledge.canaries.insert(place);
    assert_eq!(answered(&world, "x", 200, &body).len(), 1);
    world.update("task", &own, "parent_id", &id);
    assert!(answered(&world, "x", 200, &body).is_empty());
}

#[test]
fn tenants_made_during_the_run_are_nobodys_victims() {
    let mut world = World::new();
    world.insert("org", &["org-new", "new", "new"]);
    let id = "7f3a9c52-1b44-4e0d-9a6e-d00000000001";
    let task = world.insert("task", &[id, "org-new", "x", "open"]);
    world.knowledge.canaries.insert(Provenance {
        row: world.row("task", id),
        column: 0,
        value: id.to_owned(),
        owners: task.owners_after.clone(),
    });
    assert!(answered(&world, "x", 200, &format!(r#"["{id}"]"#)).is_empty());
}

#[test]
fn no_answer_and_a_broken_one_are_inconclusive() {
    let world = World::new();
    let mut lost = attack("x", 200, "");
    lost.outcome = Err(Failure::Refused);
    let lost = history("id.path").with(Purpose::Attack, lost);
    assert_eq!(Leak.judge(&lost, &world.knowledge), Err(Reason::NoAnswer));
    let mut endless = attack("x", 200, "[");
    endless.outcome.as_mut().unwrap().truncated = true;
    let endless = history("id.path").with(Purpose::Attack, endless);
    assert_eq!(
        Leak.judge(&endless, &world.knowledge),
        Err(Reason::NoAnswer)
    );
    let none = history("id.path").with(Purpose::VictimBefore, attack("x", 200, ""));
    let none = none.with(Purpose::VictimAfter, attack("x", 200, ""));
    assert_eq!(
        Leak.judge(&none, &world.knowledge),
        Err(Reason::NotApplicable)
    );
}

/// What an answer may be made of: whose task, which, and whether the caller sent its id and title.
fn parts() -> impl Strategy<Value = Vec<(bool, usize, bool)>> {
    prop::collection::vec((any::<bool>(), 0..TASKS, any::<bool>()), 0..6)
}

proptest! {
    /// A leak is found exactly when a foreign task stands in the answer that was not said by the caller in full.
    #[test]
    fn an_answer_leaks_what_is_foreign_and_was_not_sent(parts in parts()) {
        let world = World::new();
        let task = |foreign: bool, n| world.task(if foreign { BOLT } else { ACME }, n);
        let said: HashSet<(bool, usize)> =
            parts.iter().filter(|p| p.2).map(|&(foreign, n, _)| (foreign, n)).collect();
        let objects: Vec<String> = parts.iter().map(|&(f, n, _)| world.task_json(&task(f, n))).collect();
        let body = format!("[{}]", objects.join(","));
        let mut call = call("acme.admin", "GET /tasks", ACME, "");
        for &(foreign, n) in &said {
            let object = world.task_json(&task(foreign, n));
            call.query.push(("q".to_owned(), object));
        }
        let history = history("filter.search").with(Purpose::Attack, exchange(call, 200, &body));
        let found = judge(&history, &world);
        let strong = found.iter().any(|e| leaked(e).1);
        let expected = parts.iter().any(|&(foreign, n, _)| foreign && !said.contains(&(foreign, n)));
        prop_assert_eq!(strong, expected);
    }
}

#[test]
fn an_own_row_that_the_call_itself_gave_away_is_no_read() {
    let mut world = World::new();
    let id = world.task(ACME, 1);
    let json = world.task_json(&id);
    let moved = world.update("task", &id, "org_id", BOLT);
    let answer = attack(&id, 200, &json).changing([moved]);
    let history = history("assign.tenant").with(Purpose::Attack, answer);
    assert!(judge(&history, &world).is_empty());
}
