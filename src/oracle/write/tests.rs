//! What `write` must find, and what it must not.

use super::*;
use crate::model::route::RouteId;
use crate::oracle::testing::{ACME, BOLT, World, attack, call, exchange, history};

fn judge(history: &History, world: &World) -> Vec<Evidence> {
    Write.judge(history, &world.knowledge).unwrap()
}

fn after(world: &World, changes: impl IntoIterator<Item = Change>) -> Vec<Evidence> {
    judge(&attacked(changes), world)
}

fn attacked(changes: impl IntoIterator<Item = Change>) -> History {
    history("id.path").with(Purpose::Attack, attack("x", 404, "").changing(changes))
}

#[test]
fn a_changed_foreign_row_counts_whatever_the_answer() {
    let mut world = World::new();
    let id = world.task(BOLT, 1);
    let change = world.update("task", &id, "title", "mine now");
    let found = after(&world, [change]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, Severity::Critical);
    assert_eq!(found[0].victim.as_deref(), Some(BOLT));
    let Crossing::Wrote {
        operation,
        row,
        columns,
        ..
    } = &found[0].crossing
    else {
        panic!("{found:?}");
    };
    assert_eq!(*operation, Operation::Update);
    assert_eq!(*row, world.row("task", &id));
    assert_eq!(columns, &["title"]);
}

#[test]
fn deletion_and_children_by_their_parent_count() {
    let mut world = World::new();
    let comment = world.delete("comment", "c-bolt-1");
    let task = world.delete("task", &world.task(BOLT, 1));
    let found = after(&world, [comment, task]);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|e| e.severity == Severity::Critical));
}

#[test]
fn own_rows_and_updates_that_change_nothing_are_none() {
    let mut world = World::new();
    let own = world.update("task", &world.task(ACME, 1), "title", "x");
    let foreign = world.task(BOLT, 1);
    let same = world.value("task", &foreign, "title");
    let idle = world.update("task", &foreign, "title", &same);
    assert!(after(&world, [own, idle]).is_empty());
}

#[test]
fn planting_and_moving_into_another_tenant_count() {
    let mut world = World::new();
    let planted = world.insert("task", &["t-new", BOLT, "planted", "open"]);
    let moved = world.update("task", &world.task(ACME, 1), "org_id", BOLT);
    let taken = world.update("task", &world.task(BOLT, 1), "org_id", ACME);
    let severities = |change: Change| {
        let found = after(&world, [change]);
        found.iter().map(|e| e.severity).collect::<Vec<_>>()
    };
    assert_eq!(severities(planted), [Severity::High]);
    assert_eq!(severities(moved), [Severity::High]);
    assert_eq!(severities(taken), [Severity::Critical]);
}

#[test]
fn any_purpose_of_the_attacker_counts_and_no_other() {
    let mut world = World::new();
    let change = world.update("task", &world.task(BOLT, 1), "title", "x");
    for (purpose, expected) in [
        (Purpose::Attack, 1),
        (Purpose::Missing, 1),
        (Purpose::AttackerAfter, 1),
        (Purpose::OwnerControl, 0),
        (Purpose::VictimAfter, 0),
        (Purpose::Setup, 0),
    ] {
        let history = history("id.path")
            .with(Purpose::Attack, attack("x", 200, ""))
            .with(purpose, attack("x", 200, "").changing([change.clone()]));
        assert_eq!(judge(&history, &world).len(), expected, "{purpose:?}");
    }
}

#[test]
fn plain_calls_are_judged_themselves() {
    let mut world = World::new();
    let change = world.delete("task", &world.task(BOLT, 1));
    let call = attack("x", 200, "").changing([change]);
    let plain = history("plain.call").with(Purpose::Attack, call.clone());
    assert_eq!(judge(&plain, &world).len(), 1);
    // What came first was judged when it was made.
    let after = history("plain.call").with(Purpose::Setup, call);
    let after = after.with(Purpose::Attack, attack("x", 200, ""));
    assert!(judge(&after, &world).is_empty());
}

