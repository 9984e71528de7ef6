//! The fault table of the reference application: what it expects must exist.

use partywall::attack::{self, ATTACKS};
use partywall::oracle::ORACLES;
use reference_app::faults::FAULTS;

#[test]
fn every_fault_is_expected_to_fall_to_an_attack_and_an_oracle_that_exist() {
    for fault in FAULTS {
        let (name, attack) = (fault.name, fault.attack);
        assert!(attack::find(attack).is_some(), "{name}: no attack {attack}");
        let mut oracles = ORACLES.iter().map(|o| o.id());
        assert!(
            oracles.any(|id| id == fault.oracle),
            "{name}: no oracle {}",
            fault.oracle
        );
    }
}

#[test]
fn every_attack_has_a_fault_that_it_is_expected_to_catch() {
    let idle: Vec<&str> = ATTACKS
        .iter()
        .map(|attack| attack.id())
        .filter(|id| FAULTS.iter().all(|fault| fault.attack != *id))
        .collect();
    assert!(idle.is_empty(), "no fault falls to {idle:?}");
}

#[test]
fn every_oracle_has_a_fault_that_it_is_expected_to_speak_of() {
    let silent: Vec<&str> = ORACLES
        .iter()
        .map(|oracle| oracle.id())
        .filter(|id| FAULTS.iter().all(|fault| fault.oracle != *id))
        .collect();
    assert!(silent.is_empty(), "no fault is told by {silent:?}");
}
