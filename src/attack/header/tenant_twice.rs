//! `header.tenant-twice`: a tenant header that comes twice.

use crate::attack::Facts;
use crate::attack::craft::with_header;
use crate::attack::names::{Holds, holds, is_declared, tenant_headers};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Call;

/// A tenant header that comes twice.
pub(in crate::attack) struct TenantTwice;

const DOC: &str = "\
## What it does
Sends the tenant header twice, the own value and the victim's, in both orders, and both values in one line; where calls
name their tenant in a header anyway, that one too. The control has the own value twice.

## Why teams fall for it
The gate reads the first one and the handler the last, or one sees a list where the other sees `own, victim`: a header is
validated, another one is used (RL-46: each half is validated, alone; RL-45).

## A correct target
Refuses a second one, or takes the tenant from elsewhere.

## Example
    GET /services
    Authorization: Bearer <own token>
    X-Tenant-Id: <own>
    X-Tenant-Id: <victim>
";

impl Attack for TenantTwice {
    fn id(&self) -> &'static str {
        "header.tenant-twice"
    }

    fn title(&self) -> &'static str {
        "a tenant header that comes twice"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let mut names = tenant_headers(ground.facts);
        if let Some(declared) = &ground.facts.tenant_in_header {
            let held = holds(declared).first().copied().unwrap_or(Holds::Key);
            names.insert(0, (declared.clone(), held));
        }
        let base = ground.base();
        let mut all = Vec::new();
        for (name, held) in names.iter().take(ground.afford(2)) {
            let (own, victim) = (held.of(ground.own), held.of(ground.victim));
            let ways = [
                ("own then victim", vec![own.to_owned(), victim.to_owned()]),
                ("victim then own", vec![victim.to_owned(), own.to_owned()]),
                ("own, victim in one line", vec![format!("{own}, {victim}")]),
                ("victim, own in one line", vec![format!("{victim}, {own}")]),
            ];
            for (how, values) in ways {
                let with = |values: &[String], call: Call| headed(ground.facts, call, name, values);
                let control = vec![own.to_owned(); 2];
                all.push(
                    base.clone()
                        .titled(&format!("{} {how}", name.to_ascii_lowercase()))
                        .each(|call| with(&values, call))
                        .controlled(with(&control, ground.own_call.clone())),
                );
            }
        }
        all
    }
}

/// The call with one header a value. A declared header is otherwise added when the call is written: it is left to us then,
/// since the order counts.
fn headed(facts: &Facts, mut call: Call, name: &str, values: &[String]) -> Call {
    if is_declared(facts, name) {
        call.tenant = None;
    }
    values
        .iter()
        .fold(call, |call, value| with_header(call, name, value))
}
