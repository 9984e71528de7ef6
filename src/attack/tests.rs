//! What must be true of every attack on every ground, and on which grounds each applies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::testing::{self, OWN, Set, VICTIM};
use super::*;
use crate::model::call::Signature;

/// Where each attack must apply, by names of [`testing::grounds`]; it must apply nowhere else. `ALL` leaves out `bare`,
/// where nothing is known but the call; `READS` are those whose method is safe.
const EXPECTED: &[(&str, &str)] = &[
    ("plain.call", "ALL, bare"),
    ("plain.page", "list, header tenant"),
    ("plain.variant", "list, header tenant, create, bulk query"),
    ("plain.look-up", "list, header tenant"),
    ("plain.after-owner", "READS, bare"),
    (
        "id.path",
        "get, put, patch, delete, numbered, path tenant, session tenant, public key, anonymous",
    ),
    ("id.nested-child", "nested get, nested delete"),
    ("id.nested-parent", "nested get, nested delete"),
    ("id.nested-both", "nested get, nested delete, create"),
    ("id.query", "list, header tenant"),
    ("id.body", "action, switch"),
    ("id.tenant-query", "ALL"),
    (
        "id.list",
        "list, header tenant, get, nested get, numbered, path tenant, session tenant, public key, anonymous, create",
    ),
    (
        "id.twice",
        "get, put, patch, delete, nested get, nested delete, numbered, path tenant, session tenant, public key, anonymous",
    ),
    (
        "id.head",
        "get, nested get, numbered, path tenant, session tenant, public key, anonymous",
    ),
    (
        "id.spelling",
        "get, put, patch, delete, nested get, nested delete, numbered, path tenant, session tenant, public key, anonymous",
    ),
    (
        "id.conditional",
        "get, nested get, numbered, path tenant, session tenant, public key, anonymous",
    ),
    (
        "id.after-owner",
        "list, header tenant, get, nested get, numbered, path tenant, session tenant, public key, anonymous",
    ),
    ("id.neighbour", "numbered"),
    (
        "id.idempotency-key",
        "put, patch, create, action, switch, bulk ids, bulk filter, upsert, import",
    ),
    ("assign.reference", "create"),
    ("assign.tenant", "put, patch, create"),
    ("assign.id", "put, patch, create"),
    ("assign.owner", "put, patch, create"),
    ("assign.role", "put, patch, create"),
    ("assign.natural-key", "create"),
    ("bulk.mixed-ids", "bulk ids"),
    ("bulk.no-filter", "bulk filter, bulk query"),
    ("bulk.left-out", "bulk ids, bulk filter"),
    ("bulk.tenant-filter", "bulk filter, bulk query"),
    ("bulk.reference", "upsert"),
    ("bulk.empty-list", "bulk ids, upsert"),
    ("bulk.status-only", "bulk ids, bulk filter, bulk query"),
    ("bulk.reassign", "bulk ids, bulk filter"),
    ("bulk.upsert", "upsert"),
    ("bulk.import", "import, upsert"),
    ("host.other-tenant", "ADDRESSED"),
    ("host.shape", "ADDRESSED"),
    ("host.left-out", "header tenant"),
    ("host.apex", "HOSTS"),
    ("host.unknown", "ADDRESSED"),
    ("header.tenant", "ALL"),
    ("header.tenant-synonym", "ALL"),
    ("header.tenant-twice", "ALL"),
    ("header.tenant-case", "ALL"),
    ("header.tenant-padded", "ALL"),
    ("header.user", "MEMBERS"),
    ("header.forwarded-host", "HOSTS"),
    ("header.internal", "ALL, bare"),
    ("header.original-url", "ALL, bare"),
    (
        "header.method-override",
        "list, header tenant, get, put, patch, delete, nested get, nested delete, create, action, switch, bulk ids, \
         numbered, path tenant, session tenant, public key, anonymous",
    ),
    ("header.middleware-subrequest", "ALL, bare"),
    ("token.tampered-payload", "MEMBERS"),
    ("token.alg-none", "MEMBERS"),
    ("token.empty-signature", "MEMBERS"),
    ("token.weak-secret", "MEMBERS"),
    ("token.public-key", "public key"),
    ("token.role", "MEMBERS"),
    ("token.claim-type", "ADDRESSED MEMBERS"),
    ("token.claim-twice", "MEMBERS"),
    ("token.claim-mismatch", "ADDRESSED MEMBERS"),
    ("token.expired", "MEMBERS"),
    ("token.not-yet-valid", "MEMBERS"),
    ("token.wrong-issuer", "MEMBERS"),
    ("token.wrong-audience", "MEMBERS"),
];