#[test]
fn audit_rows_of_the_background_profile_are_an_advisory() {
    let mut world = World::new();
    let audit = world.insert("audit", &["a-1", BOLT, "refused acme.admin"]);
    assert_eq!(after(&world, [audit.clone()]).len(), 1);
    world.knowledge.background.learn(&audit);
    let second = world.insert("audit", &["a-2", BOLT, "refused acme.admin"]);
    let history = attacked([audit, second]);
    assert!(judge(&history, &world).is_empty());
    let said = Write.advisories(&history, &world.knowledge);
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("audit"), "{said:?}");
    // The profile holds inserts; a deletion is another matter.
    let deleted = world.delete("audit", "a-bolt");
    assert_eq!(after(&world, [deleted]).len(), 1);
}

#[test]
fn global_rows_count_only_where_another_tenant_sees_the_change() {
    let mut world = World::new();
    let inserted = world.insert("plan", &["plan-2", "Granite", "5.00"]);
    let changed = world.update("plan", "plan-1", "price", "0.01");
    let history = attacked([inserted, changed.clone()]);
    assert!(judge(&history, &world).is_empty());
    assert_eq!(Write.advisories(&history, &world.knowledge).len(), 1);
    let read = |body: &str| exchange(call("bolt.admin", "GET /plans", BOLT, ""), 200, body);
    let seen = |before: &str, after: &str| {
        let history = history
            .clone()
            .with(Purpose::VictimBefore, read(before))
            .with(Purpose::VictimAfter, read(after));
        judge(&history, &world).len()
    };
    assert_eq!(seen(r#"[{"price":49.9}]"#, r#"[{"price":0.01}]"#), 1);
    assert_eq!(seen(r#"[{"price":49.9}]"#, r#"[{"price":49.9}]"#), 0);
    assert_eq!(seen(r#"[{"price":49.9}]"#, r#"[{"other":7}]"#), 0);
    world.knowledge.background.learn(&changed);
    assert!(judge(&history, &world).is_empty());
    assert!(Write.advisories(&history, &world.knowledge).is_empty());
}

#[test]
fn a_global_row_that_the_attack_made_itself_is_its_own() {
    let mut world = World::new();
    let made = world.insert("plan", &["plan-2", "Granite", "5.00"]);
    let changed = world.update("plan", "plan-2", "price", "6.00");
    let history = attacked([made, changed]);
    assert!(judge(&history, &world).is_empty());
    assert!(Write.advisories(&history, &world.knowledge).is_empty());
}

#[test]
fn truncation_counts_where_others_had_rows() {
    let mut world = World::new();
    let mut truncated = Change {
        table: world.table("task"),
        operation: Operation::Truncate,
        old: None,
        new: None,
        xid: 1,
        owners_before: Owners::default(),
        owners_after: Owners::default(),
    };
    // By the rows as they stand, then by what the change says once they are gone.
    let found = after(&world, [truncated.clone()]);
    assert_eq!(found[0].severity, Severity::Critical);
    assert_eq!(found[0].victim.as_deref(), Some(BOLT));
    world
        .knowledge
        .rows
        .apply(&world.knowledge.schema, &truncated);
    assert!(after(&world, [truncated.clone()]).is_empty());
    truncated.owners_before = Owners([ACME.into(), BOLT.into()].into());
    assert_eq!(after(&world, [truncated.clone()]).len(), 1);
    truncated.owners_before = Owners([ACME.into()].into());
    assert!(after(&world, [truncated]).is_empty());
}

#[test]
fn users_of_both_tenants_are_own() {
    let mut world = World::new();
    let shared = world.update("users", "user-both-admin", "name", "x");
    assert!(after(&world, [shared]).is_empty());
    let other = world.update("users", "user-bolt-admin", "name", "x");
    assert_eq!(after(&world, [other]).len(), 1);
}

#[test]
fn adding_and_removing_a_user_of_the_own_tenant_is_none() {
    let mut world = World::new();
    let touched = world.update("users", "user-bolt-admin", "name", "welcome");
    let joined = world.insert("member", &["m-new", "user-bolt-admin", ACME, "staff"]);
    assert!(after(&world, [touched.clone(), joined]).is_empty());
    let left = world.delete("member", "m-new");
    let reset = world.update("users", "user-bolt-admin", "name", "bye");
    assert!(after(&world, [left, reset.clone()]).is_empty());
    // Without the membership's change in the same breath both are foreign.
    assert_eq!(after(&world, [touched]).len(), 1);
    assert_eq!(after(&world, [reset]).len(), 1);
}

#[test]
fn joining_another_tenant_counts() {
    let mut world = World::new();
    let joined = world.insert("member", &["m-x", "user-acme-admin", BOLT, "admin"]);
    assert_eq!(after(&world, [joined]).len(), 1);
    let left = world.delete("member", "m-bolt");
    assert_eq!(after(&world, [left]).len(), 1);
}

#[test]
fn a_new_tenant_and_what_is_in_it_is_none() {
    let mut world = World::new();
    let org = world.insert("org", &["org-new", "new", "New"]);
    let member = world.insert("member", &["m-n", "user-acme-admin", "org-new", "owner"]);
    let task = world.insert("task", &["t-n", "org-new", "hello", "open"]);
    assert!(after(&world, [org, member, task]).is_empty());
    let later = world.update("task", "t-n", "title", "again");
    assert!(after(&world, [later]).is_empty());
}

#[test]
fn a_transfer_that_names_both_tenants_is_none() {
    let mut world = World::new();
    let mut change = world.insert("task", &["t-t", BOLT, "transfer", "open"]);
    change.owners_after = Owners([ACME.into(), BOLT.into()].into());
    assert!(after(&world, [change]).is_empty());
}

#[test]
fn public_routes_may_plant_but_not_change() {
    let mut world = World::new();
    world
        .knowledge
        .public_routes
        .insert(RouteId("POST /contact".to_owned()));
    let planted = world.insert("task", &["t-c", BOLT, "call me", "open"]);
    let changed = world.update("task", &world.task(BOLT, 1), "title", "x");
    let by = |change: Change| {
        let post = exchange(call("anonymous", "POST /contact", BOLT, ""), 201, "");
        let history = history("plain.anonymous")
            .by("anonymous", &[])
            .with(Purpose::Attack, post.changing([change]));
        judge(&history, &world)
    };
    assert!(by(planted).is_empty());
    assert_eq!(by(changed)[0].severity, Severity::Critical);
}

#[test]
fn rows_that_the_attack_names_come_first_and_a_kind_is_said_once() {
    let mut world = World::new();
    let changes: Vec<Change> = (0..3)
        .map(|n| world.delete("task", &world.task(BOLT, n)))
        .collect();
    let reached = world.row("task", &world.task(BOLT, 2));
    let found = judge(&attacked(changes).reaching(reached.clone()), &world);
    assert_eq!(found.len(), 1);
    assert!(matches!(&found[0].crossing, Crossing::Wrote { row, .. } if *row == reached));
}

#[test]
fn a_row_that_only_refusals_insert_is_the_target_s_note_and_a_planted_one_is_not() {
    let mut world = World::new();
    let note = world.insert("audit", &["a-1", BOLT, "refused acme.admin"]);
    let own = |changes: Vec<Change>| {
        let call = call("acme.admin", "PATCH /tasks/{id}", ACME, "x");
        exchange(call, 200, "{}").changing(changes)
    };
    let refused = attacked([note.clone()]).with(Purpose::OwnControl, own(Vec::new()));
    assert!(judge(&refused, &world).is_empty());
    assert_eq!(Write.advisories(&refused, &world.knowledge).len(), 1);
    // A call that works inserts into that table, too: the refused one did what it was asked to.
    let kept = attacked([note.clone()]).with(Purpose::OwnControl, own(vec![note.clone()]));
    assert_eq!(judge(&kept, &world).len(), 1);
    let answered = history("id.path")
        .with(Purpose::Attack, attack("x", 500, "").changing([note]))
        .with(Purpose::OwnControl, own(Vec::new()));
    assert_eq!(judge(&answered, &world).len(), 1);
}
