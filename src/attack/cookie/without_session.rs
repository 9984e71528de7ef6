//! `cookie.without-session`: the victim in the cookie, without any other credential.

use super::{cookies, forged};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Seal, Sent};

/// The victim in the cookie, without any other credential.
pub(in crate::attack) struct WithoutSession;

const DOC: &str = "\
## What it does
Exchanges the own tenant for the victim in the cookie that says it, and sends that cookie alone: no token, no session.

## Why teams fall for it
The tenant's context is set up from the cookie before anybody asks who calls, and a handler takes a context for a log-in (kin
of RL-45: the tenant is what the client says).

## A correct target
Answers 401: a tenant is no caller.

## Example
    GET /services
    Host: victim.example.com
    Cookie: tenant_sig=<victim, old seal>
";

impl Attack for WithoutSession {
    fn id(&self) -> &'static str {
        "cookie.without-session"
    }

    fn title(&self) -> &'static str {
        "the victim in the cookie, without any other credential"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        cookies(ground)
            .map(|cookie| {
                forged(ground, &cookie.name, &Seal::Stale, Sent::Bare)
                    .named(format!("{}, cookie alone", cookie.name))
            })
            .collect()
    }
}
