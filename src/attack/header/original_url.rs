//! `header.original-url`: the victim's path in a rewriting header.

use crate::attack::craft::{request_target, with_header, without_credentials};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Call;

/// The victim's path in a rewriting header.
pub(in crate::attack) struct OriginalUrl;

/// The headers.
const HEADERS: &[&str] = &["X-Original-URL", "X-Rewrite-URL"];

const DOC: &str = "\
## What it does
Names the path of the victim's call in `X-Original-URL` and `X-Rewrite-URL`: on top of the own call, whose path is the
attacker's own; and on a call for `/` without any credentials.

## Why teams fall for it
Some frameworks route by these headers where they are set (they were made for rewriting servers), while the gate in front
checks the path on the request line: all authorisation sat there, and handlers assume that it has run (RL-47).

## A correct target
Routes by the request line alone.

## Example
    GET /services/<own id>
    Authorization: Bearer <own token>
    X-Original-URL: /services/<foreign id>
";

impl Attack for OriginalUrl {
    fn id(&self) -> &'static str {
        "header.original-url"
    }

    fn title(&self) -> &'static str {
        "the victim's path in a rewriting header"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(hostile) = request_target(ground, ground.victim_call) else {
            return Vec::new();
        };
        let victim = ground.as_victim();
        let at_own_path = request_target(ground, ground.own_call)
            .filter(|own| *own != hostile && ground.has_credentials());
        let on_own_call = Attempt {
            call: ground.own_call.clone(),
            ..victim.clone()
        };
        let nobody = victim.each(at_front_page);
        let mut all = Vec::new();
        for header in HEADERS {
            let variant = header.to_ascii_lowercase();
            if let Some(own) = &at_own_path {
                all.push(
                    on_own_call
                        .clone()
                        .named(format!("{variant}, own path"))
                        .each(|call| with_header(call, header, &hostile))
                        .controlled(with_header(ground.own_call.clone(), header, own)),
                );
            }
            all.push(
                nobody
                    .clone()
                    .named(format!("{variant}, no credentials"))
                    .each(|call| with_header(call, header, &hostile)),
            );
        }
        all
    }
}

/// The call sent to `/`, where nobody needs to be anybody.
fn at_front_page(call: Call) -> Call {
    let mut call = without_credentials(call);
    "/".clone_into(&mut call.template);
    call.path.clear();
    call.query.clear();
    call
}
