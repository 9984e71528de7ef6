//! `header.user`: a spoofed user header.

use crate::attack::craft::with_header;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// A spoofed user header.
pub(in crate::attack) struct UserHeader;

const DOC: &str = "\
## What it does
Adds `X-User-Id` with the id of the victim's user, beside the own credentials. The control names the attacker itself.

## Why teams fall for it
The gateway writes who the caller is into a header after checking the token, and services behind it read nothing else
(RL-45); a guard that begins with `if (userId)` is about whoever the header says (RL-38).

## A correct target
Strips or refuses the header from outside.

## Example
    GET /services
    Authorization: Bearer <own token>
    X-User-Id: <user of the victim>
";

impl Attack for UserHeader {
    fn id(&self) -> &'static str {
        "header.user"
    }

    fn title(&self) -> &'static str {
        "a spoofed user header"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let (Some(user), true) = (ground.victim_user(), ground.has_credentials()) else {
            return Vec::new();
        };
        ground
            .bases()
            .into_iter()
            .map(|base| {
                let attempt = base
                    .titled("x-user-id")
                    .each(|call| with_header(call, "X-User-Id", user));
                match ground.own_user() {
                    Some(own) => {
                        attempt.controlled(with_header(ground.own_call.clone(), "X-User-Id", own))
                    }
                    None => attempt,
                }
            })
            .collect()
    }
}
