//! `id.conditional`: a foreign id with conditional, range and content negotiation headers.

use crate::attack::craft::with_header;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// A foreign id with conditional, range and content negotiation headers.
pub(in crate::attack) struct Conditional;

/// Variant, header and value; whether the own call with it is a control (a 304 on the own row is right, yet no success).
const HEADERS: &[(&str, &str, &str, bool)] = &[
    ("range", "Range", "bytes=0-1023", true),
    ("if-none-match", "If-None-Match", "*", false),
    ("accept csv", "Accept", "text/csv", true),
    ("accept html", "Accept", "text/html", true),
];

const DOC: &str = "\
## What it does
Asks for the victim's row with `Range`, `If-None-Match: *`, and other values of `Accept`: ways in which the same handler
answers by another branch.

## Why teams fall for it
A conditional request is answered from the stored validator before the row's tenant is looked at; a range is served by the
file layer, below the check; `Accept: text/csv` goes to the export's renderer, which has its own query (RL-34: export does
not inherit the scope that list has; RL-54: a cache varies by less than the answer does).

## A correct target
Answers as it does for an id that nobody has, whatever the headers say. A 304 or 412 for a foreign id alone is an answer,
too.

## Example
    GET /documents/<foreign id>
    Authorization: Bearer <own token>
    If-None-Match: *
";

impl Attack for Conditional {
    fn id(&self) -> &'static str {
        "id.conditional"
    }

    fn title(&self) -> &'static str {
        "a foreign id with conditional, range and content negotiation headers"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !ground.route.is_safe() || ground.path_ids().is_empty() {
            return Vec::new();
        }
        let Some(foreign) = ground.foreign() else {
            return Vec::new();
        };
        HEADERS
            .iter()
            .map(|(variant, name, value, has_control)| {
                let attempt = foreign
                    .clone()
                    .named(*variant)
                    .each(|call| with_header(call, name, value));
                if *has_control {
                    attempt.controlled(with_header(ground.own_call.clone(), name, value))
                } else {
                    attempt
                }
            })
            .collect()
    }
}
