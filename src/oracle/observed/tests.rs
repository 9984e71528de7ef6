//! What counts as another tenant's although it stands in no row, and what does not.

use std::sync::Arc;

use super::*;
use crate::model::call::Call;
use crate::model::exchange::Exchange;
use crate::model::knowledge::Visibility;
use crate::model::observed::{Seer, Source};
use crate::oracle::Oracle;
use crate::oracle::leak::Leak;
use crate::oracle::testing::{ACME, BOLT, World, attack, call, exchange, history};

const LINK: &str = "x7k2p9q4r8s3t6v1w5z0";

fn bolts() -> Call {
    call("bolt.admin", "GET /export", BOLT, "1")
}

fn seen() -> Sighting {
    Sighting {
        value: LINK.to_owned(),
        tenant: BOLT.into(),
        source: Source::Call(Arc::new(bolts())),
        at: "/link".to_owned(),
        place: "/link".to_owned(),
        secret: false,
        lasting: false,
    }
}

/// A world in which bolt was shown a link, and acme asked in vain.
fn world() -> World {
    let mut world = unasked();
    let acmes = call("acme.admin", "GET /export", ACME, "1");
    world
        .knowledge
        .observed
        .asked(&ACME.into(), &Arc::new(acmes));
    world
}

fn unasked() -> World {
    let mut world = World::new();
    let observed = &mut world.knowledge.observed;
    observed.asked(&BOLT.into(), &Arc::new(bolts()));
    observed.note(Seer::Member, seen());
    world
}

fn shows() -> Exchange {
    attack("17", 200, &format!(r#"{{"link":"/download/{LINK}"}}"#))
}

fn found(world: &World, history: &History) -> usize {
    Leak.judge(history, &world.knowledge).unwrap().len()
}

fn case() -> History {
    history("header.tenant").with(Purpose::Attack, shows())
}

/// The case with another attacker.
fn case_of(actor: &str, tenants: &[&str]) -> History {
    let mut shows = shows();
    shows.call.actor = actor.into();
    let history = history("header.tenant").by(actor, tenants);
    history.with(Purpose::Attack, shows)
}

#[test]
fn what_another_tenant_alone_was_shown_is_a_leak_with_its_origin() {
    let found = Leak.judge(&case(), &world().knowledge).unwrap();
    let [evidence] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(evidence.victim.as_deref(), Some(BOLT));
    assert_eq!(evidence.severity, Severity::High);
    let crossing = Crossing::Observed {
        values: vec![seen()],
        at: "/link".to_owned(),
    };
    assert_eq!(evidence.crossing, crossing);
    let nobody = case_of("anonymous", &[]);
    let found = Leak.judge(&nobody, &world().knowledge).unwrap();
    assert_eq!(found[0].severity, Severity::Critical);
    let mut redirect = attack("17", 302, "");
    let headers = &mut redirect.outcome.as_mut().unwrap().headers;
    headers.push(("location".to_owned(), format!("/download/{LINK}")));
    let redirect = history("header.tenant").with(Purpose::Attack, redirect);
    let found = Leak.judge(&redirect, &world().knowledge).unwrap();
    assert!(matches!(&found[0].crossing, Crossing::Observed { at, .. } if at == "header location"));
}

#[test]
fn rows_are_told_of_first() {
    let world = world();
    let task = world.task_json(&world.task(BOLT, 1));
    let both = attack("17", 200, &format!(r#"[{task},"{LINK}"]"#));
    let found = Leak
        .judge(
            &history("id.path").with(Purpose::Attack, both),
            &world.knowledge,
        )
        .unwrap();
    assert!(matches!(&found[..], [e] if matches!(e.crossing, Crossing::Leaked { .. })));
}

#[test]
fn nothing_is_said_before_others_asked_in_vain() {
    assert_eq!(found(&unasked(), &case()), 0);
    assert_eq!(found(&world(), &case()), 1);
}

#[test]
fn what_the_attacker_may_see_said_or_is_shown_anyway_does_not_count() {
    let world = world();
    let own = case_of("both.admin", &[ACME, BOLT]);
    assert_eq!(found(&world, &own), 0, "its own tenant");
    let mut said = shows();
    said.call
        .query
        .push(("after".to_owned(), format!("v1.{LINK}")));
    let said = history("id.cursor").with(Purpose::Attack, said);
    assert_eq!(found(&world, &said), 0, "an echo");
    let control = exchange(call("acme.admin", "GET /tasks/{id}", ACME, "1"), 200, LINK);
    let shown = case().with(Purpose::OwnControl, control);
    assert_eq!(found(&world, &shown), 0, "shown to its own call");
    let reached = case().reaching(world.row("task", &world.task(ACME, 0)));
    assert_eq!(found(&world, &reached), 0, "of a row that it may see");
    let reached = case().reaching(world.row("task", &world.task(BOLT, 0)));
    assert_eq!(found(&world, &reached), 1);
}

#[test]
fn tenants_that_share_rows_may_share_what_is_made_from_them() {
    let mut world = world();
    let share = |from: &str, to: &str| Visibility {
        table: world.table("task"),
        column: None,
        rows: None,
        from: Some(from.into()),
        to: Some(to.into()),
    };
    let (theirs, ours) = (share(BOLT, ACME), share(ACME, BOLT));
    world.knowledge.visibility = vec![ours];
    assert_eq!(found(&world, &case()), 1);
    world.knowledge.visibility = vec![theirs];
    assert_eq!(found(&world, &case()), 0);
}

#[test]
fn what_is_computed_says_nothing_in_legitimate_calls() {
    let mut world = world();
    let observed = &mut world.knowledge.observed;
    observed.restart();
    observed.note(Seer::Member, seen());
    let acmes = call("acme.admin", "GET /export", ACME, "1");
    observed.asked(&ACME.into(), &Arc::new(acmes));
    assert_eq!(found(&world, &case()), 1);
    assert_eq!(
        found(
            &world,
            &history("plain.page").with(Purpose::Attack, shows())
        ),
        0
    );
}
