//! `filter.operator`: the tenant filtered by with an operator.

use serde_json::json;

use crate::attack::body::{at, with_pointer};
use crate::attack::names::{Holds, fields, holds, is_tenant, json};
use crate::attack::plain::with_query;
use crate::attack::shape::bulk;
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::pointer::escaped;

/// The tenant filtered by with an operator.
pub(in crate::attack) struct Operator;

const DOC: &str = r#"## What it does
Filters by the tenant under the first name that this target may use, and says how to compare: any but the own one, one of a
list, the victim in brackets (`filter[tenantId]`) and in a JSON object, in the query of a read; as operator objects in the
filter of a bulk write.

## Why teams fall for it
Query parsers turn brackets into objects, and data layers take objects for operators: the guard compares a text with the own
tenant, and a text it is not (kin of RL-35: the payload's tenant counts; RL-09: the caller's predicates and the scope are
merged, and one of the two is lost).

## A correct target
Takes no operators where it expects a value, or ANDs the scope to whatever is asked.

## Example
    PATCH /tasks/bulk
    Authorization: Bearer <own token>

    {"where": {"tenantId": {"in": ["<own>", "<victim>"]}}, "data": {"status": "done"}}
"#;

impl Attack for Operator {
    fn id(&self) -> &'static str {
        "filter.operator"
    }

    fn title(&self) -> &'static str {
        "the tenant filtered by with an operator"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let Some(name) = tenant_name(ground) else {
            return Vec::new();
        };
        let held = holds(&name).first().copied().unwrap_or(Holds::Key);
        let (own, victim) = (held.of(ground.own), held.of(ground.victim));
        if ground.route.is_safe() {
            return in_query(ground, &name, own, victim);
        }
        let (own, victim) = (json(own), json(victim));
        let Some(filter) = bulk(ground).and_then(|found| found.filter) else {
            return Vec::new();
        };
        // What is refused for its form shows nothing: the control has the same form, or at least is an operator.
        let equal = json!({ "eq": own });
        let operators = [
            (
                "one of a list",
                json!({ "in": [own, victim] }),
                json!({ "in": [own] }),
            ),
            ("not equal", json!({ "ne": own }), equal.clone()),
            ("not", json!({ "not": own }), equal.clone()),
            ("any text", json!({ "contains": "" }), equal),
        ];
        let pointer = format!("{filter}/{}", escaped(&name));
        operators
            .into_iter()
            .filter_map(|(variant, hostile, own)| {
                let with = |operator| with_pointer(ground.own_call, &pointer, operator);
                Some(Attempt::plain(variant, with(hostile)?).controlled(with(own)?))
            })
            .collect()
    }
}

/// The name of the tenant that stands in the filter of a bulk write; else the likeliest.
fn tenant_name(ground: &Ground<'_>) -> Option<String> {
    let filter = bulk(ground).and_then(|found| found.filter);
    let standing = filter
        .and_then(|filter| at(ground.own_call, &filter)?.as_object())
        .and_then(|conditions| conditions.keys().find(|name| is_tenant(ground.facts, name)));
    let likeliest = || fields(&ground.facts.tenant_names).first().copied();
    standing
        .map(String::as_str)
        .or_else(likeliest)
        .map(str::to_owned)
}

fn in_query(ground: &Ground<'_>, name: &str, own: &str, victim: &str) -> Vec<Attempt> {
    let list = format!("{own},{victim}");
    let object = |tenant: &str| json!({ name: json(tenant) }).to_string();
    let (own_object, object) = (object(own), object(victim));
    let (equal, among) = (format!("{name}[eq]"), format!("{name}[in]"));
    let (brackets, filter) = (format!("filter[{name}]"), "filter");
    let pairs = [
        (
            "any but the own",
            (&*format!("{name}[ne]"), own),
            (&*equal, own),
        ),
        ("one of a list", (&among, &list), (&among, own)),
        ("in brackets", (&brackets, victim), (&brackets, own)),
        ("in an object", (filter, &object), (filter, &own_object)),
    ];
    let base = ground.base();
    pairs
        .into_iter()
        .map(|(variant, hostile, control)| {
            let attempt = base.clone().titled(variant);
            attempt
                .each(|call| with_query(&call, hostile.0, hostile.1))
                .controlled(with_query(ground.own_call, control.0, control.1))
        })
        .collect()
}
