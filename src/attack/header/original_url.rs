//! `header.original-url`: the victim's path in a rewriting header.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::attack::craft::{with_header, without_credentials};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Call;
use crate::model::route::template_names;

/// The victim's path in a rewriting header.
pub(in crate::attack) struct OriginalUrl;

/// What is escaped in a path segment or a pair of the query: all but the unreserved characters.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

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
        let Some(hostile) = path_of(ground, ground.victim_call) else {
            return Vec::new();
        };
        let victim = ground.as_victim();
        let at_own_path = path_of(ground, ground.own_call)
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

/// Path and query of a call; `None` where a segment is not known.
fn path_of(ground: &Ground<'_>, call: &Call) -> Option<String> {
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
