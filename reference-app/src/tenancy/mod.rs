//! Who calls, and in which tenant: host, token, cookie, session and the context that every handler goes through.
pub(crate) mod context;
pub(crate) mod cookie;
pub(crate) mod host;
pub(crate) mod issued;
pub(crate) mod keys;
pub(crate) mod password;
pub(crate) mod role;
pub(crate) mod session;
pub(crate) mod token;

pub(crate) use context::{Caller, TenantContext};
pub(crate) use role::Role;

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
