//! What must be true of every attack on every ground, and on which grounds each applies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::testing::{self, Set};
use super::*;
use crate::model::call::{Body, Signature};

/// For each attack the grounds of [`testing::grounds`] on which it makes attempts.
fn applies() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let grounds = testing::grounds();
    ATTACKS
        .iter()
        .map(|attack| {
            let on = grounds
                .iter()
                .filter(|(_, set)| !attack.attempts(&set.ground()).is_empty())
                .map(|(name, _)| *name)
                .collect();
            (attack.id(), on)
        })
        .collect()
}

fn every(mut check: impl FnMut(&str, &str, &Set, &Attempt)) {
    for (name, set) in testing::grounds() {
        for attack in ATTACKS {
            for attempt in attack.attempts(&set.ground()) {
                check(attack.id(), name, &set, &attempt);
            }
        }
    }
}

/// `*` stands for every ground but the bare one. What is listed must apply, and nothing else.
const EXPECTED: &[(&str, &str)] = &[
    ("plain.call", "* bare"),
    ("plain.page", "list, header tenant"),
    ("plain.variant", "list, header tenant, create, bulk query"),
    ("plain.look-up", "list, header tenant"),
    ("plain.after-owner", "READS bare"),
    (
        "id.path",
        "get, put, patch, delete, numbered, path tenant, session tenant, public key, anonymous",
    ),
    ("id.nested-child", "nested get, nested delete"),
    ("id.nested-parent", "nested get, nested delete"),
    ("id.nested-both", "nested get, nested delete, create"),
    ("id.query", "list, header tenant"),
    ("id.body", "action"),
];

#[test]
fn the_table_of_applications_holds() {
    let found = applies();
    let reads: BTreeSet<_> = testing::grounds()
        .iter()
        .filter(|(name, set)| set.route.is_safe() && *name != "bare")
        .map(|(name, _)| *name)
        .collect();
    let all: BTreeSet<_> = testing::grounds()
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| *name != "bare")
        .collect();
    for (attack, on) in EXPECTED {
        let mut expected: BTreeSet<&str> = BTreeSet::new();
        let rest = on.strip_prefix('*').inspect(|_| expected.extend(&all));
        let rest = rest
            .or_else(|| {
                on.strip_prefix("READS")
                    .inspect(|_| expected.extend(&reads))
            })
            .unwrap_or(on);
        expected.extend(rest.split(',').map(str::trim).filter(|s| !s.is_empty()));
        assert_eq!(found[attack], expected, "{attack}");
    }
}
