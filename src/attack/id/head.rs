//! `id.head`: a foreign id asked for by HEAD.

use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Call;

/// A foreign id asked for by HEAD.
pub(in crate::attack) struct Head;

const DOC: &str = "\
## What it does
Asks for the victim's row by HEAD where the route is a GET. There is no body to leak; status, length and headers speak.

## Why teams fall for it
The framework answers HEAD from the GET handler, but guards and routers that compare the verb know only GET (RL-38 is such a
second way in). The length of a foreign document, its `ETag` or `Last-Modified`, tell that it is there and when it changes.

## A correct target
Answers with the status and headers of an id that nobody has.

## Example
    HEAD /documents/<foreign id>
    Authorization: Bearer <own token>
";

impl Attack for Head {
    fn id(&self) -> &'static str {
        "id.head"
    }

    fn title(&self) -> &'static str {
        "a foreign id asked for by HEAD"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if ground.route.method != "GET" || ground.path_ids().is_empty() {
            return Vec::new();
        }
        let head = |mut call: Call| {
            "HEAD".clone_into(&mut call.method);
            call
        };
        ground
            .foreign()
            .map(|attempt| {
                attempt
                    .named("head")
                    .each(head)
                    .controlled(head(ground.own_call.clone()))
            })
            .into_iter()
            .collect()
    }
}
