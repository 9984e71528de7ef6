//! Family `header`: headers that a client should not be believed.

pub(super) mod forwarded_host;
pub(super) mod internal;
pub(super) mod method_override;
pub(super) mod middleware_subrequest;
pub(super) mod original_url;
pub(super) mod tenant;
pub(super) mod tenant_case;
pub(super) mod tenant_padded;
pub(super) mod tenant_synonym;
pub(super) mod tenant_twice;
pub(super) mod user;

use super::craft::with_header;
use super::names::Holds;
use super::{Attempt, Ground};
use crate::model::call::Call;
use crate::model::tenant::Tenant;

/// `base` with headers that name the victim; the control is the own call with the same ones naming the own tenant.
fn spoofed(ground: &Ground<'_>, base: &Attempt, headers: &[(String, Holds)]) -> Attempt {
    let with = |tenant: &Tenant, call: Call| {
        headers.iter().fold(call, |call, (name, held)| {
            with_header(call, name, held.of(tenant))
        })
    };
    base.clone()
        .each(|call| with(ground.victim, call))
        .controlled(with(ground.own, ground.own_call.clone()))
}

/// The call with all of these headers.
fn with_all(call: Call, headers: &[(String, String)]) -> Call {
    headers
        .iter()
        .fold(call, |call, (name, value)| with_header(call, name, value))
}
