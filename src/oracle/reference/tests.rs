//! What `reference` must find, and what it must not.

use super::*;
use crate::model::ownership::Owners;
use crate::model::reference::learn_references;
use crate::oracle::testing::{ACME, BOLT, World, attack, history};

fn judge(world: &World, status: u16, changes: impl IntoIterator<Item = Change>) -> Vec<Evidence> {
    let attack = attack("x", status, "").changing(changes);
    let history = history("assign.reference").with(Purpose::Attack, attack);
    Reference.judge(&history, &world.knowledge).unwrap()
}

/// The small world, its undeclared references learnt.
fn learnt() -> World {
    let mut world = World::new();
    world.knowledge.references = learn_references(&world.knowledge.schema, &world.knowledge.rows);
    world
}

#[test]
fn a_declared_reference_to_a_foreign_row_counts() {
    let mut world = World::new();
    let id = world.task(ACME, 1);
    let change = world.update("task", &id, "assignee_id", "user-bolt-admin");
    let found = judge(&world, 500, [change]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, Severity::High);
    assert_eq!(found[0].victim.as_deref(), Some(BOLT));
    let Crossing::Referenced {
        from,
        column,
        to,
        declared,
        ..
    } = &found[0].crossing
    else {
        panic!("{found:?}");
    };
    assert_eq!(*from, world.row("task", &id));
    assert_eq!(column, "assignee_id");
    assert_eq!(*to, world.row("users", "user-bolt-admin"));
    assert!(declared);
}

#[test]
fn own_shared_and_unchanged_references_are_none() {
    let mut world = World::new();
    let id = world.task(ACME, 1);
    let shared = world.update("task", &id, "assignee_id", "user-both-admin");
    let own = world.update("task", &id, "assignee_id", "user-acme-admin");
    assert!(judge(&world, 200, [shared, own]).is_empty());
    let planted = world.update("task", &id, "assignee_id", "user-bolt-admin");
    let later = world.update("task", &id, "title", "edited");
    assert_eq!(judge(&world, 200, [planted]).len(), 1);
    assert!(judge(&world, 200, [later]).is_empty());
}

#[test]
fn the_edge_that_confers_membership_is_exempt() {
    let mut world = learnt();
    let joined = world.insert("member", &["m-new", "user-bolt-admin", ACME, "staff"]);
    // The user is the tenant's now: give back the state before.
    assert!(judge(&world, 201, [joined]).is_empty());
}

#[test]
fn a_foreign_row_that_points_is_no_business_of_this_oracle() {
    let mut world = World::new();
    let planted = world.insert("comment", &["c-x", &world.task(BOLT, 1), "hi"]);
    assert!(planted.owners_after.includes(BOLT));
    assert!(judge(&world, 201, [planted]).is_empty());
}

#[test]
fn a_link_owned_by_both_sides_points_across() {
    let mut world = World::new();
    let mut link = world.insert("comment", &["c-x", &world.task(BOLT, 1), "hi"]);
    link.owners_after = Owners([ACME.into(), BOLT.into()].into());
    assert_eq!(judge(&world, 201, [link]).len(), 1);
}

#[test]
fn undeclared_references_are_learnt_and_count_at_lower_confidence() {
    let mut world = learnt();
    let id = world.task(ACME, 1);
    let change = world.update("task", &id, "parent_id", &world.task(BOLT, 1));
    let found = judge(&world, 200, [change.clone()]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, Severity::Medium);
    assert!(matches!(
        &found[0].crossing,
        Crossing::Referenced {
            declared: false,
            ..
        }
    ));
    // A refusal that logs the id is none.
    assert!(judge(&world, 404, [change]).is_empty());
}

#[test]
fn arrays_count_by_the_element_that_is_new() {
    let mut world = learnt();
    let id = world.task(ACME, 1);
    let (own, foreign) = (world.task(ACME, 3), world.task(BOLT, 1));
    let grown = world.update("task", &id, "related", &format!("{{{own},{foreign}}}"));
    assert_eq!(judge(&world, 200, [grown]).len(), 1);
    let shrunk = world.update("task", &id, "related", &format!("{{{foreign}}}"));
    assert!(judge(&world, 200, [shrunk]).is_empty());
}

#[test]
fn housekeeping_and_tenant_columns_are_exempt() {
    let mut world = learnt();
    let change = world.update(
        "task",
        &world.task(ACME, 1),
        "assignee_id",
        "user-bolt-admin",
    );
    world.knowledge.background.learn(&change);
    assert!(judge(&world, 200, [change]).is_empty());
    let mut moved = world.update("task", &world.task(ACME, 2), "org_id", BOLT);
    moved.owners_after = Owners([ACME.into(), BOLT.into()].into());
    assert!(judge(&world, 200, [moved]).is_empty());
}

#[test]
fn columns_that_may_point_anywhere_are_left_alone() {
    let mut world = learnt();
    let id = world.task(ACME, 1);
    let change = world.update("task", &id, "assignee_id", "user-bolt-admin");
    let at = world.row("task", &id);
    let columns = change.columns();
    world.knowledge.open_references.insert(ColumnRef {
        table: at.table,
        column: columns[0],
    });
    assert!(judge(&world, 200, [change]).is_empty());
    let other = world.update("task", &id, "parent_id", &world.task(BOLT, 1));
    assert_eq!(judge(&world, 200, [other]).len(), 1);
}
