//! Family `host`: another tenant's address, or none, with own credentials.

pub(super) mod apex;
pub(super) mod left_out;
pub(super) mod other_tenant;
pub(super) mod shape;
pub(super) mod unknown;

use super::Ground;
use super::craft::with_header;
use crate::model::call::Call;

/// The call addressed to the victim, with the credentials of home.
fn readdressed(ground: &Ground<'_>, mut call: Call) -> Call {
    call.tenant = Some(ground.victim.key.clone());
    call.tampering.keep_home_credentials = true;
    if let Some(name) = &ground.facts.tenant_in_path {
        // A segment that stands in the call is the own tenant's: the victim's is in the victim's call, or is filled in.
        match ground.victim_call.path.get(name) {
            Some(value) => {
                call.path.insert(name.clone(), value.clone());
            }
            None => {
                call.path.remove(name);
            }
        }
    }
    call
}

/// What addresses a call to exactly this text, where the address is a path segment or a header.
fn addressed_exactly(ground: &Ground<'_>, text: &str) -> Option<impl Fn(Call) -> Call + use<>> {
    let segment = ground.facts.tenant_in_path.clone();
    let header = ground.facts.tenant_in_header.clone();
    if segment.is_none() && header.is_none() {
        return None;
    }
    let text = text.to_owned();
    Some(move |mut call: Call| {
        if let Some(name) = &segment {
            call.path.insert(name.clone(), text.clone());
            return call;
        }
        call.tenant = None;
        with_header(call, header.as_deref().unwrap_or_default(), &text)
    })
}
