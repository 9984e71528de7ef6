//! `id.path`: a foreign id in the path.

use crate::attack::body::without_pointer;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Call;
use crate::model::route::Place;

/// A foreign id in the path.
pub(in crate::attack) struct Path;

const DOC: &str = r#"## What it does
Calls the route as always, with the id of the victim's row in the path. The tenant that the call addresses stays the
attacker's own. On routes with several ids in the path the `id.nested-*` attacks do this one by one.

## Why teams fall for it
The check is about something else than the row: membership of the URL's workspace (RL-01), the caller's role in its own org
(RL-02), a right that names another project (RL-03); the ORM scopes queries but not a fetch by primary key (RL-05); GET is
scoped and PATCH is not (RL-14); the policy asks whether the caller owns *a* company (RL-20).

## A correct target
Answers as it does for an id that nobody has, changes nothing, and says nothing about the row.

## Example
    PATCH /services/<foreign id>
    Host: own.example.com
    Authorization: Bearer <own token>

    {"name": "x"}
"#;

fn without_references(ground: &Ground<'_>, attempt: &Attempt) -> Attempt {
    let strip = |call: Call| {
        let slots = ground.slots_in(Place::Body);
        slots.fold(call, |call, slot| {
            without_pointer(&call, &slot.at.name).unwrap_or(call)
        })
    };
    let label = format!("{}, nothing referred to", attempt.variant);
    let own = strip(ground.own_call.clone());
    attempt.clone().named(label).each(strip).controlled(own)
}

impl Attack for Path {
    fn id(&self) -> &'static str {
        "id.path"
    }

    fn title(&self) -> &'static str {
        "a foreign id in the path"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let ids = ground.path_ids();
        let [only] = ids[..] else {
            return Vec::new();
        };
        let Some(attempt) = ground.exchange(&[only]) else {
            return Vec::new();
        };
        // A row of the victim's takes no references to the attacker's rows: a change without any gets further.
        let bare = Some(without_references(ground, &attempt))
            .filter(|bare| ground.route.method == "PATCH" && bare.call != attempt.call);
        std::iter::once(attempt).chain(bare).collect()
    }
}
