//! Family `cookie`: the cookie that says which tenant a session is in, forged and sent in odd ways.
//!
//! Which cookie that is, and what seals it, is found out by a session's own (see `target::cookie`). A cookie that is a signed
//! token is the family `token`'s.

pub(super) mod encoded;
pub(super) mod expired;
pub(super) mod replayed;
pub(super) mod seal_length;
pub(super) mod tampered;
pub(super) mod twice;
pub(super) mod unsealed;
pub(super) mod weak_secret;
pub(super) mod without_session;

use super::{Attempt, Ground};
use crate::model::call::{Call, CookieTampering, Seal, Sent};
use crate::model::facts::TenantCookie;

/// Cookies that are forged.
const COOKIES: usize = 2;

/// The cookies to forge; none where the attacker has no session.
fn cookies<'a>(ground: &Ground<'a>) -> impl Iterator<Item = &'a TenantCookie> + use<'a> {
    let cookies = ground.facts.tenant_cookies.iter();
    cookies.take(COOKIES * usize::from(ground.has_credentials()))
}

/// The call with that cookie saying the victim.
fn with_cookie(ground: &Ground<'_>, mut call: Call, name: &str, seal: Seal, sent: Sent) -> Call {
    call.tampering.cookie = Some(CookieTampering {
        name: name.to_owned(),
        of: None,
        tenant: Some(ground.victim.key.clone()),
        seal,
        sent,
    });
    call
}

/// The victim's call, with the attacker's own token and the forged cookie: what it names must be the victim's, too, for a
/// target that believes the cookie.
fn forged(ground: &Ground<'_>, name: &str, seal: &Seal, sent: Sent) -> Attempt {
    let base = ground.as_victim();
    base.each(|call| with_cookie(ground, call, name, seal.clone(), sent))
}
