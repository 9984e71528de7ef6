//! Foreign ids in fields of the body that the own call leaves out.

use super::body::with_pointer;
use super::craft::shaped;
use super::{Absent, Attempt, Ground};

impl Ground<'_> {
    /// The own call with such a field added, a foreign id in it; the control has an own one there.
    pub(super) fn added(&self, absent: &Absent) -> Option<Attempt> {
        let slot = &absent.slot;
        let (own, _) = slot.own.first()?;
        let call = with_pointer(self.own_call, &absent.pointer, absent.added.clone())?;
        let with = |value: &str| Some(call.clone().with_slot(&slot.at, value));
        let attempt = shaped(slot, slot.at.clone(), own, with)?;
        Some(attempt.named(slot.label()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use crate::attack::testing::{Set, create, slot};
    use crate::attack::{Absent, Attack, Attempt, find};
    use crate::model::call::{Body, Call};
    use crate::model::route::Place;

    fn with_filter(mut set: Set) -> Set {
        set.facts.absent = vec![Absent {
            slot: slot(Place::Body, "/filter/clientId"),
            pointer: "/filter".to_owned(),
            added: json!({"kind": "brief", "clientId": ""}),
        }];
        set
    }

    fn filters(attack: &str, set: &Set) -> Vec<Attempt> {
        let attack: &dyn Attack = find(attack).unwrap();
        let mut all = attack.attempts(&set.ground());
        all.retain(|a| a.variant == "body /filter/clientId");
        all
    }

    fn filter(call: &Call) -> &Json {
        match &call.body {
            Some(Body::Json(json)) => &json["filter"],
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_filter_that_the_own_call_lacks_is_tried_with_a_foreign_and_an_own_id() {
        let search = || {
            let schema = json!({"properties": {"filter": {"type": "object"}}});
            Set::new("POST", "/reports/run").with_body(json!({"title": "x"}), schema)
        };
        for (attack, set) in [
            ("id.body", with_filter(search())),
            ("assign.reference", with_filter(create())),
        ] {
            let [attempt] = &filters(attack, &set)[..] else {
                panic!("{attack}");
            };
            let absent = &set.facts.absent[0].slot;
            let of = |value: &str| json!({"kind": "brief", "clientId": value});
            assert_eq!(*filter(&attempt.call), of(&absent.foreign[0].0), "{attack}");
            let control = attempt.control.as_ref().unwrap();
            assert_eq!(*filter(control), of(&absent.own[0].0));
            assert_eq!(attempt.reaches, [absent.foreign[0].1.clone()]);
            assert_eq!(attempt.missing.len(), 2);
        }
        // One attack is enough.
        assert!(filters("assign.reference", &with_filter(search())).is_empty());
        assert!(filters("id.body", &with_filter(create())).is_empty());
    }
}
