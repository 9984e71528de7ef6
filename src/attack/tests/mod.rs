//! What must be true of every attack on every ground.

mod applies;
mod registry;
mod scripts;
mod wire;

use std::collections::BTreeSet;

use super::testing::{self, OWN, Set, VICTIM};
use super::*;
use crate::model::call::Signature;

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
        let differs =
            attempt.call != set.own_call || !attempt.first.is_empty() || attempt.without_others;
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
        let ending = set.ending.as_ref().map(|call| &call.actor);
        for call in &attempt.first {
            let own = call.actor == *attacker || Some(&call.actor) == ending;
            assert!(own || call.actor == set.victim_call.actor, "{at}");
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
        let contested = attempt.victim_then.is_some();
        assert!(!asks || contested || attempt.missing.len() == 2, "{at}");
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