/// The grounds that a word of the table stands for.
fn grounds_of(word: &str) -> BTreeSet<&'static str> {
    let is = |name: &str, set: &Set| {
        let ground = set.ground();
        let addressed = ground.is_addressed();
        let member = ground.has_credentials();
        match word {
            "ALL" => name != "bare",
            "READS" => name != "bare" && set.route.is_safe(),
            "HOSTS" => set.facts.tenant_in_host,
            "ADDRESSED" => addressed,
            "MEMBERS" => name != "bare" && member,
            "ADDRESSED MEMBERS" => addressed && member,
            exact => name == exact,
        }
    };
    testing::grounds()
        .iter()
        .filter(|(name, set)| is(name, set))
        .map(|(name, _)| *name)
        .collect()
}

#[test]
fn each_attack_applies_where_the_table_says_and_nowhere_else() {
    let grounds = testing::grounds();
    let table: BTreeMap<_, _> = EXPECTED.iter().copied().collect();
    assert_eq!(table.len(), ATTACKS.len());
    for attack in ATTACKS {
        let words = table
            .get(attack.id())
            .unwrap_or_else(|| panic!("{}", attack.id()));
        let expected: BTreeSet<_> = words
            .split(',')
            .flat_map(|w| grounds_of(w.trim()))
            .collect();
        let found: BTreeSet<_> = grounds
            .iter()
            .filter(|(_, set)| !attack.attempts(&set.ground()).is_empty())
            .map(|(name, _)| *name)
            .collect();
        assert!(!found.is_empty(), "{} never applies", attack.id());
        assert_eq!(found, expected, "{}", attack.id());
    }
}

/// Every attempt of every attack on every ground.
fn every(mut check: impl FnMut(&str, &Set, &Attempt)) {
    for (name, set) in testing::grounds() {
        for attack in ATTACKS {
            for attempt in attack.attempts(&set.ground()) {
                let at = format!("{} on {name}: {}", attack.id(), attempt.variant);
                check(&at, &set, &attempt);
            }
        }
    }
}

#[test]
fn variants_are_unique_within_an_attack() {
    for (name, set) in testing::grounds() {
        for attack in ATTACKS {
            let mut seen = BTreeSet::new();
            for attempt in attack.attempts(&set.ground()) {
                assert!(!attempt.variant.is_empty(), "{} on {name}", attack.id());
                assert!(
                    !attempt.variant.starts_with([',', ' ']),
                    "{}: {}",
                    attack.id(),
                    attempt.variant
                );
                assert!(
                    seen.insert(attempt.variant.clone()),
                    "{} on {name}: {}",
                    attack.id(),
                    attempt.variant
                );
            }
        }
    }
}

#[test]
fn no_attempt_is_made_twice_by_one_attack() {
    for (name, set) in testing::grounds() {
        for attack in ATTACKS {
            let attempts = attack.attempts(&set.ground());
            for (index, one) in attempts.iter().enumerate() {
                for two in &attempts[index + 1..] {
                    assert!(
                        one.call != two.call,
                        "{} on {name}: {} is {}",
                        attack.id(),
                        one.variant,
                        two.variant
                    );
                }
            }
        }
    }
}

#[test]
fn variants_hold_no_value_of_a_tenant() {
    every(|at, set, attempt| {
        let mut values = vec![
            OWN.to_owned(),
            VICTIM.to_owned(),
            "ownslug".into(),
            "victimslug".into(),
        ];
        values.extend(["own-user".to_owned(), "victim-user".to_owned()]);
        for slot in &set.slots {
            values.extend(slot.own.iter().chain(&slot.foreign).map(|(v, _)| v.clone()));
            values.extend(slot.missing.clone());
        }
        for value in values {
            assert!(!attempt.variant.contains(&value), "{at} holds {value}");
        }
    });
}

