//! `plain.call`: the legitimate call as it is.

use crate::attack::{Attack, Attempt, Ground, Scope};

/// The legitimate call as it is.
pub(in crate::attack) struct PlainCall;

const DOC: &str = "\
## What it does
Makes the attacker's own legitimate call and nothing else. No part of it is foreign: what comes back of another tenant
comes back to everybody.

## Why teams fall for it
A list without a tenant term is right as long as the database holds one tenant (RL-36), a guard that is skipped without a
filter leaves exactly the bare list open (RL-09), `OR key IS NULL` shows nothing until somebody has such a row (RL-07), and
the dashboard's numbers are counted beside the filtered lists (RL-62).

## A correct target
Answers with rows of the caller's tenant and global ones only, and changes nothing else.

## Example
    GET /invoices
    Host: own.example.com
    Authorization: Bearer <own token>
";

impl Attack for PlainCall {
    fn id(&self) -> &'static str {
        "plain.call"
    }

    fn title(&self) -> &'static str {
        "the legitimate call as it is"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        vec![Attempt::plain("as it is", ground.own_call.clone())]
    }
}
