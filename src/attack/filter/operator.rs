//! `filter.operator`: the tenant filtered by with an operator.

use serde_json::json;

use crate::attack::body::{at, escape, with_pointer};
use crate::attack::names::{Holds, fields, holds, is_tenant};
use crate::attack::plain::with_query;
use crate::attack::shape::bulk;
use crate::attack::{Attack, Attempt, Ground, Scope};

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
        let Some(filter) = bulk(ground).and_then(|found| found.filter) else {
            return Vec::new();
        };
        let operators = [
            ("any but the own", json!({"ne": own, "not": own})),
            ("one of a list", json!({"in": [own, victim]})),
            ("any text", json!({"contains": ""})),
        ];
        let pointer = format!("{filter}/{}", escape(&name));
        operators
            .into_iter()
            .filter_map(|(variant, operator)| {
                let call = with_pointer(ground.own_call, &pointer, operator)?;
                Some(Attempt::plain(variant, call))
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
    let object = json!({ name: victim }).to_string();
    let pairs = [
        ("any but the own", format!("{name}[ne]"), own),
        ("one of a list", format!("{name}[in]"), list.as_str()),
        ("in brackets", format!("filter[{name}]"), victim),
        ("in an object", "filter".to_owned(), object.as_str()),
    ];
    let base = ground.base();
    pairs
        .into_iter()
        .map(|(variant, name, value)| {
            let attempt = base.clone().titled(variant);
            attempt.each(|call| with_query(&call, &name, value))
        })
        .collect()
}
