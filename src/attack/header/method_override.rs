//! `header.method-override`: a foreign id by another method that a header overrides.

use crate::attack::craft::with_header;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Call;

/// A foreign id by another method that a header overrides.
pub(in crate::attack) struct MethodOverride;

/// The method sent and the header that names another.
const WAYS: &[(&str, &str)] = &[
    ("POST", "X-HTTP-Method-Override"),
    ("GET", "X-HTTP-Method-Override"),
    ("POST", "X-Method-Override"),
];

const DOC: &str = "\
## What it does
Sends the call with a foreign id as POST or GET and names the route's method in `X-HTTP-Method-Override` or
`X-Method-Override`. The control does the same on the own id.

## Why teams fall for it
The gate asks rights by the method on the request line, where a GET asks for none; the framework then routes by the header.
Twins that disagree: one verb has the check and the other does not (RL-14).

## A correct target
Ignores the header, or applies it before anything is checked.

## Example
    POST /services/<foreign id>
    Authorization: Bearer <own token>
    X-HTTP-Method-Override: DELETE
";

impl Attack for MethodOverride {
    fn id(&self) -> &'static str {
        "header.method-override"
    }

    fn title(&self) -> &'static str {
        "a foreign id by another method that a header overrides"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(foreign) = ground.foreign().map(Attempt::unasked) else {
            return Vec::new();
        };
        let wanted = &ground.route.method;
        WAYS.iter()
            .filter(|(sent, _)| sent != wanted)
            .map(|(sent, header)| {
                let bend = |mut call: Call| {
                    (*sent).clone_into(&mut call.method);
                    with_header(call, header, wanted)
                };
                foreign
                    .clone()
                    .named(format!("{} as {sent}", header.to_ascii_lowercase()))
                    .each(bend)
                    .controlled(bend(ground.own_call.clone()))
            })
            .collect()
    }
}
