//! What attacks of the family `browser` make of the people at hand.

use std::collections::BTreeSet;

use crate::attack::{ATTACKS, Cast, Person, Several};
use crate::model::browsing::{Action, Address, Script};
use crate::model::tenant::{Actor, Standing, Tenant};

fn tenant(slug: &str) -> Tenant {
    Tenant {
        key: slug.into(),
        slug: slug.to_owned(),
        name: slug.to_owned(),
        label: slug.to_owned(),
        control: false,
    }
}

fn actor(name: &str, tenants: &[&str]) -> Actor {
    Actor {
        id: name.into(),
        standing: Standing::Member,
        tenant: tenants.first().map(|t| (*t).into()),
        memberships: tenants.iter().map(|t| (*t).into()).collect(),
        ..Actor::anonymous(None)
    }
}

/// Scripts of all attacks where pages offer everything, changed by `change`.
fn scripts(change: impl Fn(&mut Cast<'_>)) -> Vec<(&'static str, Script)> {
    let tenants = [tenant("acme"), tenant("bolt"), tenant("coda")];
    let people = [
        actor("acme.admin", &["acme"]),
        actor("bolt.admin", &["bolt"]),
        actor("both", &["acme", "bolt"]),
    ];
    let mut cast = Cast {
        first: Person {
            actor: &people[0],
            tenant: &tenants[0],
        },
        second: Person {
            actor: &people[1],
            tenant: &tenants[1],
        },
        several: Some(Several {
            actor: &people[2],
            here: &tenants[0],
            there: &tenants[1],
            elsewhere: Some(&tenants[2]),
        }),
        addresses: vec![Address::Shared, Address::Own],
        own_hosts: true,
        pages: 2,
        writes: 1,
        leaves: true,
    };
    change(&mut cast);
    let made = ATTACKS
        .iter()
        .flat_map(|a| a.scripts(&cast).into_iter().map(|s| (a.id(), s)));
    made.collect()
}

fn ids(scripts: &[(&'static str, Script)]) -> BTreeSet<&'static str> {
    scripts.iter().map(|(id, _)| *id).collect()
}

#[test]
fn every_attack_of_the_family_applies_where_pages_offer_everything() {
    let all: BTreeSet<&str> = ATTACKS
        .iter()
        .map(|a| a.id())
        .filter(|id| id.starts_with("browser."))
        .collect();
    assert_eq!(ids(&scripts(|_| {})), all);
}

#[test]
fn what_pages_do_not_offer_is_not_tried() {
    let none_of_both = ids(&scripts(|cast| cast.several = None));
    for id in [
        "switch",
        "offline",
        "switch-tampered",
        "second-device",
        "stale-tab",
    ] {
        assert!(
            !none_of_both.contains(format!("browser.{id}").as_str()),
            "{id}"
        );
    }
    let no_log_out = ids(&scripts(|cast| cast.leaves = false));
    assert!(!no_log_out.contains("browser.back") && !no_log_out.contains("browser.next-person"));
    assert!(!ids(&scripts(|cast| cast.own_hosts = false)).contains("browser.subdomain"));
    assert!(!ids(&scripts(|cast| cast.writes = 0)).contains("browser.stale-tab"));
    assert!(
        !ids(&scripts(|cast| {
            if let Some(several) = &mut cast.several {
                several.elsewhere = None;
            }
        }))
        .contains("browser.switch-tampered")
    );
}

#[test]
fn variants_are_unique_and_nobody_acts_before_logging_in() {
    let mut seen = BTreeSet::new();
    for (id, script) in scripts(|_| {}) {
        assert!(
            seen.insert((id, script.variant.clone())),
            "{id}: {}",
            script.variant
        );
        let first = script
            .actions
            .iter()
            .find(|a| !matches!(a, Action::Device(_)));
        assert!(
            matches!(first, Some(Action::LogIn { .. })),
            "{id}: {first:?}"
        );
    }
}

#[test]
fn whoever_works_in_two_tenants_does_so_where_both_meet() {
    for (id, script) in scripts(|_| {}) {
        for action in &script.actions {
            if let Action::LogIn { actor, at, .. } = action
                && &*actor.0 == "both"
            {
                assert_eq!(*at, Address::Shared, "{id}");
            }
        }
    }
}