#[test]
fn every_attempt_differs_from_the_own_call() {
    every(|at, set, attempt| {
        let differs = attempt.call != set.own_call || attempt.after_owner;
        assert!(differs || at.starts_with("plain.call"), "{at}");
    });
}

#[test]
fn plain_attempts_have_no_foreign_part() {
    every(|at, set, attempt| {
        if at.starts_with("plain.") {
            assert!(
                attempt.reaches.is_empty() && attempt.slots.is_empty(),
                "{at}"
            );
            assert_eq!(attempt.call.tenant, set.own_call.tenant, "{at}");
            let sent = attempt.call.sent_values();
            assert!(
                !sent
                    .iter()
                    .any(|v| v.contains("foreign-") || v.contains(VICTIM)),
                "{at}"
            );
        }
    });
}

#[test]
fn only_the_owner_makes_calls_as_the_victim() {
    every(|at, set, attempt| {
        let attacker = &set.attacker.id;
        assert_eq!(attempt.call.actor, *attacker, "{at}");
        let others = attempt.control.iter().chain(&attempt.missing);
        assert!(
            others.into_iter().all(|call| call.actor == *attacker),
            "{at}"
        );
        if let Some(call) = &attempt.owner_call {
            assert!(attempt.after_owner, "{at}: the owner's call is never made");
            assert_eq!(call.actor, set.victim_call.actor, "{at}");
        }
    });
}

#[test]
fn what_an_attempt_says_that_it_reaches_stands_in_its_call() {
    every(|at, _, attempt| {
        // Ids are named after their rows in these grounds; spellings change case and dashes.
        let squeeze = |text: &str| text.to_ascii_lowercase().replace('-', "");
        let text = serde_json::to_string(&attempt.call).unwrap();
        let squeezed = squeeze(&text);
        for row in &attempt.reaches {
            let value = row.key[0].as_deref().unwrap();
            assert!(
                squeezed.contains(&squeeze(value)),
                "{at} reaches {value}: {text}"
            );
        }
        for slot in &attempt.slots {
            let urls = at.starts_with("header.original-url");
            assert!(
                urls || attempt.call.slot(slot).is_some(),
                "{at}: nothing at {slot:?}"
            );
        }
    });
}

#[test]
fn controls_and_missing_calls_hold_nothing_of_the_victim() {
    every(|at, _, attempt| {
        if let Some(call) = &attempt.control {
            let text = serde_json::to_string(call).unwrap();
            assert!(
                !text.contains("foreign") && !text.contains("victim"),
                "{at}: {text}"
            );
            assert!(*call != attempt.call, "{at}: the control is the attack");
        }
        for call in &attempt.missing {
            let text = serde_json::to_string(call).unwrap();
            assert!(!text.contains("foreign-"), "{at}: {text}");
        }
        assert!(
            attempt.missing.is_empty() || attempt.missing.len() == 2,
            "{at}"
        );
        assert!(
            attempt.missing.first() != attempt.missing.get(1) || attempt.missing.is_empty(),
            "{at}"
        );
    });
}

#[test]
fn plainly_foreign_ids_come_with_missing_ones() {
    let asking = [
        "id.path",
        "id.nested",
        "id.query",
        "id.body",
        "id.head",
        "id.list",
        "assign.reference",
        "assign.id",
        "assign.natural-key",
        "bulk.mixed-ids",
        "bulk.reference",
    ];
    every(|at, _, attempt| {
        let asks = asking.iter().any(|id| at.starts_with(id));
        assert!(!asks || attempt.missing.len() == 2, "{at}");
    });
}

