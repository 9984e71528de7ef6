//! How attempts are put together: exchanging slots of the own call for foreign values, and what goes along with that.

use percent_encoding::utf8_percent_encode;

use super::{Attempt, Ground, Slot};
use crate::model::call::{Call, SlotRef};
use crate::model::route::{Place, template_names};
use crate::model::rows::RowRef;
use crate::target::placeholder::COMPONENT;

/// How many calls with values that no row has go with an attempt.
const MISSING: usize = 2;

/// What the variants of attempts with foreign ids end in.
const FOREIGN: &str = ", foreign id";

impl Slot {
    /// Whether it says which tenant the call addresses, `parameter` being the path's that does.
    pub(super) fn is_address(&self, parameter: Option<&String>) -> bool {
        self.is_tenant && self.at.place == Place::Path && parameter == Some(&self.at.name)
    }

    /// The foreign values that do not happen to be the attacker's as well (natural keys and small numbers overlap).
    pub(super) fn strangers(&self) -> impl Iterator<Item = &(String, RowRef)> {
        self.foreign
            .iter()
            .filter(|(value, _)| self.own.iter().all(|(own, _)| own != value))
    }

    /// The first foreign value.
    pub(super) fn stranger(&self) -> Option<&(String, RowRef)> {
        self.strangers().next()
    }

    /// How variants name the slot: `path id`, `body /items/0/id`.
    pub(super) fn label(&self) -> String {
        let place = match self.at.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Cookie => "cookie",
            Place::Body => "body",
        };
        format!("{place} {}", self.at.name)
    }
}

impl<'a> Ground<'a> {
    /// The slots of all places for which there is a foreign row, that of the address left out.
    pub(super) fn ids(&self) -> Vec<&'a Slot> {
        self.slots
            .iter()
            .filter(|s| !s.is_address(self.facts.tenant_in_path.as_ref()))
            .filter(|s| s.stranger().is_some())
            .collect()
    }

    /// [`Ground::ids`] of one place.
    pub(super) fn ids_in(&self, place: Place) -> Vec<&'a Slot> {
        let mut ids = self.ids();
        ids.retain(|s| s.at.place == place);
        ids
    }

    /// The path's ids in the order in which the path names them: parents first.
    pub(super) fn path_ids(&self) -> Vec<&'a Slot> {
        let mut ids = self.ids_in(Place::Path);
        ids.sort_by_key(|s| self.route.template.find(&format!("{{{}}}", s.at.name)));
        ids
    }

    /// The own call with foreign values in these slots; `None` where one of them has none, or cannot be set. Several
    /// slots take the values of the victim's own call, which belong together.
    pub(super) fn exchange(&self, slots: &[&Slot]) -> Option<Attempt> {
        let chosen: Vec<_> = slots
            .iter()
            .map(|slot| {
                let current = self.victim_call.slot(&slot.at);
                slot.strangers()
                    .find(|(value, _)| slots.len() > 1 && Some(value) == current.as_ref())
                    .or_else(|| slot.stranger())
            })
            .collect::<Option<_>>()?;
        let call = slots
            .iter()
            .zip(&chosen)
            .fold(self.own_call.clone(), |call, (slot, (value, _))| {
                call.with_slot(&slot.at, value)
            });
        if call == *self.own_call {
            return None;
        }
        let labels: Vec<_> = slots.iter().map(|s| s.label()).collect();
        Some(Attempt {
            slots: slots.iter().map(|s| s.at.clone()).collect(),
            reaches: chosen.iter().map(|(_, row)| row.clone()).collect(),
            missing: missing(self.own_call, slots),
            ..Attempt::plain(labels.join(" and "), call)
        })
    }

    /// The own call with every id exchanged for a foreign one.
    pub(super) fn foreign(&self) -> Option<Attempt> {
        let present =
            |slot: &&Slot| slot.at.place == Place::Path || self.own_call.slot(&slot.at).is_some();
        let ids: Vec<_> = self.ids().into_iter().filter(present).collect();
        if ids.is_empty() {
            return None;
        }
        Some(self.exchange(&ids)?.named(FOREIGN))
    }

    /// What an attack that adds something (a header, a host) builds on. Without calls with missing values: whether ids can
    /// be told apart is asked of the ids alone, where it costs less. Their variants are what its own is to end in.
    /// Where the path names a row that is the call with foreign ids; on a list or a create it is the own call first.
    /// Writes try the own row as well: it may be moved into the victim's hands.
    pub(super) fn bases(&self) -> Vec<Attempt> {
        let own = Attempt::plain("", self.own_call.clone());
        match self.foreign().map(Attempt::unasked) {
            None => vec![own],
            Some(foreign) if self.path_ids().is_empty() => vec![own, foreign],
            Some(foreign) if self.route.is_safe() => vec![foreign],
            Some(foreign) => vec![foreign, own],
        }
    }

    /// The most telling of [`Ground::bases`].
    pub(super) fn base(&self) -> Attempt {
        let mut bases = self.bases();
        bases.swap_remove(0)
    }

    /// The victim's own call, addressed to the victim, made by the attacker: for attacks on the identity itself. Without
    /// calls with missing values, too.
    pub(super) fn as_victim(&self) -> Attempt {
        let mut call = self.victim_call.clone();
        call.actor = self.attacker.id.clone();
        call.tampering.keep_home_credentials = true;
        let named: Vec<_> = self
            .slots
            .iter()
            .filter(|slot| !slot.is_address(self.facts.tenant_in_path.as_ref()))
            .filter_map(|slot| {
                let value = call.slot(&slot.at)?;
                let (_, row) = slot.strangers().find(|(v, _)| *v == value)?;
                Some((slot, row.clone()))
            })
            .collect();
        Attempt {
            slots: named.iter().map(|(slot, _)| slot.at.clone()).collect(),
            reaches: named.into_iter().map(|(_, row)| row).collect(),
            ..Attempt::plain("", call)
        }
    }

    /// How many of `most` names or spellings to try here: what changes data consumes rows and is dear.
    pub(super) fn afford(&self, most: usize) -> usize {
        if self.route.is_safe() {
            most
        } else {
            most.div_ceil(2)
        }
    }

    /// Whether the attacker has credentials to bend.
    pub(super) fn has_credentials(&self) -> bool {
        !self.attacker.id.is_anonymous() && !self.own_call.tampering.without_credentials
    }

    /// Whether calls say which tenant they address, apart from the credential.
    pub(super) fn is_addressed(&self) -> bool {
        self.facts.tenant_in_host
            || self.facts.tenant_in_path.is_some()
            || self.facts.tenant_in_header.is_some()
    }

    /// The user id of the victim's actor.
    pub(super) fn victim_user(&self) -> Option<&str> {
        self.victim_actor?.fields.get("id").map(String::as_str)
    }

    /// The user id of the attacker.
    pub(super) fn own_user(&self) -> Option<&str> {
        self.attacker.fields.get("id").map(String::as_str)
    }
}

