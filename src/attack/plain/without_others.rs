//! `plain.without-others`: the legitimate call, with and without rows of other tenants.

use serde_json::Value as Json;

use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::{Body, Call};

/// The legitimate call, with and without rows of other tenants.
pub(in crate::attack) struct WithoutOthers;

const DOC: &str = "\
## What it does
Makes the attacker's own legitimate read, takes the rows of all other tenants away, makes it again, puts them back, and makes it
once more. What it may see of them by rule (published rows, shared ones) stays. All routes share one go. A create is made as it
is, and again just after another tenant made the same.

## Why teams fall for it
The list is scoped, its total is a second query; the dashboard's numbers are written by hand beside it (RL-62). The next number
is the highest of all tenants' and one (RL-64). No value of a foreign row ever stands in such an answer.

## A correct target
Answers the same each time.

## Example
    GET /tasks     42 of them, \"total\": 118
    GET /tasks     42 of them, \"total\": 42, while the others' are away
";

impl Attack for WithoutOthers {
    fn id(&self) -> &'static str {
        "plain.without-others"
    }

    fn title(&self) -> &'static str {
        "the legitimate call, with and without rows of other tenants"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if ground.attacker.id.is_anonymous() {
            return Vec::new();
        }
        let read = Attempt {
            without_others: true,
            ..Attempt::plain("with and without", ground.own_call.clone())
        };
        match ground.route.method.as_str() {
            "POST" => {
                let numbered = |call: &Call| unnumbered(ground, call.clone());
                let create = read.named("after another's").each(|call| numbered(&call));
                vec![create.after(&numbered(ground.victim_call))]
            }
            _ if ground.route.is_safe() => vec![read],
            _ => Vec::new(),
        }
    }
}

/// The call without what must be unique and need not be sent: the target numbers the row itself, then.
fn unnumbered(ground: &Ground<'_>, mut call: Call) -> Call {
    let schema = ground.route.body.as_ref().map(|b| &b.schema["required"]);
    let required = |name: &str| {
        let all = schema.and_then(|r| r.as_array());
        all.is_some_and(|all| all.iter().any(|r| r == name))
    };
    if let Some(Body::Json(Json::Object(fields))) = &mut call.body {
        for unique in &ground.facts.uniques {
            let name = unique.at.name.trim_start_matches('/');
            if !required(name) {
                fields.remove(name);
            }
        }
    }
    call
}
