//! The fault table of the reference application: what it expects must exist.

use partywall::attack;
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
