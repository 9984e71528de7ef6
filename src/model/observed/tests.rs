//! What is taken up, and what is not.

use super::*;
use crate::model::call::Tampering;

const ACME: &str = "org-acme";
const BOLT: &str = "org-bolt";
const COVE: &str = "org-cove";

fn call(tenant: &str) -> Arc<Call> {
    Arc::new(Call {
        route: RouteId("GET /export".into()),
        method: "GET".into(),
        template: "/export".into(),
        actor: format!("{}.admin", &tenant[4..]).as_str().into(),
        tenant: Some(tenant.into()),
        path: BTreeMap::new(),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
        tampering: Tampering::default(),
    })
}

fn seen(tenant: &str, value: &str, place: &str) -> Sighting {
    Sighting {
        value: value.to_owned(),
        tenant: tenant.into(),
        source: Source::Call(call(tenant)),
        at: place.to_owned(),
        place: place.to_owned(),
        secret: false,
        lasting: false,
    }
}

fn found(observed: &Observed, text: &str) -> Vec<TenantKey> {
    let hits = observed.scan(text.as_bytes());
    hits.iter()
        .map(|h| h.provenance[0].tenant.clone())
        .collect()
}

const ONE: &str = "x7k2p9q4r8s3t6v1w5z0";
const TWO: &str = "b1n4m7c2v5x8z3l6k9j0";

#[test]
fn what_one_tenant_alone_sees_is_found_in_any_writing() {
    let mut observed = Observed::default();
    observed.note(Seer::Member, seen(ACME, ONE, "/link"));
    observed.note(Seer::Member, seen(ACME, ONE, "/link"));
    assert_eq!(observed.len(), 1);
    assert_eq!(
        found(&observed, &format!("/download/{ONE}?x")),
        [ACME.into()]
    );
    assert_eq!(found(&observed, &hex::encode(ONE)), [ACME.into()]);
    assert!(found(&observed, TWO).is_empty());
}

#[test]
fn what_others_are_shown_goes_with_all_that_stands_in_its_places() {
    for (seer, tenant) in [(Seer::Member, BOLT), (Seer::Anybody, COVE)] {
        let mut observed = Observed::default();
        observed.note(Seer::Member, seen(ACME, ONE, "/link"));
        observed.note(Seer::Member, seen(ACME, TWO, "/link"));
        observed.note(seer, seen(tenant, ONE, "/feed"));
        assert!(observed.is_empty(), "{seer:?}");
        observed.note(Seer::Member, seen(ACME, TWO, "/feed"));
        assert!(observed.is_empty(), "a place that is shared");
        observed.note(Seer::Member, seen(ACME, ONE, "/elsewhere"));
        assert!(observed.is_empty(), "a value that is shared");
        observed.note(Seer::Member, seen(ACME, TWO, "/own"));
        assert_eq!(observed.len(), 1);
    }
}

#[test]
fn what_anybody_sees_first_is_nobodys() {
    let mut observed = Observed::default();
    observed.note(Seer::Anybody, seen(ACME, ONE, "/link"));
    observed.note(Seer::Member, seen(ACME, ONE, "/link"));
    assert!(observed.is_empty());
}

#[test]
fn members_of_several_tenants_say_nothing_at_home_and_take_away_elsewhere() {
    let mut observed = Observed::default();
    observed.note(Seer::Several, seen(ACME, ONE, "/link"));
    assert!(observed.is_empty());
    observed.note(Seer::Member, seen(ACME, ONE, "/link"));
    observed.note(Seer::Several, seen(ACME, ONE, "/link"));
    assert_eq!(observed.len(), 1);
    observed.note(Seer::Several, seen(BOLT, ONE, "/link"));
    assert!(observed.is_empty());
}

#[test]
fn noise_pushes_nothing_else_out() {
    let mut observed = Observed::default();
    observed.note(Seer::Member, seen(ACME, ONE, "/link"));
    for n in 0..3 * VALUES {
        let noise = format!("r{n}q7w3e9t5y1u8i2o6p4a");
        observed.note(Seer::Member, seen(ACME, &noise, "/noise"));
    }
    assert_eq!(observed.len(), 1 + VALUES);
    assert_eq!(found(&observed, ONE), [ACME.into()]);
    for n in 0..2 * PLACES {
        let value = format!("p{n}q7w3e9t5y1u8i2o6p4a");
        observed.note(Seer::Member, seen(ACME, &value, &format!("/{n}")));
    }
    assert!(observed.len() <= 1 + VALUES + PLACES);
}

#[test]
fn a_restart_ends_what_was_in_memory_and_tells_what_is_computed() {
    let mut observed = Observed::default();
    let own = seen(ACME, ONE, "/link");
    observed.note(Seer::Member, own.clone());
    observed.restart();
    assert!(observed.is_empty());
    observed.note(Seer::Member, own);
    observed.note(Seer::Member, seen(ACME, TWO, "/link"));
    let lasting = |value| observed.canaries.get(value)[0].lasting;
    assert!(lasting(ONE) && !lasting(TWO));
}

#[test]
fn it_is_ones_own_when_others_asked_and_were_not_shown_it() {
    let mut observed = Observed::default();
    let own = seen(ACME, ONE, "/link");
    observed.asked(&ACME.into(), &call(ACME));
    assert!(!observed.is_ones_own(&own));
    let bolts = call(BOLT);
    observed.asked(&BOLT.into(), &bolts);
    assert!(observed.is_ones_own(&own));
    assert_eq!(observed.others_calls(&own), [bolts]);
    observed.restart();
    assert!(!observed.is_ones_own(&own));
    assert_eq!(observed.others_calls(&own).len(), 1);
}

#[test]
fn what_was_observed_elsewhere_is_taken_in_but_for_what_is_shown_to_several_or_here_to_another() {
    const THREE: &str = "q9w8e7r6t5y4u3i2o1p0";
    let mut here = Observed::default();
    here.note(Seer::Member, seen(ACME, ONE, "/link"));
    here.note(Seer::Member, seen(ACME, THREE, "/news"));
    let mut there = Observed::default();
    there.note(Seer::Member, seen(BOLT, ONE, "/job"));
    there.note(Seer::Member, seen(BOLT, TWO, "/token"));
    for tenant in [BOLT, COVE] {
        there.note(Seer::Member, seen(tenant, "k3f9x2m7q8zb1v6n4c5d", "/news"));
    }
    there.asked(&BOLT.into(), &call(BOLT));
    here.take_in(there);
    assert!(found(&here, ONE).is_empty(), "two tenants were shown it");
    assert_eq!(found(&here, TWO), [BOLT.into()]);
    assert!(found(&here, THREE).is_empty(), "the place is everybody's");
    assert!(here.is_ones_own(&seen(ACME, TWO, "/token")));
}