#[test]
fn genuine_tokens_that_name_the_victim_are_for_promises_alone() {
    every(|at, _, attempt| {
        let Some(token) = &attempt.call.tampering.token else {
            return;
        };
        let text = serde_json::to_string(&(&token.claims, &token.twice)).unwrap();
        if token.signature == Signature::Genuine && text.contains("victim") {
            assert!(attempt.promise_only, "{at}");
        }
    });
}

#[test]
fn attempts_are_deterministic() {
    for (name, set) in testing::grounds() {
        for attack in ATTACKS {
            let show = || format!("{:?}", attack.attempts(&set.ground()));
            assert_eq!(show(), show(), "{} on {name}", attack.id());
        }
    }
}

#[test]
fn a_route_gets_a_bounded_number_of_attempts() {
    for (name, set) in testing::grounds() {
        let count: usize = ATTACKS
            .iter()
            .map(|a| a.attempts(&set.ground()).len())
            .sum();
        assert!(count <= MOST_ATTEMPTS, "{name}: {count}");
        let foreign = name != "bare";
        assert!(!foreign || count >= 40, "{name}: only {count}");
    }
}

#[test]
fn ids_are_unique_and_kebab_case() {
    let mut seen = BTreeSet::new();
    for attack in ATTACKS {
        let id = attack.id();
        assert!(seen.insert(id), "{id} twice");
        let (family, name) = id.split_once('.').unwrap();
        for part in [family, name] {
            let kebab = part
                .split('-')
                .all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()));
            assert!(kebab, "{id}");
        }
    }
}

#[test]
fn every_attack_is_found_by_its_id_alone() {
    for attack in ATTACKS {
        assert_eq!(find(attack.id()).map(Attack::id), Some(attack.id()));
    }
    assert!(find("id.nothing").is_none());
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/attack")
}

#[test]
fn every_attack_has_its_file_and_every_file_its_attack() {
    let files: BTreeSet<PathBuf> = ATTACKS
        .iter()
        .map(|attack| {
            let (family, name) = attack.id().split_once('.').unwrap();
            folder()
                .join(family)
                .join(format!("{}.rs", name.replace('-', "_")))
        })
        .collect();
    let mut found = BTreeSet::new();
    for family in std::fs::read_dir(folder()).unwrap() {
        let family = family.unwrap().path();
        if family.is_dir() {
            found.extend(
                std::fs::read_dir(family)
                    .unwrap()
                    .map(|f| f.unwrap().path()),
            );
        }
    }
    found.retain(|file| !file.ends_with("mod.rs"));
    assert_eq!(files, found);
}

#[test]
fn every_page_says_what_why_and_how_with_an_example() {
    for attack in ATTACKS {
        let (id, doc) = (attack.id(), attack.doc());
        let headings: Vec<_> = doc.lines().filter_map(|l| l.strip_prefix("## ")).collect();
        let expected = [
            "What it does",
            "Why teams fall for it",
            "A correct target",
            "Example",
        ];
        assert_eq!(headings, expected, "{id}");
        let (text, example) = doc.split_once("## Example").unwrap();
        assert!(
            text.contains("RL-") || text.contains("CVE-") || text.contains("real leaks"),
            "{id} is not grounded"
        );
        let first = example.trim_start().split(' ').next().unwrap();
        assert!(
            ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].contains(&first),
            "{id}: {first}"
        );
        assert!(
            !attack.title().is_empty() && !attack.title().ends_with('.'),
            "{id}"
        );
        let indented = example
            .trim_end()
            .lines()
            .skip(1)
            .all(|l| l.is_empty() || l.starts_with("    "));
        assert!(indented, "{id}: {example}");
    }
}

#[test]
#[ignore = "prints what is tried, for people"]
fn show() {
    for (name, set) in testing::grounds() {
        let mut total = (0, 0, 0);
        for attack in ATTACKS {
            for attempt in attack.attempts(&set.ground()) {
                total.0 += 1;
                total.1 += attempt.missing.len();
                total.2 += usize::from(attempt.control.is_some());
                println!(
                    "{name} | {} | {} | {}",
                    attack.id(),
                    attempt.variant,
                    serde_json::to_string(&attempt.call).unwrap()
                );
            }
        }
        println!("TOTAL {name}: {total:?}");
    }
}
