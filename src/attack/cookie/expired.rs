//! `cookie.expired`: a genuine cookie that has long expired.

use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{CookieTampering, Seal, Sent};

/// A genuine cookie that has long expired.
pub(in crate::attack) struct Expired;

const DOC: &str = r#"## What it does
Sends the attacker's own cookie as the target made it more than 400 days ago: the seal is right, the times in it are past.
Nothing in it is foreign: only a declared promise (`"cookie.expired" = 403`) judges the answer. Tried on reads, where the
description says how the cookie is made (`cookie` or `given_cookie` of the `[[login]]`).

## Why teams fall for it
`Max-Age` asks the browser to forget a cookie, and a thief's client does not; the seal shows who made it, not when. What has
ended goes on (RL-40, RL-44: what was handed out once is good for ever).

## A correct target
Seals the time in, and looks at it with each call.

## Example
    GET /services
    Authorization: Bearer <own token>
    Cookie: tenant_sig=<genuine, of 400 days ago>
"#;

impl Attack for Expired {
    fn id(&self) -> &'static str {
        "cookie.expired"
    }

    fn title(&self) -> &'static str {
        "a genuine cookie that has long expired"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let applies = ground.route.is_safe() && ground.has_credentials();
        let name = ground.facts.expired_cookie.as_ref().filter(|_| applies);
        let attempt = |name: &String| {
            let own = Attempt::plain(format!("{name}, long ago"), ground.own_call.clone());
            own.promised().each(|mut call| {
                call.tampering.cookie = Some(CookieTampering {
                    name: name.clone(),
                    of: None,
                    tenant: None,
                    seal: Seal::Expired,
                    sent: Sent::Alone,
                });
                call
            })
        };
        name.map(attempt).into_iter().collect()
    }
}