/// `call` with values that no row has in all of `slots`.
fn missing(call: &Call, slots: &[&Slot]) -> Vec<Call> {
    (0..MISSING)
        .map_while(|n| {
            if slots.is_empty() {
                return None;
            }
            slots.iter().try_fold(call.clone(), |call, slot| {
                Some(call.with_slot(&slot.at, slot.missing.get(n)?))
            })
        })
        .collect()
}

impl Attempt {
    /// With this variant.
    pub(super) fn named(mut self, variant: impl Into<String>) -> Self {
        self.variant = variant.into();
        self
    }

    /// With `variant` before what its base is called.
    pub(super) fn titled(mut self, variant: &str) -> Self {
        self.variant.insert_str(0, variant);
        self
    }

    /// With the same change to the hostile call and to those with missing values.
    pub(super) fn each(mut self, change: impl Fn(Call) -> Call) -> Self {
        self.call = change(self.call);
        self.missing = self.missing.into_iter().map(change).collect();
        self
    }

    /// Without the calls with missing values.
    pub(super) fn unasked(mut self) -> Self {
        self.missing.clear();
        self
    }

    /// With this control.
    pub(super) fn controlled(mut self, control: Call) -> Self {
        self.control = Some(control);
        self
    }

    /// Made just after this legitimate call.
    pub(super) fn after(mut self, call: &Call) -> Self {
        self.first.push(call.clone());
        self
    }

    /// Made after this call, with the attacker's session from before it.
    pub(super) fn with_earlier_session(mut self, call: &Call) -> Self {
        self.call.tampering.session = Some(format!("before {}", call.route));
        self.after(call)
    }

    /// Judged by declared promises alone.
    pub(super) fn promised(mut self) -> Self {
        self.promise_only = true;
        self
    }
}

/// The call with one more header.
pub(super) fn with_header(mut call: Call, name: &str, value: &str) -> Call {
    call.headers.push((name.to_owned(), value.to_owned()));
    call
}

/// The call without credentials.
pub(super) fn without_credentials(mut call: Call) -> Call {
    call.tampering.without_credentials = true;
    call.tampering.keep_home_credentials = false;
    call
}

/// The row that a value of this slot names, where it is one of the victim's.
pub(super) fn named_row(slot: &Slot, value: &str) -> Vec<RowRef> {
    slot.strangers()
        .filter(|(v, _)| v == value)
        .map(|(_, row)| row.clone())
        .collect()
}

/// An attempt on the first foreign row of `slot`, whose value `shape` puts into a call in some shape of its own; the control
/// is the same shape with `own`. `at` is where the foreign value then stands.
pub(super) fn shaped(
    slot: &Slot,
    at: SlotRef,
    own: &str,
    shape: impl Fn(&str) -> Option<Call>,
) -> Option<Attempt> {
    let (foreign, row) = slot.stranger()?;
    let missing = slot.missing.iter().take(MISSING);
    Some(Attempt {
        control: shape(own),
        slots: vec![at],
        reaches: vec![row.clone()],
        missing: missing.filter_map(|value| shape(value)).collect(),
        ..Attempt::plain("", shape(foreign)?)
    })
}

/// The request target (path and query) that a call has on the wire; `None` where a segment is not known.
pub(super) fn request_target(ground: &Ground<'_>, call: &Call) -> Option<String> {
    let encode = |text: &str| utf8_percent_encode(text, COMPONENT).to_string();
    let mut path = call.template.clone();
    for name in template_names(&call.template) {
        let tenant_segment = || {
            let to_victim = call.tenant.as_ref() == Some(&ground.victim.key);
            let slot = ground
                .slots
                .iter()
                .find(|s| s.at.name == name && s.is_tenant)?;
            let side = if to_victim { &slot.foreign } else { &slot.own };
            side.first().map(|(value, _)| value.clone())
        };
        let value = call.path.get(name).cloned().or_else(tenant_segment)?;
        path = path.replace(&format!("{{{name}}}"), &encode(&value));
    }
    if !call.query.is_empty() {
        let pairs: Vec<_> = call
            .query
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        path = format!("{path}?{}", pairs.join("&"));
    }
    Some(path)
}
